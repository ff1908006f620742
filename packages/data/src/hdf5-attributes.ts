import type { Tensor } from "@bluedot/core";
import { forWriting, type Hdf5Handle, inUse } from "./hdf5-handle.ts";
import { dtypeOf, type Hdf5Input, type Hdf5Value, prepareInput, toArray, toTensor, withMemory } from "./hdf5-values.ts";

/** Attributes of a group or dataset: small values by name. @see h5py.AttributeManager */
export class Attributes {
  private readonly handle: Hdf5Handle;
  private readonly path: string;

  constructor(handle: Hdf5Handle, path: string) {
    this.handle = handle;
    this.path = path;
  }

  /** Names, in the file's order. */
  keys(): string[] {
    const { module, file } = inUse(this.handle);
    return module.get_attribute_names(file.file_id, this.path);
  }

  has(name: string): boolean {
    return this.keys().includes(name);
  }

  /** A tensor for numbers (0-d for a scalar), text for text. @throws {RangeError} when there is none of that name */
  get(name: string): Tensor | string | string[] {
    const value = this.value(name);
    return typeof value === "string" || Array.isArray(value) ? value : toTensor(value);
  }

  /** The value with the element type of the file, also where tensors lack it. @throws {RangeError} when there is none of that name */
  value(name: string): Hdf5Value {
    const { module, file, library } = inUse(this.handle);
    if (!this.has(name)) throw new RangeError(`hdf5: can't open attribute (can't locate attribute: '${name}')`);
    const metadata = module.get_attribute_metadata(file.file_id, this.path, name);
    const dtype = dtypeOf(metadata, `attribute ${name}`);
    if (dtype === null) return new library.Group(file.file_id, this.path).get_attribute(name, false) as string | string[];
    const nbytes = metadata.size * metadata.total_size;
    return withMemory(module, nbytes, (pointer) => {
      module.get_attribute_data(file.file_id, this.path, name, BigInt(pointer));
      return toArray(module.HEAPU8.slice(pointer, pointer + nbytes), dtype, metadata.shape ?? []);
    });
  }

  /** Writes an attribute, replacing one of that name. @throws {TypeError} for dtypes that cannot be written */
  set(name: string, value: Hdf5Input): void {
    const { file, library } = forWriting(this.handle);
    const { data, shape, dtype } = prepareInput(value);
    const owner = new library.Group(file.file_id, this.path);
    if (this.has(name)) owner.delete_attribute(name);
    owner.create_attribute(name, data, shape, dtype);
  }

  delete(name: string): boolean {
    const { file, library } = forWriting(this.handle);
    return this.has(name) && new library.Group(file.file_id, this.path).delete_attribute(name) === 0;
  }
}
