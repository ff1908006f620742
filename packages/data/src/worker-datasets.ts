// Datasets of the tests of worker threads, which make them by this module's address.
import { rand, type Tensor } from "@bluedot/core";
import { Dataset, IterableDataset } from "./dataset.ts";
import { getWorkerInfo } from "./worker-info.ts";

let initialised = -1;

/** Called by workers. */
export function remember(id: number): void {
  initialised = id;
}

/** Items that are an index and a random number. */
export class Drawn extends Dataset<[number, Tensor]> {
  readonly length: number;
  constructor(length: number) {
    super();
    this.length = length;
  }
  getItem(index: number): [number, Tensor] {
    if (index === 5 && this.length === 6) throw new RangeError("no such item");
    return [index, rand(1)];
  }
}

/** A stream that each worker begins elsewhere. */
export class Counted extends IterableDataset<number> {
  *[Symbol.iterator](): Iterator<number> {
    const id = getWorkerInfo()?.id ?? 0;
    for (let i = 0; i < 3 + id; i++) yield id * 10 + i;
  }
}

/** Which workers were initialised. */
export const dataset = { length: 4, getItem: () => initialised };

/** Never comes. */
export const stuck = { length: 2, getItem: () => new Promise<number>(() => {}) };
