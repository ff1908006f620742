// The operators that search that are functions only.
export { bucketize, searchsorted } from "./search.ts";
