// The operators on shapes that are functions only, a line a file.
export { broadcastShapesOf as broadcastShapes, broadcastTensors } from "./atleast.ts";
export { cat, columnStack, concat, concatenate, dstack, hstack, rowStack, stack, vstack } from "./cat.ts";
export { blockDiag } from "./diagonal.ts";
export { trilIndices, triuIndices } from "./triangle.ts";
