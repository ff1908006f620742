// The indexing operators that are methods, a line a file.
export { at, setAt } from "./at.ts";
export { gather, takeAlongDim } from "./gather.ts";
export { indexReduce, indexReduce_ } from "./index-reduce.ts";
export { indexSelect } from "./index-select.ts";
export { indexAdd, indexAdd_, indexCopy, indexCopy_, indexFill, indexFill_ } from "./index-write.ts";
export { maskedFill, maskedFill_, maskedScatter, maskedScatter_, maskedSelect } from "./masked.ts";
export { argwhere, nonzero } from "./nonzero.ts";
export { indexPut, indexPut_, put, put_, take } from "./put.ts";
export { isNonzero, item, tolist, typedArray } from "./read.ts";
export { scatter, scatter_, scatterAdd, scatterAdd_ } from "./scatter.ts";
export { scatterReduce, scatterReduce_ } from "./scatter-reduce.ts";
