import { manualSeed, type Tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { DataLoader, datasetFrom, getWorkerInfo, type MapDataset } from "./index.ts";

const module = new URL("./worker-datasets.ts", import.meta.url);
const gather = async <T, B, R>(loader: DataLoader<T, B>, show: (batch: B) => R): Promise<R[]> => {
  const all: R[] = [];
  for await (const batch of loader) all.push(show(batch));
  return all;
};
const lists = (batch: Tensor): unknown => batch.tolist();

describe("DataLoader with worker threads", () => {
  it("fetches in PyTorch's order with PyTorch's random numbers", async () => {
    const data = (await datasetFrom(module, { name: "Drawn", args: [7] })) as MapDataset<[number, Tensor]>;
    manualSeed(5);
    const loader = new DataLoader(data, { batchSize: 2, shuffle: true, numWorkers: 2, persistentWorkers: true });
    const rows: unknown[] = [];
    for (let epoch = 0; epoch < 2; epoch++) {
      for await (const [index, drawn] of loader)
        rows.push([index.tolist(), (drawn.flatten().tolist() as number[]).map((x) => Number(x.toFixed(6)))]);
    }
    await loader.close();
    expect(rows).toEqual([
      [
        [0, 3],
        [0.710601, 0.348306],
      ],
      [
        [6, 2],
        [0.290519, 0.585715],
      ],
      [
        [1, 4],
        [0.638756, 0.655748],
      ],
      [[5], [0.293527]],
      [
        [1, 2],
        [0.647258, 0.271771],
      ],
      [
        [5, 3],
        [0.557227, 0.958519],
      ],
      [
        [6, 4],
        [0.320066, 0.940633],
      ],
      [[0], [0.615973]],
    ]);
  }, 60_000);

  it("reads streams until every worker has ended", async () => {
    const stream = await datasetFrom<number>(module, { name: "Counted" });
    expect(await gather(new DataLoader(stream, { batchSize: 2, numWorkers: 2 }), lists)).toEqual([[0, 1], [10, 11], [2], [12, 13]]);
  }, 60_000);

  it("keeps workers, initialises them, and collates by the program's own function", async () => {
    const data = await datasetFrom<number>(module);
    const settings = { batchSize: 2, numWorkers: 2, persistentWorkers: true, workerInitFn: "remember", collateFn: (ids: number[]) => ids };
    const loader = new DataLoader(data, settings);
    const seen = [await gather(loader, (ids) => ids), await gather(loader, (ids) => ids)];
    expect(seen).toEqual([
      [
        [0, 0],
        [1, 1],
      ],
      [
        [0, 0],
        [1, 1],
      ],
    ]);
    await loader.close();
    expect(getWorkerInfo()).toBeNull();
  }, 60_000);

  it("tells what a worker threw, and of one that takes too long", async () => {
    const data = await datasetFrom(module, { name: "Drawn", args: [6] });
    await expect(gather(new DataLoader(data, { batchSize: 3, numWorkers: 1 }), () => 0)).rejects.toThrow(
      /^Caught RangeError in DataLoader worker thread 0\.\nOriginal stack:\nRangeError: no such item/,
    );
    const stuck = await datasetFrom(module, { name: "stuck" });
    await expect(gather(new DataLoader(stuck, { numWorkers: 1, timeout: 0.2 }), () => 0)).rejects.toThrow(
      "DataLoader timed out after 0.2 seconds",
    );
    await expect(datasetFrom(module, { name: "nothing" })).rejects.toThrow("has no export 'nothing'");
  }, 60_000);

  it("refuses options that need workers", () => {
    expect(() => new DataLoader([1], { prefetchFactor: 3 })).toThrow("prefetch_factor option could only be specified in multiprocessing.");
    expect(() => new DataLoader([1], { persistentWorkers: true })).toThrow("persistent_workers option needs num_workers > 0");
    expect(() => new DataLoader([1], { timeout: -1 })).toThrow("timeout option should be non-negative");
  });
});
