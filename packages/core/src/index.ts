import "./reference/index.ts";
import { installMethods } from "./ops/methods.ts";
import { Tensor } from "./tensor/tensor.ts";

installMethods(Tensor.prototype);

export { emptyCache, memoryStats } from "./dispatch/allocator.ts";
export { device } from "./dispatch/backend.ts";
export { keep, scope } from "./dispatch/scope.ts";
export * as distributions from "./distributions/index.ts";
export * from "./errors.ts";
export * as multiprocessing from "./multiprocessing.ts";
// `polygamma(n, input)` is the function; the method is `input.polygamma(n)`.
export { polygamma } from "./ops/elementwise/gamma.ts";
// `where(condition, input, other)` is the function; the method `input.where(condition, other)` takes them in another order.
export { where } from "./ops/elementwise/where.ts";
export * as fft from "./ops/fft/namespace.ts";
export * from "./ops/functions.ts";
export * as linalg from "./ops/linalg/namespace.ts";
export * as random from "./ops/random/rng-state.ts";
export * as special from "./ops/special/namespace.ts";
export * from "./ops/tensor-methods.ts";
export { defaultGenerator, Generator } from "./random/generator.ts";
export type { DType, TypedArray } from "./tensor/dtype.ts";
// `torch.float` and the like are dtypes; the casts of those names are methods only.
export {
  bfloat16,
  bool,
  complex64,
  complex128,
  double,
  float,
  float16,
  float32,
  float64,
  getDefaultDtype,
  half,
  int,
  int8,
  int16,
  int32,
  int64,
  long,
  setDefaultDtype,
  short,
  uint8,
} from "./tensor/dtype.ts";
export { type FloatLimits, finfo, type IntegerLimits, iinfo } from "./tensor/dtype-limits.ts";
export { channelsLast, channelsLast3d, contiguousFormat, type MemoryFormat, preserveFormat } from "./tensor/memory-format.ts";
export { getPrintOptions, type PrintOptions, setPrintOptions } from "./tensor/print.ts";
export { canCast, promoteTypes, resultType } from "./tensor/promotion.ts";
export { ComplexScalar, complexScalar, type Scalar } from "./tensor/scalar.ts";
export type { Shape } from "./tensor/shape.ts";
export { isTensor, Tensor } from "./tensor/tensor.ts";
