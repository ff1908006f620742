import { itemSize } from "@bluedot/core/extend";
import { ByteReader } from "./byte-reader.ts";
import { isTuple } from "./containers.ts";
import { UnpicklingError } from "./errors.ts";
import { asLoadedStorage, findGlobal, storageDType } from "./globals.ts";
import { loadLegacy } from "./legacy-format.ts";
import { PickleReader } from "./pickle-reader.ts";
import { type LoadedStorage, storageOf } from "./tensor-codec.ts";
import { ZipReader } from "./zip-reader.ts";

/**
 * Reads what `torch.save` wrote, here or in PyTorch: the zip format and the older one.
 *
 * Dictionaries come as `Map`, lists and tuples as arrays (see `isTuple`), bytes as `Uint8Array`, integers beyond 2^53 as `bigint`, dtypes as their names.
 * Tensors that shared memory share it again, with their strides and offsets. The file can hold data only: a name that stands for code is refused.
 *
 * @throws {UnpicklingError} when the bytes are no such file, are damaged, or name something that is not data.
 * @see torch.load
 */
export function loadBytes(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw new UnpicklingError("Ran out of input: the file is empty");
  return ZipReader.matches(bytes) ? loadZip(bytes) : loadLegacy(bytes);
}

function loadZip(bytes: Uint8Array): unknown {
  let archive: ZipReader;
  try {
    archive = new ZipReader(bytes);
  } catch (error) {
    throw new UnpicklingError(`PytorchStreamReader ${(error as Error).message}`, { cause: error });
  }
  const main = [...archive.records.keys()].find(
    (name) => name.endsWith("/data.pkl") && name.indexOf("/") === name.length - "/data.pkl".length,
  );
  if (main === undefined)
    throw new UnpicklingError("PytorchStreamReader failed: the archive has no data.pkl, so it is no file of torch.save");
  const folder = main.slice(0, -"data.pkl".length);
  const read = (name: string): Uint8Array => {
    try {
      return archive.read(folder + name);
    } catch (error) {
      throw new UnpicklingError(`PytorchStreamReader ${(error as Error).message}`, { cause: error });
    }
  };
  if (archive.records.has(`${folder}byteorder`) && new TextDecoder().decode(read("byteorder")) !== "little") {
    throw new UnpicklingError("files written on big-endian machines are not supported");
  }

  const storages = new Map<string, LoadedStorage>();
  return new PickleReader(new ByteReader(read("data.pkl")), {
    findGlobal,
    persistentLoad(id) {
      if (!isTuple(id) || id.length !== 5 || id[0] !== "storage") throw new UnpicklingError("a persistent id is not a storage");
      const [, type, key, , numel] = id;
      const dtype = storageDType(type);
      if (typeof key !== "string" || !Number.isSafeInteger(numel) || (numel as number) < 0)
        throw new UnpicklingError("a storage of the file has no key or size");
      const known = storages.get(key);
      if (known !== undefined) {
        if (known.dtype !== dtype || known.numel !== numel)
          throw new UnpicklingError("Cannot load multiple tensors that view the same data as different types");
        return known;
      }
      const nbytes = (numel as number) * itemSize(dtype);
      const record = archive.records.get(`${folder}data/${key}`);
      if (record === undefined) throw new UnpicklingError(`PytorchStreamReader failed locating file data/${key}: file not found`);
      if (record.size !== nbytes) throw new UnpicklingError(`record data/${key} has ${record.size} bytes, its storage needs ${nbytes}`);
      const storage = asLoadedStorage({ dtype, numel: numel as number, storage: storageOf(read(`data/${key}`), dtype) });
      storages.set(key, storage);
      return storage;
    },
  }).load();
}
