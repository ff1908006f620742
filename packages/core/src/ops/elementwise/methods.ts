// The pointwise operators that are also methods of Tensor.

export { i0, i0_ } from "../special/bessel.ts";
export { hardshrink, prelu } from "./activation.ts";
export {
  add,
  add_,
  mul,
  mul_,
  multiply,
  multiply_,
  neg,
  neg_,
  negative,
  negative_,
  positive,
  rsub,
  sub,
  sub_,
  subtract,
  subtract_,
} from "./arithmetic.ts";
export {
  bitwiseAnd,
  bitwiseAnd_,
  bitwiseLeftShift,
  bitwiseLeftShift_,
  bitwiseNot,
  bitwiseNot_,
  bitwiseOr,
  bitwiseOr_,
  bitwiseRightShift,
  bitwiseRightShift_,
  bitwiseXor,
  bitwiseXor_,
} from "./bitwise.ts";
export { apply_, map_, map2_ } from "./callback.ts";
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
export {
  div,
  div_,
  divide,
  divide_,
  floorDivide,
  floorDivide_,
  fmod,
  fmod_,
  remainder,
  remainder_,
  trueDivide,
  trueDivide_,
} from "./division.ts";
export { erf, erf_, erfc, erfc_, erfinv, erfinv_ } from "./error-function.ts";
export { exp, exp_, exp2, exp2_, expm1, expm1_, log, log_, log1p, log1p_, log2, log2_, log10, log10_ } from "./exponential.ts";
export { clamp, clamp_, clampMax, clampMax_, clampMin, clampMin_, clip, clip_, fmax, fmin, maximum, minimum } from "./extrema.ts";
export { fillDiagonal_ } from "./fill-diagonal.ts";
export { frexp, nanToNum, nanToNum_, nextafter, nextafter_ } from "./float-format.ts";
export {
  digamma,
  digamma_,
  igamma,
  igamma_,
  igammac,
  igammac_,
  lgamma,
  lgamma_,
  mvlgamma,
  mvlgamma_,
  polygamma_,
  polygammaMethod as polygamma,
} from "./gamma.ts";
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
export { gcd, gcd_, lcm, lcm_ } from "./integers.ts";
export { ldexp, ldexp_, logaddexp, logaddexp2, xlogy, xlogy_ } from "./log-space.ts";
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
export { logit, logit_ } from "./logit.ts";
export { addcdiv, addcdiv_, addcmul, addcmul_, lerp, lerp_ } from "./multiply-add.ts";
export { allclose, equal, isclose, isreal } from "./nearness.ts";
export {
  arctan2,
  arctan2_,
  atan2,
  atan2_,
  copysign,
  copysign_,
  deg2rad,
  deg2rad_,
  heaviside,
  heaviside_,
  hypot,
  hypot_,
  rad2deg,
  rad2deg_,
} from "./plane.ts";
export { floatPower, floatPower_, pow, pow_, reciprocal, reciprocal_, rsqrt, rsqrt_, sqrt, sqrt_, square, square_ } from "./power.ts";
export { relu, relu_ } from "./relu.ts";
export { ceil, ceil_, fix, fix_, floor, floor_, frac, frac_, round, round_, trunc, trunc_ } from "./rounding.ts";
export { sigmoid, sigmoid_ } from "./sigmoid.ts";
export { abs, abs_, absolute, absolute_, sgn, sgn_, sign, sign_, signbit } from "./sign.ts";
export { sinc, sinc_ } from "./sinc.ts";
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
