// The operators that sort and search that are methods, a line a file.
export { bincount, histc, histogram } from "./histogram.ts";
export { argsort, kthvalue, msort, sort, topk } from "./sort.ts";
export { unique, uniqueConsecutive } from "./unique.ts";
