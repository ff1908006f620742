import { isOptions } from "../../dispatch/arguments.ts";
import { device as deviceNamed, kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { emptyTensor, run } from "../../dispatch/run.ts";
import { DTypeError, TensorError } from "../../errors.ts";
import type { Generator } from "../../random/generator.ts";
import { encoder, toDoubles, writeDoubles } from "../../reference/loops.ts";
import { type DType, getDefaultDtype, isComplex } from "../../tensor/dtype.ts";
import { broadcastShapes, checkSizes, type Shape } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { checkFactoryOptions, filled, finish, zerosLike } from "../factory/filled.ts";
import { expandIfNeeded } from "../view/expand.ts";
import { checkStd, generatorOf, type RandomOptions } from "./checks.ts";
import { type DestinationOptions, destination, writeResult } from "./destination.ts";
import type { RandomFactoryOptions } from "./factories.ts";
import { fillFresh, normalOp } from "./fill-operators.ts";
import { spread } from "./in-place.ts";

interface Source {
  readonly generator: Generator;
}
interface WithStd extends Source {
  readonly std: number;
}
interface WithMean extends Source {
  readonly mean: number;
}

const specOf = (shape: Shape, dtype: DType) => ({ shape, dtype });

// PyTorch draws standard numbers and then scales and shifts them by operators, each of which rounds: so do these.

/** Normal numbers around each element of a tensor. */
const aroundOp: Op<readonly [Tensor], WithStd> = defineOp<readonly [Tensor], WithStd>({
  name: "normal_tensor_float",
  gradName: "NormalBackward1",
  infer: ([mean], { std }) => {
    checkStd(std);
    normalOp.infer([mean], null as never);
    return specOf(mean.shape, mean.dtype);
  },
  backward: [({ grad }) => zerosLike(grad)],
});

/** Normal numbers with the deviations of a tensor. */
const spreadOp: Op<readonly [Tensor], WithMean> = defineOp<readonly [Tensor], WithMean>({
  name: "normal_float_tensor",
  gradName: "NormalBackward2",
  infer: ([std]) => {
    refuseComplex(std);
    normalOp.infer([std], null as never);
    return specOf(std.shape, std.dtype);
  },
  backward: [({ grad }) => zerosLike(grad)],
});

/** Normal numbers with the means and deviations of two tensors, which broadcast; in the dtype of the means. */
const bothOp: Op<readonly [Tensor, Tensor], Source> = defineOp<readonly [Tensor, Tensor], Source>({
  name: "normal_tensor_tensor",
  gradName: "NormalBackward3",
  infer: ([mean, std]) => {
    refuseComplex(std);
    normalOp.infer([mean], null as never);
    return specOf(broadcastShapes(mean.shape, std.shape), mean.dtype);
  },
  backward: [({ grad }) => zerosLike(grad), ({ grad, specs: [, std] }) => filled(grad.shape, 0, std.dtype, grad.device)],
});

function refuseComplex(std: Tensor): void {
  if (isComplex(std.dtype)) throw new DTypeError("normal expects standard deviation to be non-complex");
}

function checkDeviations(std: Tensor): void {
  for (const value of toDoubles(std)) if (!(value >= 0)) throw new TensorError("normal expects all elements of std >= 0.0");
}

const rounding = (dtype: DType): ((x: number) => number) => {
  if (dtype === "float64") return (x) => x;
  if (dtype === "float32") return Math.fround;
  const encode = encoder(dtype) as (x: number) => number;
  const one = emptyTensor([1], dtype);
  return (x) => {
    (one.elements as Uint16Array)[one.offset] = encode(x);
    return toDoubles(one)[0]!;
  };
};

/** `out * std + mean`, rounded to the dtype of `out` after each of the two. */
function scale(out: Tensor, std: Float64Array | null, mean: Float64Array): void {
  const round = rounding(out.dtype);
  const numbers = toDoubles(out);
  for (let i = 0; i < numbers.length; i++) {
    const scaled = std === null ? numbers[i]! : round(numbers[i]! * std[i]!);
    numbers[i] = scaled + mean[i]!;
  }
  writeDoubles(out, numbers);
}

const broadcast = (t: Tensor, to: Shape): Float64Array => toDoubles(expandIfNeeded(t, to));

registerReferenceKernels([
  kernel(aroundOp, ([mean], [out], { std, generator }) => {
    fillFresh(normalOp, out!, { mean: 0, std: spread(out!, std), generator });
    if (isComplex(mean.dtype)) out!.add_(mean.detach());
    else scale(out!, null, toDoubles(mean));
  }),
  kernel(spreadOp, ([std], [out], { mean, generator }) => {
    checkDeviations(std);
    fillFresh(normalOp, out!, { mean: 0, std: 1, generator });
    scale(out!, toDoubles(std), new Float64Array(out!.count).fill(rounding(out!.dtype)(mean)));
  }),
  kernel(bothOp, ([mean, std], [out], { generator }) => {
    checkDeviations(std);
    fillFresh(normalOp, out!, { mean: 0, std: spread(out!, 1), generator });
    if (isComplex(mean.dtype)) out!.mul_(std.detach()).add_(mean.detach());
    else scale(out!, broadcast(std, out!.shape), broadcast(mean, out!.shape));
  }),
]);

type Operand = Tensor | number;
interface NormalFactoryOptions extends RandomFactoryOptions {
  mean?: Operand;
  std?: Operand;
  size?: Shape;
}

/**
 * Normal numbers: `normal(mean, std, size)` with two numbers; or with tensors of means or deviations (or both, which broadcast), one for
 * each element. @throws {TensorError} for a negative deviation @see torch.normal
 */
export function normal(
  mean: Tensor,
  std?: Operand | (RandomOptions & DestinationOptions & { std?: Operand }),
  options?: RandomOptions & DestinationOptions,
): Tensor;
export function normal(mean: number, std: Tensor, options?: RandomOptions & DestinationOptions): Tensor;
export function normal(mean: number, std: number, size: Shape, options?: RandomFactoryOptions): Tensor;
export function normal(mean: number, std: number, options: RandomFactoryOptions & { size: Shape }): Tensor;
export function normal(options: NormalFactoryOptions & { mean: Operand; std: Operand }): Tensor;
export function normal(...args: readonly unknown[]): Tensor {
  const given = args.filter((arg) => arg !== undefined);
  const named = (isOptions(given.at(-1)) ? given.pop() : {}) as NormalFactoryOptions;
  const {
    mean = given[0] as Operand,
    std = (given[1] ?? 1) as Operand,
    size = given[2] as Shape | undefined,
    generator,
    out,
    ...rest
  } = named;
  const options = checkFactoryOptions("normal", rest);
  const source = generatorOf("normal", generator);
  if (mean instanceof Tensor || std instanceof Tensor) return writeResult("normal", out, drawFor(mean, std, source), false);
  if (size === undefined) throw new TypeError('normal() missing 1 required positional arguments: "size"');
  checkStd(Number(std));
  const shape = checkSizes(size);
  const made =
    out == null
      ? emptyTensor(shape, options.dtype ?? getDefaultDtype(), options.device == null ? "cpu" : deviceNamed(options.device))
      : destination(out, shape, options.dtype);
  return finish(fillFresh(normalOp, made, { mean: Number(mean), std: spread(made, Number(std)), generator: source }), options);
}

function drawFor(mean: Operand, std: Operand, generator: Generator): Tensor {
  if (mean instanceof Tensor) {
    return std instanceof Tensor ? run(bothOp, [mean, std], { generator }) : run(aroundOp, [mean], { std: Number(std), generator });
  }
  return run(spreadOp, [std as Tensor], { mean: Number(mean), generator });
}
