import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { fromTypedArray, Generator, manualSeed, rand, Tensor, tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import {
  BatchSampler,
  ChainDataset,
  ConcatDataset,
  DataLoader,
  Dataset,
  DistributedSampler,
  defaultCollate,
  defaultConvert,
  IterableDataset,
  RandomSampler,
  randomSplit,
  type Sampler,
  SequentialSampler,
  Subset,
  SubsetRandomSampler,
  TensorDataset,
  WeightedRandomSampler,
} from "./index.ts";

class Numbers extends Dataset<number> {
  readonly length: number;
  constructor(length: number) {
    super();
    this.length = length;
  }
  getItem(index: number): number {
    return index;
  }
}

class Promised extends Dataset<[Tensor, number]> {
  readonly length = 5;
  async getItem(index: number): Promise<[Tensor, number]> {
    await new Promise((resolve) => setTimeout(resolve, 5 - index));
    return [tensor([index, index]), index];
  }
}

describe("DataLoader", () => {
  it("batches in order, and drops the last on demand", () => {
    const loader = new DataLoader(new Numbers(5), { batchSize: 2 });
    expect(loader.length).toBe(3);
    expect([...loader].map((batch) => batch.tolist())).toEqual([[0, 1], [2, 3], [4]]);
    expect([...new DataLoader(new Numbers(5), { batchSize: 2, dropLast: true })].map((batch) => batch.tolist())).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect([...new DataLoader(new Numbers(3), { batchSize: null })]).toEqual([0, 1, 2]);
    expect([...new DataLoader(new Numbers(3), { batchSampler: [[2, 0], [1]] })].map((batch) => batch.tolist())).toEqual([[2, 0], [1]]);
  });

  it("collates pairs, and types them", () => {
    const dataset = new TensorDataset(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      tensor([0n, 1n, 2n]),
    );
    for (const [x, y] of new DataLoader(dataset, { batchSize: 3 })) {
      expect(x.tolist()).toEqual([
        [1, 2],
        [3, 4],
        [5, 6],
      ]);
      expect([y.dtype, y.tolist()]).toEqual(["int64", [0, 1, 2]]);
    }
    const one = new DataLoader(dataset, { batchSize: 2, collateFn: (items) => items.length });
    expect([...one]).toEqual([2, 1]);
  });

  it("draws its seed when it is iterated, like PyTorch", () => {
    manualSeed(0);
    const loader = new DataLoader(new Numbers(4), { batchSize: 2 });
    loader[Symbol.iterator]();
    const after = rand([1]).item();
    manualSeed(0);
    expect(rand([1]).item()).not.toBe(after);
  });

  it("awaits items, several at once with workers, in order", async () => {
    for (const numWorkers of [0, 3]) {
      const seen: unknown[] = [];
      for await (const [x, y] of new DataLoader(new Promised(), { batchSize: 2, numWorkers })) seen.push(x.tolist(), y.tolist());
      expect(seen).toEqual([
        [
          [0, 0],
          [1, 1],
        ],
        [0, 1],
        [
          [2, 2],
          [3, 3],
        ],
        [2, 3],
        [[4, 4]],
        [4],
      ]);
    }
    expect(() => [...new DataLoader(new Promised())]).toThrow("for await");
    expect(() => [...new DataLoader(new Numbers(2), { numWorkers: 1 })]).toThrow("for await");
  });

  it("reads streams", async () => {
    class Stream extends IterableDataset<number> {
      *[Symbol.iterator]() {
        yield* [1, 2, 3];
      }
    }
    expect([...new DataLoader(new Stream(), { batchSize: 2 })].map((batch) => batch.tolist())).toEqual([[1, 2], [3]]);
    expect(() => new DataLoader(new Stream()).length).toThrow("object of type 'Stream' has no len()");
    expect(() => new DataLoader(new Stream(), { shuffle: true })).toThrow("expected unspecified shuffle option");
  });

  it("refuses options that exclude each other", () => {
    const data = new Numbers(3);
    expect(() => new DataLoader(data, { batchSize: 0 })).toThrow("batch_size should be a positive integer value, but got batch_size=0");
    expect(() => new DataLoader(data, { shuffle: true, sampler: new SequentialSampler(data) })).toThrow(
      "sampler option is mutually exclusive with shuffle",
    );
    expect(() => new DataLoader(data, { batchSampler: [[0]], batchSize: 2 })).toThrow(
      "mutually exclusive with batch_size, shuffle, sampler, and drop_last",
    );
    expect(() => new DataLoader(new Numbers(0), { shuffle: true })).toThrow(
      "num_samples should be a positive integer value, but got num_samples=0",
    );
    expect(() => new DataLoader(data, { batch_size: 2 } as object)).toThrow("unknown option batch_size");
  });
});

describe("datasets", () => {
  it("make parts and wholes", () => {
    const data = new Numbers(5);
    expect([...new Subset(data, [3, 1])]).toEqual([3, 1]);
    expect([...new ConcatDataset([data, new Numbers(2)])]).toEqual([0, 1, 2, 3, 4, 0, 1]);
    expect(new ConcatDataset([data, new Numbers(2)]).getItem(-1)).toBe(1);
    expect(() => new ConcatDataset([])).toThrow("datasets should not be an empty iterable");
    expect(() => new TensorDataset(tensor([1]), tensor([1, 2]))).toThrow("Size mismatch between tensors");
    expect(() => randomSplit(data, [2, 2])).toThrow("Sum of input lengths does not equal the length of the input dataset!");
    const parts = randomSplit(data, [0.5, 0.5], { generator: new Generator().manualSeed(0) });
    expect(parts.map(({ length }) => length)).toEqual([3, 2]);
    expect(parts.flatMap((part) => [...part]).sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it("collate member by member", () => {
    const { a, b } = defaultCollate([
      { a: 1.5, b: ["x", true] as const },
      { a: 2, b: ["y", false] as const },
    ]);
    expect([a.dtype, a.tolist(), b[0], b[1].tolist()]).toEqual(["float64", [1.5, 2], ["x", "y"], [true, false]]);
    expect(() => defaultCollate([[1, 2], [1]])).toThrow("each element in list of batch should be of equal size");
    expect(() => defaultCollate([null])).toThrow("batch must contain tensors, numbers, strings, arrays, Maps or objects; found null");
    expect(() => defaultCollate([tensor([1]), tensor([1, 2])])).toThrow(
      "stack expects each tensor to be equal size, but got [1] at entry 0 and [2] at entry 1",
    );
  });
});

const folder = `${process.env["BLUEDOT_CONFORMANCE"] ?? fileURLToPath(new URL("../../../../shared/conformance", import.meta.url))}/random/`;

interface Entry {
  kind: string;
  n: number;
  batch_size: number;
  shuffle: boolean;
  drop_last: boolean;
  manual_seed: number;
  generator_seed?: number;
  replacement: boolean;
  num_samples?: number;
  indices: number[];
  weights: number[];
  lengths: number[];
  epochs: number[][][];
  len?: number;
  out: unknown;
  randAfter: { $tensor: { data: number[] } };
  batch: unknown[];
}

const records = (name: string): [string, Entry][] =>
  existsSync(folder)
    ? gunzipSync(readFileSync(`${folder}${name}.jsonl.gz`))
        .toString()
        .trim()
        .split("\n")
        .map((line, i) => {
          const entry = JSON.parse(line) as Entry;
          return [`${i} ${entry.kind}`, entry];
        })
    : [];

function sampler(entry: Entry): Sampler {
  const data = new Numbers(entry.n ?? 0);
  switch (entry.kind) {
    case "RandomSampler":
      return new RandomSampler(data, { replacement: entry.replacement, numSamples: entry.num_samples ?? null });
    case "SubsetRandomSampler":
      return new SubsetRandomSampler(entry.indices);
    default:
      return new WeightedRandomSampler(entry.weights, entry.num_samples!, { replacement: entry.replacement });
  }
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== "object" || value === null) return value;
  const { $tensor: t, $dict: d } = value as { $tensor?: { dtype: string; shape: number[]; data: number[] }; $dict?: [string, unknown][] };
  if (d) return new Map(d.map(([key, item]) => [key, decode(item)]));
  return fromTypedArray(
    t!.dtype === "int64"
      ? BigInt64Array.from(t!.data, BigInt)
      : t!.dtype === "float64"
        ? Float64Array.from(t!.data)
        : Float32Array.from(t!.data),
    t!.shape,
  );
}

function encode(value: unknown): unknown {
  if (value instanceof Tensor) return { $tensor: { dtype: value.dtype, shape: [...value.shape], data: [value.tolist()].flat(9) } };
  if (value instanceof Map) return { $dict: [...value].map(([key, item]) => [key, encode(item)]) };
  return Array.isArray(value) ? value.map(encode) : value;
}

describe.skipIf(!existsSync(folder))("recorded orders", () => {
  it.each(records("dataloader"))("%s", (_, entry) => {
    if (entry.manual_seed !== undefined) manualSeed(entry.manual_seed);
    if (entry.kind === "DataLoader") {
      const generator = entry.generator_seed === undefined ? null : new Generator().manualSeed(entry.generator_seed);
      const loader = new DataLoader(new Numbers(entry.n), {
        batchSize: entry.batch_size,
        shuffle: entry.shuffle,
        dropLast: entry.drop_last,
        generator,
      });
      for (const epoch of entry.epochs) expect([...loader].map((batch) => batch.tolist())).toEqual(epoch);
      if (entry.len !== undefined) expect(loader.length).toBe(entry.len);
      expect(rand([1]).tolist()).toEqual(entry.randAfter.$tensor.data.map(Math.fround));
    } else if (entry.kind === "BatchSampler") {
      expect([...new BatchSampler(new SequentialSampler(new Numbers(entry.n)), entry.batch_size, entry.drop_last)]).toEqual(entry.out);
    } else if (entry.kind === "random_split") {
      expect(randomSplit(new Numbers(entry.n), entry.lengths).map(({ indices }) => indices)).toEqual(entry.out);
    } else {
      const order = sampler(entry);
      for (const expected of entry.out as number[][]) expect([...order]).toEqual(expected);
    }
  });

  it.each(records("collate"))("%s", (_, entry) => {
    expect(encode(defaultCollate(decode(entry.batch) as unknown[]))).toEqual(entry.out);
  });
});

describe("DistributedSampler", () => {
  it("gives each its share of PyTorch's order", () => {
    const shares = (n: number, dropLast: boolean): number[][] =>
      [0, 1, 2].map((rank) => [...new DistributedSampler(new Numbers(n), { numReplicas: 3, rank, seed: 3, dropLast })]);
    expect(shares(7, false)).toEqual([
      [5, 6, 1],
      [3, 0, 5],
      [4, 2, 3],
    ]);
    expect(shares(7, true)).toEqual([
      [5, 6],
      [3, 0],
      [4, 2],
    ]);
    expect(() => new DistributedSampler(new Numbers(3), { numReplicas: 2, rank: 2 })).toThrow(
      "Invalid rank 2, rank should be in the interval [0, 1]",
    );
  });
});

it("chains streams and converts arrays", () => {
  class Stream extends IterableDataset<number> {
    *[Symbol.iterator](): Iterator<number> {
      yield* [1, 2];
    }
  }
  expect([...new DataLoader(new ChainDataset([new Stream(), new Stream()]), { batchSize: null })]).toEqual([1, 2, 1, 2]);
  expect((defaultConvert({ a: [Float32Array.of(1, 2)], b: "c" }) as { a: Tensor[] }).a[0]!.tolist()).toEqual([1, 2]);
});
