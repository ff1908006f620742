import type { IterableDataset, MapDataset } from "./dataset.ts";

/** Which worker of a `DataLoader` a thread is. */
export interface WorkerInfo {
  /** From 0. */
  readonly id: number;
  readonly numWorkers: number;
  /** What the thread's generator was seeded with in this epoch. */
  readonly seed: number | bigint;
  /** The worker's own copy of the dataset. */
  readonly dataset: MapDataset<unknown> | IterableDataset<unknown>;
}

let current: WorkerInfo | null = null;

/** In a worker of a `DataLoader`: which one it is. Elsewhere null. @see torch.utils.data.get_worker_info */
export const getWorkerInfo = (): WorkerInfo | null => current;

/** For workers. */
export function setWorkerInfo(info: WorkerInfo): void {
  current = info;
}
