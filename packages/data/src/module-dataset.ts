import { Dataset, IterableDataset, type MapDataset } from "./dataset.ts";

/** Where a dataset comes from: an export of a module, and what it is made with. */
export interface DatasetSource {
  /** The module's URL. */
  readonly url: string;
  /** The export: a dataset, a class of datasets or a function that gives one. */
  readonly name: string;
  /** Arguments of the class or function. */
  readonly args: readonly unknown[];
}

/** Options of {@link datasetFrom}. */
export interface DatasetFromOptions {
  /** The export: a dataset, a class of datasets or a function that gives one (or promises it). Default "dataset". */
  name?: string;
  /** Arguments of the class or function: whatever `postMessage` can carry, and tensors. */
  args?: readonly unknown[];
}

/** Datasets that workers can make for themselves, by where they come from. */
const sources = new WeakMap<object, DatasetSource>();

/** Where a dataset of {@link datasetFrom} comes from, undefined for another. */
export const sourceOf = (dataset: object): DatasetSource | undefined => sources.get(dataset);

/**
 * The dataset that a module exports, made so that a `DataLoader` with `numWorkers` can make it once more in each worker thread: a closure can't
 * be sent to a thread, the address of a module can.
 *
 * @example
 * const digits = await datasetFrom(new URL("./digits.js", import.meta.url), { name: "Digits", args: ["train"] });
 * const loader = new DataLoader(digits, { batchSize: 32, shuffle: true, numWorkers: 4 });
 *
 * @throws {TypeError} when the module has no such export, or it gives no dataset
 */
export async function datasetFrom<T = unknown>(
  module: URL | string,
  { name = "dataset", args = [] }: DatasetFromOptions = {},
): Promise<MapDataset<T> | IterableDataset<T>> {
  const source = { url: String(module), name, args };
  const dataset = await makeDataset(source);
  sources.set(dataset, source);
  return dataset as MapDataset<T> | IterableDataset<T>;
}

/** Makes the dataset of a source, in whatever thread. @throws {TypeError} */
export async function makeDataset({ url, name, args }: DatasetSource): Promise<MapDataset<unknown> | IterableDataset<unknown>> {
  const exported: unknown = ((await import(url)) as Record<string, unknown>)[name];
  if (exported === undefined) throw new TypeError(`${url} has no export '${name}'`);
  const made: unknown = typeof exported === "function" ? await construct(exported as AnyFunction, args) : exported;
  if (made instanceof IterableDataset || made instanceof Dataset) return made;
  const { length, getItem } = (made ?? {}) as Partial<MapDataset<unknown>>;
  if (typeof length !== "number" || typeof getItem !== "function") throw new TypeError(`the export '${name}' of ${url} gives no dataset`);
  return made as MapDataset<unknown>;
}

type AnyFunction = ((...args: readonly unknown[]) => unknown) & (new (...args: readonly unknown[]) => unknown);

const construct = (made: AnyFunction, args: readonly unknown[]): unknown =>
  /^class\b/.test(Function.prototype.toString.call(made)) ? new made(...args) : made(...args);
