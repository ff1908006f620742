import type { DType, Tensor } from "@bluedot/core";
import { itemSize, type Storage } from "@bluedot/core/extend";
import { PicklingError } from "./errors.ts";
import { PickleWriter } from "./pickle-writer.ts";
import { zipStored } from "./zip-writer.ts";

/**
 * What `torch.save` writes for `value`, in PyTorch's zip format; PyTorch's `torch.load` reads it. Tensors that share memory are stored once.
 * A view takes its whole storage along, as in PyTorch: save `x.clone()` to keep the part only.
 *
 * @throws {PicklingError} for a value that is not data, naming its path, and for tensors that view one storage as two dtypes.
 * @see torch.save
 */
export function saveBytes(value: unknown): Uint8Array {
  const storages = new Map<Storage, { key: string; dtype: DType }>();
  const pickle = new PickleWriter((tensor: Tensor) => {
    const { storage, dtype } = tensor;
    let entry = storages.get(storage);
    if (entry === undefined) storages.set(storage, (entry = { key: String(storages.size), dtype }));
    else if (entry.dtype !== dtype)
      throw new PicklingError("Cannot save multiple tensors or storages that view the same data as different types");
    return { key: entry.key, numel: Math.floor(storage.nbytes / itemSize(dtype)) };
  }).dump(value);

  const encoder = new TextEncoder();
  const records = new Map([["archive/data.pkl", pickle]]);
  for (const [storage, { key, dtype }] of storages) {
    records.set(`archive/data/${key}`, storage.bytes().subarray(0, storage.nbytes - (storage.nbytes % itemSize(dtype))));
  }
  records.set("archive/version", encoder.encode("3\n"));
  records.set("archive/byteorder", encoder.encode("little"));
  return zipStored(records);
}
