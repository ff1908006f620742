// The factories that are methods, a line a file.
export { fill_, zero_ } from "./filled.ts";
export { newEmpty, newEmptyStrided, newFull, newOnes, newTensor, newZeros } from "./like.ts";
