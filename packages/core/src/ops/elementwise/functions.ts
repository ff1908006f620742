// The pointwise operators that are functions only.
export { complex, imag, polar, real, viewAsComplex, viewAsReal } from "./complex.ts";
export { where } from "./where.ts";
