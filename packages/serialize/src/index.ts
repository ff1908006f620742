import "./inflate-node.ts";

export { type FilePath, type LoadOptions, load, save } from "./files.ts";
export * from "./formats.ts";
export * as npy from "./npy-files.ts";
export * as safetensors from "./safetensors-files.ts";
