// The pointwise operators that are functions only.
export {
  celu,
  celu_,
  elu,
  elu_,
  glu,
  hardsigmoid,
  hardswish,
  hardtanh,
  hardtanh_,
  leakyRelu,
  leakyRelu_,
  logsigmoid,
  mish,
  relu6,
  selu,
  selu_,
  silu,
  softplus,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
  threshold_,
} from "./activation.ts";
export { complex, imag, polar, real, viewAsComplex, viewAsReal } from "./complex.ts";
export { polygamma } from "./gamma.ts";
export { gelu } from "./gelu.ts";
export { isin } from "./membership.ts";
export { where } from "./where.ts";
