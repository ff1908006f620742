import { defaultCollate } from "./collate.ts";
import type { IterableDataset, MapDataset } from "./dataset.ts";

/** Makes a batch of items; null stands for {@link defaultCollate}. */
export type Collate<T, B> = ((items: T[]) => B) | null;

/** The function itself, or {@link defaultCollate}, whose types follow from the items'. */
const collateOf = <T, B>(collate: Collate<T, B>): ((items: T[]) => B) => collate ?? (defaultCollate as unknown as (items: T[]) => B);

/** The batch of the items at `indices`. With the default collate function the dataset may make it directly. */
export function fetchBatch<T, B>(dataset: MapDataset<T>, indices: readonly number[], collate: Collate<T, B>): B | Promise<B> {
  if (collate === null && dataset.getBatch !== undefined) {
    const batch = dataset.getBatch(indices);
    if (batch !== undefined) return batch as B | Promise<B>;
  }
  const together = collateOf(collate);
  if (dataset.getItems !== undefined) {
    const items = dataset.getItems(indices);
    return items instanceof Promise ? items.then(together) : together(items);
  }
  const items = indices.map((index) => dataset.getItem(index));
  if (items.some((item) => item instanceof Promise)) return Promise.all(items).then(together);
  return together(items as T[]);
}

/** An item without a batch: as it is, or as the collate function wants it. */
export const fetchSingle = <T, B>(item: T, collate: Collate<T, B>): B =>
  collate === null ? (item as unknown as B) : collate(item as unknown as T[]);

/** The batches of a stream; `batchSize` null gives the items themselves. */
export function* streamBatches<T, B>(
  dataset: IterableDataset<T>,
  batchSize: number | null,
  dropLast: boolean,
  collate: Collate<T, B>,
): Generator<B> {
  if (batchSize === null) {
    for (const item of dataset) yield fetchSingle(item, collate);
    return;
  }
  const together = collateOf(collate);
  let items: T[] = [];
  for (const item of dataset) {
    items.push(item);
    if (items.length < batchSize) continue;
    yield together(items);
    items = [];
  }
  if (items.length > 0 && !dropLast) yield together(items);
}
