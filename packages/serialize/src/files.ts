import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { loadBytes } from "./load-bytes.ts";
import { saveBytes } from "./save-bytes.ts";

const require = createRequire(import.meta.url);

/** Where a file is: a path, a `file:` URL. */
export type FilePath = string | URL;

/** Options of {@link load}. */
export interface LoadOptions {
  /** Where tensors go; files are always read to the CPU, so only `"cpu"` is accepted. */
  mapLocation?: "cpu" | null;
  /** Only data is ever loaded; `false` is refused. */
  weightsOnly?: true;
}

/** Writes through a temporary file beside `path`, so that a crash leaves the old file or the new one, never half of one. */
export function writeFile(path: FilePath, bytes: Uint8Array): void {
  // Loaded when first used: most programs save nothing.
  const { sync } = require("write-file-atomic") as typeof import("write-file-atomic");
  sync(typeof path === "string" ? path : fileURLToPath(path), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/** The bytes of a file, or the bytes given. */
export function readBytes(source: FilePath | Uint8Array): Uint8Array {
  return source instanceof Uint8Array ? source : readFileSync(source);
}

/**
 * Saves tensors and plain data in PyTorch's format, which PyTorch reads too. The file appears whole or not at all.
 *
 * @throws {PicklingError} for what is not data, before the file is touched. @see torch.save
 */
export function save(value: unknown, path: FilePath): void {
  writeFile(path, saveBytes(value));
}

/**
 * Loads what {@link save} or PyTorch's `torch.save` wrote, from a path, a URL or bytes.
 *
 * @throws {UnpicklingError} when the file is damaged or asks for more than data. @see torch.load
 */
export function load(source: FilePath | Uint8Array, options: LoadOptions = {}): unknown {
  for (const [name, value] of Object.entries(options)) {
    if (name === "mapLocation") {
      if (value !== undefined && value !== null && value !== "cpu")
        throw new TypeError(`load: mapLocation ${String(value)} is not supported, move the tensors after loading with x.to(device)`);
    } else if (name === "weightsOnly") {
      if (value === false) throw new TypeError("load: weightsOnly: false is not supported, no code of a file is ever run");
    } else throw new TypeError(`load: unknown option ${name}, expected one of mapLocation, weightsOnly`);
  }
  return loadBytes(readBytes(source));
}
