import type { Tensor } from "@bluedot/core";
import { type FilePath, readBytes, writeFile } from "./files.ts";
import { type NpyArray, npyFromTensor, npzFromTensors, parseNpy, tensorFromNpy, tensorsFromNpz } from "./npy.ts";

/** The array of an `.npy` file as a tensor. @throws {UnpicklingError} @see numpy.load */
export const load = (source: FilePath | Uint8Array): Tensor => tensorFromNpy(readBytes(source));

/** The array of an `.npy` file as it is there, for dtypes that tensors lack. @throws {UnpicklingError} */
export const loadArray = (source: FilePath | Uint8Array): NpyArray => parseNpy(readBytes(source));

/** Writes a tensor as an `.npy` file, whole or not at all. @see numpy.save */
export const save = (path: FilePath, tensor: Tensor): void => writeFile(path, npyFromTensor(tensor));

/** The arrays of an `.npz` archive by name. @throws {UnpicklingError} @see numpy.load */
export const loadNpz = (source: FilePath | Uint8Array): Map<string, Tensor> => tensorsFromNpz(readBytes(source));

/** Writes tensors as an `.npz` archive, not compressed. @see numpy.savez */
export const saveNpz = (path: FilePath, tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>): void =>
  writeFile(path, npzFromTensors(tensors));
