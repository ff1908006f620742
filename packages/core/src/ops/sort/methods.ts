// The operators that sort and search that are methods, a line a file.
export { argsort, kthvalue, msort, sort, topk } from "./sort.ts";
