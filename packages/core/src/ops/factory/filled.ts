import { isOptions, nothingElse, required, signature } from "../../dispatch/arguments.ts";
import { device as deviceNamed, kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { emptyTensor, launch, runInto } from "../../dispatch/run.ts";
import { AutogradError, DTypeError } from "../../errors.ts";
import { writeBigInts, writeDoubles } from "../../reference/loops.ts";
import { type DType, dtypeInfo, getDefaultDtype, isComplex, isDType, isIntegral } from "../../tensor/dtype.ts";
import { type MemoryFormat, stridesIn } from "../../tensor/memory-format.ts";
import { checkNames } from "../../tensor/names.ts";
import { ComplexScalar, type Scalar, scalarDType, scalarNumber, scalarValue } from "../../tensor/scalar.ts";
import { checkSizes, type Shape, sizesOf } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { checkFits } from "./fits.ts";

/** What every factory takes. */
export interface FactoryOptions {
  /** Element type. Default: the default dtype (float32), or the source's for `*Like` and `new*`. */
  dtype?: DType | null | undefined;
  device?: string | null | undefined;
  /** Whether operations on the result are recorded. Default false. */
  requiresGrad?: boolean | undefined;
  /** Names of the dimensions. */
  names?: readonly (string | null)[] | null | undefined;
  layout?: unknown;
  pinMemory?: boolean | undefined;
  memoryFormat?: unknown;
}

const factoryOptions = new Set(["dtype", "device", "requiresGrad", "names", "layout", "pinMemory", "memoryFormat"]);

/** Checks factory options. @throws {TypeError} on an unknown one @throws {DTypeError} on an unknown dtype */
export function checkFactoryOptions(name: string, options: FactoryOptions): FactoryOptions {
  for (const key of Object.keys(options)) {
    if (!factoryOptions.has(key))
      throw new TypeError(`${name}() got an unexpected keyword argument '${key}'; it takes ${[...factoryOptions].join(", ")}`);
  }
  if (options.dtype != null && !isDType(options.dtype)) throw new DTypeError(`${name}(): unknown dtype ${String(options.dtype)}`);
  return options;
}

function namesFor(out: Tensor, names: readonly (string | null)[]): readonly (string | null)[] | null {
  const checked = checkNames(names, out.ndim);
  return checked.every((name) => name === null) ? null : checked;
}

/** Gives a new tensor the names and requiresGrad of factory options. */
export function finish(out: Tensor, options: FactoryOptions): Tensor {
  if (options.names != null) out.dimNames = namesFor(out, options.names);
  if (options.requiresGrad) {
    if (isIntegral(out.dtype)) throw new AutogradError("Only Tensors of floating point and complex dtype can require gradients");
    out.requiresGrad = true;
  }
  return out;
}

/** Sizes and options from the arguments of `zeros(2, 3, options?)` or `zeros([2, 3], options?)`. */
export function sizesAndOptions(name: string, args: readonly unknown[]): [Shape, FactoryOptions] {
  const last = args[args.length - 1];
  if (!isOptions(last)) return [checkSizes(sizesOf(args.filter((a) => a !== undefined) as (number | Shape)[])), {}];
  const { size, ...options } = last as FactoryOptions & { size?: Shape };
  const sizes = size ?? sizesOf(args.slice(0, -1) as (number | Shape)[]);
  return [checkSizes(sizes), checkFactoryOptions(name, options)];
}

/** Sets every element to one value. */
export const fillOp: Op<readonly [Tensor], Scalar> = defineOp<readonly [Tensor], Scalar>({
  name: "fill",
  infer: ([self]) => self,
  elementwise: true,
  constant: true,
  backward: [({ grad }) => zerosLike(grad)],
});

/** Sets every element to zero. */
const zeroOp: Op<readonly [Tensor], undefined> = defineOp<readonly [Tensor]>({
  name: "zero",
  infer: ([self]) => self,
  elementwise: true,
  constant: true,
  backward: [({ grad }) => zerosLike(grad)],
});

registerReferenceKernels([
  kernel(zeroOp, (inputs, outputs) => launch(fillOp, inputs, outputs, 0)),
  kernel(fillOp, (_, [out], value) => {
    const target = out!;
    const plain = scalarValue(value);
    if (isComplex(target.dtype)) {
      const parts = [scalarNumber(value), value instanceof ComplexScalar ? value.im : 0];
      writeDoubles(
        target,
        Float64Array.from({ length: target.count * 2 }, (_v, i) => parts[i % 2]!),
      );
    } else if (typeof plain === "bigint") {
      writeBigInts(target, new BigInt64Array(target.count).fill(plain));
    } else if (target.contiguousLayout && (target.dtype === "float32" || target.dtype === "float64")) {
      (target.elements as Float64Array).fill(Number(plain), target.offset, target.offset + target.count);
    } else writeDoubles(target, new Float64Array(target.count).fill(Number(plain)));
  }),
]);

/** A new tensor of one value. */
export function filled(shape: Shape, value: Scalar, dtype: DType, device = "cpu"): Tensor {
  const out = emptyTensor(shape, dtype, device);
  launch(fillOp, [out], [out], value);
  return out;
}

const make = (shape: Shape, value: Scalar | null, dtype: DType, options: FactoryOptions): Tensor => {
  const device = options.device == null ? "cpu" : deviceNamed(options.device);
  return finish(value === null ? emptyTensor(shape, dtype, device) : filled(shape, value, dtype, device), options);
};

type SizeArguments =
  | [...size: number[]]
  | [size: Shape]
  | [...size: number[], options: FactoryOptions]
  | [size: Shape, options: FactoryOptions];

/** A tensor of zeros. Sizes come one by one or as an array, options last. @throws {ShapeError} on a negative size @see torch.zeros */
export function zeros(...args: SizeArguments | [options: FactoryOptions & { size: Shape }]): Tensor {
  const [shape, options] = sizesAndOptions("zeros", args);
  return make(shape, 0, options.dtype ?? getDefaultDtype(), options);
}
/** A tensor of ones. @see torch.ones */
export function ones(...args: SizeArguments | [options: FactoryOptions & { size: Shape }]): Tensor {
  const [shape, options] = sizesAndOptions("ones", args);
  return make(shape, 1, options.dtype ?? getDefaultDtype(), options);
}
/** A tensor whose elements are whatever the memory holds. @see torch.empty */
export function empty(...args: SizeArguments | [options: FactoryOptions & { size: Shape }]): Tensor {
  const [shape, options] = sizesAndOptions("empty", args);
  return make(shape, null, options.dtype ?? getDefaultDtype(), options);
}
/** A tensor filled with `fillValue`, whose kind gives the dtype (a bigint int64, a boolean bool, a number the default). @see torch.full */
export function full(
  size: Shape | (FactoryOptions & { size: Shape; fillValue: Scalar }),
  fillValue?: Scalar,
  options: FactoryOptions = {},
): Tensor {
  if (isOptions(size)) {
    const { size: sizes, fillValue: value, ...rest } = size as FactoryOptions & { size: Shape; fillValue: Scalar };
    return full(sizes, value, rest);
  }
  if (isOptions(fillValue)) {
    const { fillValue: value, ...rest } = fillValue as unknown as FactoryOptions & { fillValue: Scalar };
    return full(size as Shape, value, rest);
  }
  checkFactoryOptions("full", options);
  const value = fillValue!;
  const dtype = options.dtype ?? (typeof value === "number" ? getDefaultDtype() : scalarDType(value));
  checkFits(value, dtype);
  return make(checkSizes(size as Shape), value, dtype, options);
}

const like = (name: string, self: Tensor, value: Scalar | null, options: FactoryOptions): Tensor => {
  checkFactoryOptions(name, options);
  const dtype = options.dtype ?? self.dtype;
  if (value !== null) checkFits(value, dtype);
  const format = (options.memoryFormat ?? "preserve_format") as MemoryFormat;
  if (self.contiguousLayout && format === "preserve_format") {
    const out = make(self.shape, value, dtype, { ...options, device: options.device ?? self.device });
    if (options.names == null && self.dimNames !== null) out.dimNames = self.dimNames;
    return out;
  }
  const out = emptyTensor(self.shape, dtype, options.device == null ? self.device : deviceNamed(options.device));
  const strides = stridesIn(format, self);
  if (strides !== null) out.relayout(out.shape, strides, 0);
  if (value !== null) launch(fillOp, [out], [out], value);
  if (self.dimNames !== null) out.dimNames = self.dimNames;
  return finish(out, options);
};

/** Zeros of `self`'s shape, dtype and device. @see torch.zeros_like */
export const zerosLike = (self: Tensor, options: FactoryOptions = {}): Tensor => like("zerosLike", self, 0, options);
/** Ones of `self`'s shape, dtype and device. @see torch.ones_like */
export const onesLike = (self: Tensor, options: FactoryOptions = {}): Tensor => like("onesLike", self, 1, options);
/** Uninitialised memory of `self`'s shape, dtype and device. @see torch.empty_like */
export const emptyLike = (self: Tensor, options: FactoryOptions = {}): Tensor => like("emptyLike", self, null, options);
/** `fillValue` everywhere in `self`'s shape, dtype and device. @see torch.full_like */
export function fullLike(self: Tensor, fillValue: Scalar | (FactoryOptions & { fillValue: Scalar }), options: FactoryOptions = {}): Tensor {
  if (isOptions(fillValue)) {
    const { fillValue: value, ...rest } = fillValue as FactoryOptions & { fillValue: Scalar };
    return like("fullLike", self, value, rest);
  }
  return like("fullLike", self, fillValue as Scalar, options);
}

/** Sets every element to `value`, in place. @see torch.Tensor.fill_ */
export function fill_(self: Tensor, value: Scalar | Tensor | { value: Scalar | Tensor }, ...extra: never[]): Tensor {
  const given: Scalar | Tensor = extra.length === 0 && !isOptions(value) ? (value as Scalar | Tensor) : bindFill([value, ...extra]).value;
  if (given instanceof Tensor) {
    if (given.ndim > 0) throw new DTypeError(`fill_ only supports 0-dimension value tensor but got tensor with ${given.ndim} dimensions.`);
    return self.copy_(given);
  }
  if (given instanceof ComplexScalar && !isComplex(self.dtype)) {
    throw new DTypeError(`value cannot be converted to type ${dtypeInfo[self.dtype].scalarType.toLowerCase()} without overflow`);
  }
  return runInto(fillOp, self, [self], given);
}
/** Sets every element to zero, in place. @see torch.Tensor.zero_ */
export function zero_(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("zero_", extra);
  return runInto(zeroOp, self, [self], undefined);
}

/** A copy of `self`'s shape, dtype and device filled with `value`. @see torch.fill */
export function fill(self: Tensor, value: Scalar | Tensor | { value: Scalar | Tensor }, ...extra: never[]): Tensor {
  return fill_(self.clone(), bindFill([value, ...extra]).value);
}
const bindFill = signature("fill", { value: required });
