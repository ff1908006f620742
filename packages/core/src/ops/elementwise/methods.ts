// The pointwise operators that are also methods of Tensor.
export { add, add_, div, div_, floorDivide, floorDivide_, mul, mul_, neg, neg_, rsub, sub, sub_ } from "./arithmetic.ts";
export {
  eq,
  eq_,
  ge,
  ge_,
  greater,
  greater_,
  greaterEqual,
  greaterEqual_,
  gt,
  gt_,
  le,
  le_,
  less,
  less_,
  lessEqual,
  lessEqual_,
  lt,
  lt_,
  ne,
  ne_,
  notEqual,
  notEqual_,
} from "./comparison.ts";
export { angle, conj, conjPhysical, conjPhysical_, isConj, isNeg, resolveConj, resolveNeg } from "./complex.ts";
export { exp, exp_, exp2, exp2_, expm1, expm1_, log, log_, log1p, log1p_, log2, log2_, log10, log10_ } from "./exponential.ts";
export { clamp, clamp_, clampMax, clampMax_, clampMin, clampMin_, clip, clip_, fmax, fmin, maximum, minimum } from "./extrema.ts";
export {
  acosh,
  acosh_,
  arccosh,
  arccosh_,
  arcsinh,
  arcsinh_,
  arctanh,
  arctanh_,
  asinh,
  asinh_,
  atanh,
  atanh_,
  cosh,
  cosh_,
  sinh,
  sinh_,
  tanh,
  tanh_,
} from "./hyperbolic.ts";
export {
  isfinite,
  isinf,
  isnan,
  isneginf,
  isposinf,
  logicalAnd,
  logicalAnd_,
  logicalNot,
  logicalNot_,
  logicalOr,
  logicalOr_,
  logicalXor,
  logicalXor_,
} from "./logical.ts";
export { floatPower, floatPower_, pow, pow_, reciprocal, reciprocal_, rsqrt, rsqrt_, sqrt, sqrt_, square, square_ } from "./power.ts";
export { relu, relu_ } from "./relu.ts";
export { ceil, ceil_, fix, fix_, floor, floor_, frac, frac_, round, round_, trunc, trunc_ } from "./rounding.ts";
export { sigmoid, sigmoid_ } from "./sigmoid.ts";
export { abs, abs_, absolute, absolute_, sgn, sgn_, sign, sign_, signbit } from "./sign.ts";
export {
  acos,
  acos_,
  arccos,
  arccos_,
  arcsin,
  arcsin_,
  arctan,
  arctan_,
  asin,
  asin_,
  atan,
  atan_,
  cos,
  cos_,
  sin,
  sin_,
  tan,
  tan_,
} from "./trigonometric.ts";
export { whereMethod as where } from "./where.ts";
