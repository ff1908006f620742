// The operators that search that are functions only.
export { bucketize, isin, searchsorted } from "./search.ts";
