import { isOptions } from "../../dispatch/arguments.ts";
import { device as deviceNamed } from "../../dispatch/backend.ts";
import { emptyTensor } from "../../dispatch/run.ts";
import { TensorError } from "../../errors.ts";
import type { Generator } from "../../random/generator.ts";
import { type DType, getDefaultDtype } from "../../tensor/dtype.ts";
import { checkSizes, type Shape, sizesOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkFactoryOptions, type FactoryOptions, finish } from "../factory/filled.ts";
import { checkPermutationSize, generatorOf, integerArgument, integerRange, type RandomOptions } from "./checks.ts";
import { type DestinationOptions, destination } from "./destination.ts";
import { type FillOp, fillFresh, integersOp, normalOp, permutationOp, uniformOp } from "./fill-operators.ts";
import { spread } from "./in-place.ts";
import { stridesInOrderOf } from "./memory-order.ts";

/** What random factories take: the options of every factory, a generator, and a destination. */
export interface RandomFactoryOptions extends FactoryOptions, RandomOptions, DestinationOptions {}

interface Request {
  readonly generator: Generator;
  readonly out: Tensor | null | undefined;
  readonly options: FactoryOptions;
  /** A tensor whose memory order the new one takes over. */
  readonly like?: Tensor;
}

/** @throws {TypeError} on an unknown option */
function split(name: string, given: RandomFactoryOptions): Request {
  const { generator, out, ...options } = given;
  return { generator: generatorOf(name, generator), out, options: checkFactoryOptions(name, options) };
}

/** The tensor a factory fills: `out`, or a new one. */
function target(shape: Shape, dtype: DType, { out, options, like }: Request): Tensor {
  if (out != null) return destination(out, shape, options.dtype);
  const made = emptyTensor(shape, dtype, options.device == null ? "cpu" : deviceNamed(options.device));
  if (like !== undefined && !like.contiguousLayout) made.relayout(shape, stridesInOrderOf(like), 0);
  return made;
}

function make<P extends { generator: Generator }>(
  shape: Shape,
  dtype: DType,
  request: Request,
  op: FillOp<P>,
  params: (out: Tensor) => P,
): Tensor {
  const out = target(checkSizes(shape), dtype, request);
  return finish(fillFresh(op, out, params(out)), request.options);
}

type SizeArguments =
  | [...size: number[]]
  | [size: Shape]
  | [...size: number[], options: RandomFactoryOptions]
  | [size: Shape, options: RandomFactoryOptions]
  | [options: RandomFactoryOptions & { size: Shape }];

function sized(name: string, args: readonly unknown[]): [Shape, Request] {
  const given = args.filter((arg) => arg !== undefined);
  const last = given.at(-1);
  if (!isOptions(last)) return [sizesOf(given as (number | Shape)[]), split(name, {})];
  const { size, ...options } = last as RandomFactoryOptions & { size?: Shape };
  return [size ?? sizesOf(given.slice(0, -1) as (number | Shape)[]), split(name, options)];
}

const uniformWith = (generator: Generator) => () => ({ from: 0, to: 1, generator });
const normalWith = (generator: Generator) => (out: Tensor) => ({ mean: 0, std: spread(out, 1), generator });

/**
 * A tensor of numbers uniform on [0, 1). Sizes come one by one or as an array, options last.
 * @throws {DTypeError} for integer dtypes @see torch.rand
 */
export function rand(...args: SizeArguments): Tensor {
  const [shape, request] = sized("rand", args);
  return make(shape, request.options.dtype ?? getDefaultDtype(), request, uniformOp, uniformWith(request.generator));
}

/** A tensor of normal numbers of mean 0 and deviation 1. @throws {DTypeError} for integer dtypes @see torch.randn */
export function randn(...args: SizeArguments): Tensor {
  const [shape, request] = sized("randn", args);
  return make(shape, request.options.dtype ?? getDefaultDtype(), request, normalOp, normalWith(request.generator));
}

interface LikeOptions extends FactoryOptions, RandomOptions {}

function requestLike(name: string, self: Tensor, options: LikeOptions): [DType, Request] {
  const request = split(name, options);
  const { options: given } = request;
  const names = given.names ?? self.dimNames;
  return [given.dtype ?? self.dtype, { ...request, like: self, options: { ...given, device: given.device ?? self.device, names } }];
}

/** Numbers uniform on [0, 1) in `self`'s shape, dtype and device. @throws {DTypeError} for integer dtypes @see torch.rand_like */
export function randLike(self: Tensor, options: LikeOptions = {}): Tensor {
  const [dtype, request] = requestLike("randLike", self, options);
  return make(self.shape, dtype, request, uniformOp, uniformWith(request.generator));
}

/** Normal numbers in `self`'s shape, dtype and device. @throws {DTypeError} for integer dtypes @see torch.randn_like */
export function randnLike(self: Tensor, options: LikeOptions = {}): Tensor {
  const [dtype, request] = requestLike("randnLike", self, options);
  return make(self.shape, dtype, request, normalOp, normalWith(request.generator));
}

type Integer = number | bigint;
interface RandintOptions extends RandomFactoryOptions {
  low?: Integer;
  high?: Integer;
  size?: Shape;
}

function integers(shape: Shape, dtype: DType, request: Request, low: unknown, high: unknown): Tensor {
  const from = integerArgument("randint", "low", low);
  const to = integerArgument("randint", "high", high);
  const range = integerRange(request.out?.dtype ?? dtype, from, to);
  return make(shape, dtype, request, integersOp, () => ({ ...range, generator: request.generator }));
}

/**
 * A tensor of integers uniform on [low, high), int64 unless another dtype is asked for: `randint(high, size)` or `randint(low, high, size)`.
 * @throws {TensorError} for an empty range, or one beyond the dtype @see torch.randint
 */
export function randint(high: Integer, size: Shape, options?: RandomFactoryOptions): Tensor;
export function randint(low: Integer, high: Integer, size: Shape, options?: RandomFactoryOptions): Tensor;
export function randint(options: RandintOptions & { high: Integer; size: Shape }): Tensor;
export function randint(low: Integer, high: Integer, options: RandintOptions & { size: Shape }): Tensor;
export function randint(high: Integer, options: RandintOptions & { size: Shape }): Tensor;
export function randint(...args: readonly unknown[]): Tensor {
  const given = args.filter((arg) => arg !== undefined);
  const last = given.at(-1);
  const { low, high, size, ...rest } = (isOptions(last) ? given.pop() : {}) as RandintOptions;
  const shape = size ?? (given.pop() as Shape | undefined);
  if (!Array.isArray(shape)) throw new TypeError('randint() missing 1 required positional arguments: "size"');
  const end = high ?? given.pop();
  const start = low ?? given.pop() ?? 0;
  if (end === undefined) throw new TypeError('randint() missing 1 required positional arguments: "high"');
  const request = split("randint", rest);
  return integers(shape, request.options.dtype ?? "int64", request, start, end);
}

/**
 * Integers uniform on [low, high) in `self`'s shape, dtype and device: `randintLike(self, high)` or `randintLike(self, low, high)`.
 * @see torch.randint_like
 */
export function randintLike(self: Tensor, high: Integer | (LikeOptions & { low?: Integer; high: Integer }), options?: LikeOptions): Tensor;
export function randintLike(self: Tensor, low: Integer, high: Integer, options?: LikeOptions): Tensor;
export function randintLike(self: Tensor, ...args: readonly unknown[]): Tensor {
  const given = args.filter((arg) => arg !== undefined);
  const { low, high, ...rest } = (isOptions(given.at(-1)) ? given.pop() : {}) as LikeOptions & { low?: Integer; high?: Integer };
  const end = high ?? given.pop();
  const start = low ?? given.pop() ?? 0;
  const [dtype, request] = requestLike("randintLike", self, rest);
  return integers(self.shape, dtype, request, start, end);
}

/** A random permutation of the integers 0 ... n - 1, int64 unless another dtype is asked for. @throws {TensorError} for a negative `n` @see torch.randperm */
export function randperm(n: number | bigint | (RandomFactoryOptions & { n: number }), options: RandomFactoryOptions = {}): Tensor {
  if (isOptions(n)) {
    const { n: size, ...rest } = n as RandomFactoryOptions & { n: number };
    return randperm(size, rest);
  }
  const size = Number(integerArgument("randperm", "n", n));
  const request = split("randperm", options);
  if (size < 0 && request.out != null) throw new TensorError(`n must be non-negative, got${size}`);
  const dtype = request.options.dtype ?? "int64";
  checkSizes([size]);
  checkPermutationSize(request.out?.dtype ?? dtype, size);
  return make([size], dtype, request, permutationOp, () => ({ generator: request.generator }));
}
