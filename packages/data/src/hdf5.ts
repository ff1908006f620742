import { copyFileSync, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Tensor } from "@bluedot/core";
import type { Metadata } from "h5wasm";
import { Attributes } from "./hdf5-attributes.ts";
import { forWriting, type Hdf5Handle, inUse, loadLibrary } from "./hdf5-handle.ts";
import {
  dtypeOf,
  type Hdf5DType,
  type Hdf5Input,
  type Hdf5Value,
  prepareInput,
  resolveSelection,
  toArray,
  toTensor,
  withMemory,
} from "./hdf5-values.ts";

export { Attributes } from "./hdf5-attributes.ts";
export type { Hdf5Array, Hdf5DType, Hdf5Input, Hdf5Value } from "./hdf5-values.ts";

/** How a file is opened: read; create or replace; read and write, creating; read and write what is there; create, failing if it is there. */
export type Hdf5Mode = "r" | "w" | "a" | "r+" | "x";

/** Options of {@link Group.createDataset}. */
export interface DatasetOptions {
  data: Hdf5Input;
  /** Sizes of the chunks that the data is stored in, one a dimension. */
  chunks?: readonly number[];
  /** gzip level 1 to 9; the whole dataset is one chunk unless `chunks` says otherwise. */
  compression?: number;
}

/** An array in a file, read when it is asked for. @see h5py.Dataset */
export class Dataset {
  private readonly handle: Hdf5Handle;
  /** Path from the root, such as `/group/coords`. */
  readonly name: string;

  constructor(handle: Hdf5Handle, name: string) {
    this.handle = handle;
    this.name = name;
  }

  private get metadata(): Metadata {
    const { module, file } = inUse(this.handle);
    return module.get_dataset_metadata(file.file_id, this.name);
  }

  get shape(): readonly number[] {
    return this.metadata.shape ?? [];
  }

  /** Element type; `"string"` for text. */
  get dtype(): Hdf5DType | "string" {
    return dtypeOf(this.metadata, this.name) ?? "string";
  }

  /** Sizes of chunks, `null` when the data lies in one piece. */
  get chunks(): readonly number[] | null {
    return this.metadata.chunks;
  }

  get attrs(): Attributes {
    return new Attributes(this.handle, this.name);
  }

  /**
   * The data, or the part that `indices` select, as a tensor. Only that part is read.
   *
   * @example
   * const coords = file.dataset("coords").at("1:", 0) // rows from the second on, first column
   *
   * @throws {TypeError} for text, and for types that tensors lack @throws {RangeError} for indices out of bounds
   */
  at(...indices: (number | string)[]): Tensor {
    const value = this.read(indices);
    if (typeof value === "string" || Array.isArray(value)) throw new TypeError(`hdf5: ${this.name} holds text, read it with .value()`);
    return toTensor(value);
  }

  /** All data with the element type of the file: `{ dtype, shape, data }`, or text. */
  value(): Hdf5Value {
    return this.read([]);
  }

  private read(indices: readonly (number | string)[]): Hdf5Value {
    const { module, file, library } = inUse(this.handle);
    const { metadata } = this;
    const dtype = dtypeOf(metadata, this.name);
    const selection = resolveSelection(metadata.shape ?? [], indices);
    if (dtype === null) {
      const ranges = selection.map(({ start, stop, step }) => [start, stop, step] as [number, number, number]);
      const dataset = new library.Dataset(file.file_id, this.name);
      return (indices.length === 0 ? dataset.value : dataset.slice(ranges)) as string | string[];
    }
    const count = selection.map(({ start, stop, step }) => Math.ceil((stop - start) / step));
    const nbytes = count.reduce((a, b) => a * b, metadata.size);
    const shape = count.filter((_, d) => selection[d]!.keep);
    if (nbytes === 0) return toArray(new Uint8Array(0), dtype, shape);
    return withMemory(module, nbytes, (pointer) => {
      const whole = indices.length === 0;
      const part = (pick: (s: (typeof selection)[number]) => number) => (whole ? null : selection.map((s) => BigInt(pick(s))));
      module.get_dataset_data(
        file.file_id,
        this.name,
        whole ? null : count.map(BigInt),
        part((s) => s.start),
        part((s) => s.step),
        BigInt(pointer),
      );
      return toArray(module.HEAPU8.slice(pointer, pointer + nbytes), dtype, shape);
    });
  }
}

/** A folder of datasets and groups. @see h5py.Group */
export class Group {
  protected readonly handle: Hdf5Handle;
  /** Path from the root, `/` for the root itself. */
  readonly name: string;

  constructor(handle: Hdf5Handle, name: string) {
    this.handle = handle;
    this.name = name;
  }

  get attrs(): Attributes {
    return new Attributes(this.handle, this.name);
  }

  /** Names of what lies in this group. */
  keys(): string[] {
    const { library, file } = inUse(this.handle);
    return new library.Group(file.file_id, this.name).keys();
  }

  has(path: string): boolean {
    return this.find(path) !== null;
  }

  /** The group or dataset at `path`, relative to this group. @throws {RangeError} when there is none */
  get(path: string): Group | Dataset {
    const found = this.find(path);
    if (found === null) throw new RangeError(`hdf5: Unable to open object (object '${path}' doesn't exist)`);
    return found;
  }

  /** The dataset at `path`. @throws {RangeError} when there is none @throws {TypeError} when it is a group */
  dataset(path: string): Dataset {
    const found = this.get(path);
    if (!(found instanceof Dataset)) throw new TypeError(`hdf5: '${path}' is a group, not a dataset`);
    return found;
  }

  /** The group at `path`. @throws {RangeError} when there is none @throws {TypeError} when it is a dataset */
  group(path: string): Group {
    const found = this.get(path);
    if (!(found instanceof Group)) throw new TypeError(`hdf5: '${path}' is a dataset, not a group`);
    return found;
  }

  /** Makes a group; those above it are made too. @throws {Error} when the name is taken */
  createGroup(path: string): Group {
    const { module, file } = forWriting(this.handle);
    const full = this.absolute(path);
    if (this.has(path)) throw new Error(`hdf5: Unable to create group (name already exists): ${full}`);
    this.makeParents(full);
    module.create_group(file.file_id, full, false);
    return new Group(this.handle, full);
  }

  /** Writes a dataset; groups above it are made. @throws {Error} when the name is taken @throws {TypeError} for dtypes that cannot be written */
  createDataset(path: string, options: DatasetOptions): Dataset {
    for (const name of Object.keys(options)) {
      if (!["data", "chunks", "compression"].includes(name))
        throw new TypeError(`createDataset: unknown option ${name}, expected one of data, chunks, compression`);
    }
    const { library, file } = forWriting(this.handle);
    const full = this.absolute(path);
    if (this.has(path)) throw new Error(`hdf5: Unable to create dataset (name already exists): ${full}`);
    const { compression } = options;
    const { data, shape, dtype } = prepareInput(options.data);
    const chunks = options.chunks ?? (compression === undefined || shape.length === 0 || shape.includes(0) ? undefined : shape);
    if (compression !== undefined && !(Number.isInteger(compression) && compression >= 0 && compression <= 9))
      throw new RangeError(`createDataset: compression is ${compression}, expected a gzip level from 0 to 9`);
    if (chunks !== undefined && (chunks.length !== shape.length || chunks.some((size) => !Number.isInteger(size) || size < 1))) {
      throw new RangeError(`createDataset: chunks [${chunks.join(", ")}] do not fit data of shape [${shape.join(", ")}]`);
    }
    this.makeParents(full);
    new library.Group(file.file_id, "/").create_dataset({
      name: full.slice(1),
      data,
      shape,
      dtype,
      ...(chunks === undefined ? {} : { chunks: [...chunks] }),
      ...(compression === undefined || chunks === undefined ? {} : { compression: "gzip" as const, compression_opts: compression }),
    });
    return new Dataset(this.handle, full);
  }

  /** What lies in this group by name. */
  *[Symbol.iterator](): Generator<[string, Group | Dataset]> {
    for (const name of this.keys()) yield [name, this.get(name)];
  }

  private absolute(path: string): string {
    const parts = path.split("/").filter((part) => part !== "");
    if (parts.length === 0) throw new TypeError(`hdf5: ${JSON.stringify(path)} is no name`);
    const base = path.startsWith("/") || this.name === "/" ? "" : this.name;
    return `${base}/${parts.join("/")}`;
  }

  private makeParents(full: string): void {
    const { module, file } = this.handle;
    const root = new Group(this.handle, "/");
    for (let at = full.indexOf("/", 1); at > 0; at = full.indexOf("/", at + 1)) {
      const parent = full.slice(0, at);
      const there = root.find(parent);
      if (there instanceof Dataset) throw new Error(`hdf5: ${parent} is a dataset, nothing can lie in it`);
      if (there === null) module.create_group(file.file_id, parent, false);
    }
  }

  private find(path: string): Group | Dataset | null {
    const { library, file } = inUse(this.handle);
    if (path === "/") return new Group(this.handle, "/");
    const full = this.absolute(path);
    // Step by step: asking HDF5 for a path whose parent is missing is an error there, not an answer.
    let group = new library.Group(file.file_id, "/");
    const parts = full.slice(1).split("/");
    for (const [i, part] of parts.entries()) {
      if (!group.keys().includes(part)) return null;
      const entity = group.get(part);
      if (entity instanceof library.Group) group = entity;
      else return i === parts.length - 1 && entity instanceof library.Dataset ? new Dataset(this.handle, full) : null;
    }
    return new Group(this.handle, full);
  }
}

/** An open HDF5 file, which is its root group too. Changes reach the disk at {@link close}, all at once. @see h5py.File */
export class File extends Group {
  readonly filename: string;
  readonly mode: Hdf5Mode;
  /** Where the data is written until the file is closed. */
  private readonly draft: string | null;

  constructor(handle: Hdf5Handle, filename: string, mode: Hdf5Mode, draft: string | null) {
    super(handle, "/");
    this.filename = filename;
    this.mode = mode;
    this.draft = draft;
  }

  /** Closes the file; what was written replaces the file at its path. Closing twice does nothing. */
  close(): void {
    if (!this.handle.open) return;
    this.handle.open = false;
    this.handle.file.close();
    if (this.draft !== null) renameSync(this.draft, this.filename);
  }

  /** Closes the file and drops what was written since it was opened. */
  discard(): void {
    if (!this.handle.open) return;
    this.handle.open = false;
    this.handle.file.close();
    if (this.draft !== null) rmSync(this.draft, { force: true });
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Opens an HDF5 file. Writing goes to a temporary file beside it that takes its place at `close()`, so that no half-written file is ever seen.
 *
 * @example
 * const file = await hdf5.open("points.hdf5", "w");
 * file.createDataset("coords", { data: tensor([[1, 2], [3, 4]]) });
 * file.close();
 *
 * @throws {Error} naming the file when it is missing, exists already (`"x"`), or is no HDF5 file @see h5py.File
 */
export async function open(path: string | URL, mode: Hdf5Mode = "r"): Promise<File> {
  if (!["r", "w", "a", "r+", "x"].includes(mode))
    throw new TypeError(`hdf5: Invalid mode; must be one of r, r+, w, x, a, got ${String(mode)}`);
  const filename = resolve(path instanceof URL ? fileURLToPath(path) : path);
  const exists = existsSync(filename);
  if (!exists && (mode === "r" || mode === "r+"))
    throw new Error(`hdf5: Unable to open file (unable to open file: name = '${filename}', No such file or directory)`);
  if (exists && mode === "x") throw new Error(`hdf5: Unable to create file (file exists): ${filename}`);
  if (exists && mode !== "w" && statSync(filename).size < 8)
    throw new Error(`hdf5: Unable to open file (file signature not found): ${filename}`);

  const { library, module } = await loadLibrary();
  const edits = mode !== "r";
  const draft = edits ? `${filename}.${crypto.randomUUID()}.tmp` : null;
  const keeps = exists && (mode === "a" || mode === "r+");
  if (draft !== null && keeps) copyFileSync(filename, draft);
  let handle: Hdf5Handle;
  try {
    const file = new library.File(draft ?? filename, edits ? (keeps ? "a" : "w") : "r");
    if (file.file_id <= 0n) throw new Error("file signature not found");
    handle = { library, module, file, writable: edits, open: true };
    file.keys();
  } catch (error) {
    if (draft !== null) rmSync(draft, { force: true });
    throw new Error(`hdf5: Unable to open file ${filename}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`, {
      cause: error,
    });
  }
  return new File(handle, filename, mode, draft);
}
