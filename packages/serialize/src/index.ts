export * from "./bytes.ts";
export { type FilePath, type LoadOptions, load, save } from "./files.ts";
export * as npy from "./npy-files.ts";
export * as safetensors from "./safetensors-files.ts";
