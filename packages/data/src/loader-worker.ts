import { parentPort, workerData } from "node:worker_threads";
import { manualSeed, multiprocessing } from "@bluedot/core";
import { IterableDataset, type MapDataset } from "./dataset.ts";
import { type Collate, fetchBatch, fetchSingle, streamBatches } from "./fetching.ts";
import { makeDataset } from "./module-dataset.ts";
import { setWorkerInfo } from "./worker-info.ts";
import type { Order, Reply, WorkerSetup } from "./worker-pool.ts";

// The program of a DataLoader's worker thread: makes its own copy of the dataset and fetches what it is told to, in order.

const { id, numWorkers, source, batchSize, dropLast, collates, workerInitFn } = multiprocessing.fromMessage<WorkerSetup>(workerData);
const port = parentPort!;

/** Items go to the loader as they are where its collate function is the program's own. */
const collate: Collate<unknown, unknown> = collates ? null : (items) => items;

async function prepare(): Promise<MapDataset<unknown> | IterableDataset<unknown>> {
  const dataset = await makeDataset(source);
  if (workerInitFn !== null) {
    const init: unknown = ((await import(source.url)) as Record<string, unknown>)[workerInitFn];
    if (typeof init !== "function") throw new TypeError(`${source.url} has no function '${workerInitFn}'`);
    await init(id);
  }
  return dataset;
}

let dataset: Promise<MapDataset<unknown> | IterableDataset<unknown>> | null = null;
let stream: Iterator<unknown> | null = null;

async function begin(seed: number | bigint): Promise<void> {
  manualSeed(seed);
  // The dataset is made, and the worker initialised, after the first seed, as in PyTorch.
  dataset ??= prepare();
  const own = await dataset;
  setWorkerInfo({ id, numWorkers, seed, dataset: own });
  if (own instanceof IterableDataset) stream = streamBatches(own, batchSize, dropLast, collate);
}

async function fetch(indices: readonly number[] | number | null): Promise<Reply> {
  const own = (await dataset)!;
  if (own instanceof IterableDataset) {
    const { done, value } = stream!.next();
    return done ? { end: true } : { data: multiprocessing.toMessage(value) };
  }
  const data = typeof indices === "number" ? fetchSingle(await own.getItem(indices), collate) : await fetchBatch(own, indices!, collate);
  return { data: multiprocessing.toMessage(data) };
}

let work: Promise<void> = Promise.resolve();
port.on("message", (order: Order) => {
  work = work.then(async () => {
    try {
      if ("seed" in order) await begin(order.seed);
      else port.postMessage(await fetch(order.indices));
    } catch (error) {
      const told =
        error instanceof Error
          ? { name: error.name, message: error.message, stack: error.stack ?? "" }
          : { name: "Error", message: String(error), stack: "" };
      // A failure to begin is told in place of the first batch.
      if ("seed" in order) dataset = Promise.reject(error as Error);
      if ("seed" in order) dataset!.catch(() => {});
      else port.postMessage({ error: told } satisfies Reply);
    }
  });
});
