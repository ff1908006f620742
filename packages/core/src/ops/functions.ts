// The operators that are functions only: factories, and what takes no single receiver.
export { empty, emptyLike, full, fullLike, ones, onesLike, zeros, zerosLike } from "./factory/filled.ts";
export { asTensor, fromTypedArray, tensor } from "./factory/tensor.ts";
