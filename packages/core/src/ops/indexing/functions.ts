// What indexing needs besides methods.
export type { Index, IndexArray } from "./at.ts";
export { Slice, type SliceString, slice } from "./slice.ts";
