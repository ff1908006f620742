import { itemSize } from "@bluedot/core/extend";
import { ByteReader } from "./byte-reader.ts";
import { isTuple } from "./containers.ts";
import { UnpicklingError } from "./errors.ts";
import { asLoadedStorage, findGlobal, storageDType } from "./globals.ts";
import { PickleReader } from "./pickle-reader.ts";
import { emptyStorage, fillStorage, type LoadedStorage } from "./tensor-codec.ts";

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
const noStorages = { findGlobal, persistentLoad: () => refuse("a persistent id outside the data") };

function refuse(detail: string): never {
  throw new UnpicklingError(`Invalid magic number; corrupt file? ${detail}`);
}

/**
 * The format of `torch.save` before PyTorch 1.6: pickles of a magic number, a protocol version, the writing system and the value, a list of storage keys,
 * then for each key the number of elements (eight bytes) and the elements.
 */
export function loadLegacy(bytes: Uint8Array): unknown {
  const reader = new ByteReader(bytes);
  if (new PickleReader(reader, noStorages).load() !== MAGIC) refuse("this is not a file of torch.save");
  const protocol = new PickleReader(reader, noStorages).load();
  if (protocol !== PROTOCOL) throw new UnpicklingError(`Invalid protocol version: ${String(protocol)}`);
  const system = new PickleReader(reader, noStorages).load();
  if (system instanceof Map && system.get("little_endian") === false)
    throw new UnpicklingError("files written on big-endian machines are not supported");

  const storages = new Map<string, LoadedStorage>();
  let claimed = 0;
  const value = new PickleReader(reader, {
    findGlobal,
    persistentLoad(id) {
      if (!isTuple(id) || id[0] !== "storage" || id.length < 5 || id.length > 6)
        throw new UnpicklingError("a persistent id is not a storage");
      const [, type, key, , numel, view] = id;
      const dtype = storageDType(type);
      if (typeof key !== "string" || !Number.isSafeInteger(numel) || (numel as number) < 0)
        throw new UnpicklingError("a storage of the file has no key or size");
      if (view !== undefined && view !== null) throw new UnpicklingError("views of storages, as PyTorch 0.3 wrote them, are not supported");
      const known = storages.get(key);
      if (known !== undefined) {
        if (known.dtype !== dtype || known.numel !== numel) throw new UnpicklingError(`storage ${key} is described in two ways`);
        return known;
      }
      const nbytes = (numel as number) * itemSize(dtype);
      claimed += nbytes;
      if (claimed > bytes.length) throw new UnpicklingError(`storage ${key} claims ${String(numel)} elements, more than the file holds`);
      const storage = asLoadedStorage({ dtype, numel: numel as number, storage: emptyStorage(nbytes) });
      storages.set(key, storage);
      return storage;
    },
  }).load();

  const keys = new PickleReader(reader, noStorages).load();
  if (!Array.isArray(keys)) throw new UnpicklingError("the list of storage keys is not a list");
  const filled = new Set<unknown>();
  for (const key of keys) {
    const target = storages.get(key as string);
    if (target === undefined || filled.has(key)) throw new UnpicklingError(`storage key ${String(key)} is not used by the data`);
    filled.add(key);
    if (reader.int64() !== BigInt(target.numel))
      throw new UnpicklingError(`storage ${String(key)} has the wrong size: the data says ${target.numel} elements`);
    fillStorage(target.storage, reader.take(target.numel * itemSize(target.dtype)), target.dtype);
  }
  for (const [key, { numel }] of storages)
    if (numel > 0 && !filled.has(key)) throw new UnpicklingError(`storage ${key} is missing from the file`);
  return value;
}
