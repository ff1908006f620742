import { addressOfBuffer, moveToSharedMemory } from "./dispatch/allocator.ts";
import { isOptions } from "./dispatch/arguments.ts";
import { AutogradError } from "./errors.ts";
import type { DType } from "./tensor/dtype.ts";
import { Storage } from "./tensor/storage.ts";
import { Tensor } from "./tensor/tensor.ts";

/** A tensor as a message carries it: where it lies in shared memory, and how it is read. */
interface TensorHandle {
  readonly bluedot: "tensor";
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly nbytes: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly dtype: DType;
  readonly requiresGrad: boolean;
}

/**
 * `value` as `postMessage` and `workerData` can carry it to another thread: tensors in it, in Maps, arrays and plain objects, are moved to
 * shared memory and sent as handles. What one thread writes, the others see; nothing keeps them from writing at the same time.
 *
 * ```ts
 * const worker = new Worker(url, { workerData: torch.multiprocessing.toMessage(net.stateDict()) });
 * // in the worker
 * net.loadStateDict(torch.multiprocessing.fromMessage(workerData), { assign: true });
 * ```
 * @throws {AutogradError} for a tensor that was computed from others and wants a gradient @throws {TypeError} for a module
 * @see torch.multiprocessing
 */
export function toMessage(value: unknown): unknown {
  if (value instanceof Tensor) return handleOf(value);
  if (typeof value === "function")
    throw new TypeError("functions and modules can't be sent to a worker; send what they are made from, such as `module.stateDict()`");
  if (Array.isArray(value)) return value.map(toMessage);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, toMessage(item)]));
  return isPlain(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toMessage(item)])) : value;
}

/** What {@link toMessage} was given, its tensors over the same memory. */
export function fromMessage<T = unknown>(message: unknown): T {
  return restore(message, new Map()) as T;
}

function restore(message: unknown, storages: Map<SharedArrayBuffer, Storage[]>): unknown {
  if (isHandle(message)) return tensorOf(message, storages);
  if (Array.isArray(message)) return message.map((item) => restore(item, storages));
  if (message instanceof Map) return new Map([...message].map(([key, item]) => [key, restore(item, storages)]));
  return isPlain(message) ? Object.fromEntries(Object.entries(message).map(([key, item]) => [key, restore(item, storages)])) : message;
}

function handleOf(tensor: Tensor): TensorHandle {
  if (tensor.requiresGrad && !tensor.isLeaf) {
    throw new AutogradError(
      "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not support crossing process boundaries.  If you just want to transfer the data, call detach() on the tensor before serializing (e.g., putting it on the queue).",
    );
  }
  moveToSharedMemory(tensor.storage);
  const { buffer, byteOffset } = tensor.storage.block;
  return {
    bluedot: "tensor",
    buffer: buffer as ArrayBufferLike as SharedArrayBuffer,
    byteOffset,
    nbytes: tensor.storage.nbytes,
    shape: [...tensor.shape],
    strides: [...tensor.strides],
    offset: tensor.offset,
    dtype: tensor.dtype,
    requiresGrad: tensor.requiresGrad,
  };
}

function tensorOf(handle: TensorHandle, storages: Map<SharedArrayBuffer, Storage[]>): Tensor {
  const known = storages.get(handle.buffer) ?? [];
  let storage = known.find(({ block, nbytes }) => block.byteOffset === handle.byteOffset && nbytes === handle.nbytes);
  if (storage === undefined) {
    const buffer = handle.buffer as ArrayBufferLike as ArrayBuffer;
    const start = addressOfBuffer(buffer);
    storage = Storage.fromBuffer(buffer, handle.byteOffset, handle.nbytes, start === 0 ? 0 : start + handle.byteOffset);
    storages.set(handle.buffer, [...known, storage]);
  }
  const tensor = new Tensor(storage, handle.shape, handle.strides, handle.offset, handle.dtype);
  if (handle.requiresGrad) tensor.requiresGrad = true;
  return tensor;
}

const isPlain = (value: unknown): value is Record<string, unknown> => isOptions(value);
const isHandle = (value: unknown): value is TensorHandle => isPlain(value) && value["bluedot"] === "tensor";
