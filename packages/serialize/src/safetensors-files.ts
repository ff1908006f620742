import type { Tensor } from "@bluedot/core";
import { type FilePath, readBytes, writeFile } from "./files.ts";
import { safetensorsFromTensors, tensorsFromSafetensors } from "./safetensors.ts";

/** The tensors of a safetensors file by name. @throws {UnpicklingError} @see safetensors.torch.load_file */
export const load = (source: FilePath | Uint8Array): Map<string, Tensor> => tensorsFromSafetensors(readBytes(source)).tensors;

/** The free text entries of a safetensors file. @throws {UnpicklingError} */
export const loadMetadata = (source: FilePath | Uint8Array): Map<string, string> => tensorsFromSafetensors(readBytes(source)).metadata;

/** Writes tensors as a safetensors file, whole or not at all. @see safetensors.torch.save_file */
export const save = (
  tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  path: FilePath,
  metadata?: ReadonlyMap<string, string> | Readonly<Record<string, string>>,
): void => writeFile(path, safetensorsFromTensors(tensors, metadata));
