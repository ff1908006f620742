import { type DType, Tensor } from "@bluedot/core";
import { allocate, currentAutogradHook, dtypeInfo, type Storage } from "@bluedot/core/extend";
import { UnpicklingError } from "./errors.ts";
import { registeredParameterType } from "./parameter-registry.ts";

/** A storage named by a file: its elements' type, how many there are, and its memory, which is filled in when the file's layout says so. */
export interface LoadedStorage {
  readonly dtype: DType;
  readonly numel: number;
  readonly storage: Storage;
}

/** Memory of `nbytes` zero bytes. */
export function emptyStorage(nbytes: number): Storage {
  const storage = allocate(nbytes);
  storage.bytes().fill(0);
  return storage;
}

/** Memory holding a copy of `bytes`; booleans become 0 or 1 whatever the file says. */
export function storageOf(bytes: Uint8Array, dtype: DType): Storage {
  const storage = allocate(bytes.byteLength);
  fillStorage(storage, bytes, dtype);
  return storage;
}

/** Copies `bytes` into a storage of the same size. */
export function fillStorage(storage: Storage, bytes: Uint8Array, dtype: DType): void {
  const target = storage.bytes();
  target.set(bytes);
  if (dtype === "bool") for (let i = 0; i < target.length; i++) target[i] = target[i] === 0 ? 0 : 1;
}

function sizes(values: unknown, what: string): number[] {
  if (!Array.isArray(values)) throw new UnpicklingError(`_rebuild_tensor: ${what} is not a tuple`);
  for (const value of values) {
    if (!Number.isSafeInteger(value) || (value as number) < 0)
      throw new UnpicklingError(`_rebuild_tensor: ${what} holds ${String(value)}, expected integers >= 0`);
  }
  return [...(values as number[])];
}

/** A tensor over a loaded storage; its layout must lie inside. @throws {UnpicklingError} */
export function rebuildTensor(from: LoadedStorage, offset: unknown, size: unknown, stride: unknown, requiresGrad: boolean): Tensor {
  const shape = sizes(size, "size");
  const strides = sizes(stride, "stride");
  const [start] = sizes([offset], "storage_offset") as [number];
  if (shape.length !== strides.length)
    throw new UnpicklingError(`mismatch in length of strides and shape: size has ${shape.length} dimensions, stride ${strides.length}`);
  const numel = shape.reduce((a, b) => a * b, 1);
  let last = start;
  for (let d = 0; d < shape.length; d++) last += (shape[d]! - 1) * strides[d]!;
  if (!Number.isSafeInteger(numel) || (numel > 0 ? !(last < from.numel) : start > from.numel)) {
    throw new UnpicklingError(
      `setStorage: sizes [${shape.join(", ")}], strides [${strides.join(", ")}], storage offset ${start} are out of bounds for storage of ${from.numel} elements`,
    );
  }
  const tensor = new Tensor(from.storage, shape, strides, start, from.dtype);
  if (requiresGrad) {
    if (dtypeInfo[from.dtype].category < 2) throw new UnpicklingError("only Tensors of floating point dtype can require gradients");
    requireGrad(tensor);
  }
  return tensor;
}

/** Without autograd nothing is ever differentiated, and files load all the same. */
function requireGrad(tensor: Tensor): void {
  if (currentAutogradHook() !== null) tensor.requiresGrad = true;
}

/** `data` as a parameter: `nn`'s own when it is loaded, else a tensor that requires a gradient. */
export function rebuildParameter(data: unknown, requiresGrad: unknown): Tensor {
  if (!(data instanceof Tensor)) throw new UnpicklingError("_rebuild_parameter needs a tensor");
  const wanted = requiresGrad === true;
  const type = registeredParameterType();
  if (type !== undefined) return type.create(data, wanted);
  if (wanted) requireGrad(data);
  return data;
}
