import { noGrad } from "@bluedot/autograd";
import { isTensor, type Tensor } from "@bluedot/core";
import { BatchNormBase, type Module } from "@bluedot/nn";

export interface UpdateBnOptions {
  /** Where batches are moved first. Default: nowhere. */
  device?: string | null;
}

type Batch = Tensor | readonly unknown[];

/**
 * Computes the running means and variances of batch normalisations anew, as plain averages over one pass through `loader`, whose batches
 * are inputs of the model or arrays that begin with them. An averaged model needs it before it is evaluated.
 * @returns a promise when the loader is asynchronous @throws {TypeError} for other batches @see torch.optim.swa_utils.update_bn
 */
export function updateBn(loader: Iterable<Batch>, model: Module, device?: string | null | UpdateBnOptions): void;
export function updateBn(loader: AsyncIterable<Batch>, model: Module, device?: string | null | UpdateBnOptions): Promise<void>;
export function updateBn(
  loader: Iterable<Batch> | AsyncIterable<Batch>,
  model: Module,
  device: string | null | UpdateBnOptions = null,
): void | Promise<void> {
  const place = typeof device === "object" ? (device?.device ?? null) : device;
  const norms = model.modules().filter((module) => module instanceof BatchNormBase);
  if (norms.length === 0) return Symbol.asyncIterator in loader ? Promise.resolve() : undefined;
  const momenta = norms.map((norm) => norm.momentum);
  const wasTraining = model.training;
  model.train();
  for (const norm of norms) {
    norm.running_mean?.zero_();
    norm.running_var?.fill_(1);
    norm.num_batches_tracked?.zero_();
    // No momentum: every batch weighs the same.
    norm.momentum = null;
  }
  const restore = (): void => {
    norms.forEach((norm, i) => {
      norm.momentum = momenta[i]!;
    });
    model.train(wasTraining);
  };
  const feed = (batch: Batch): void => {
    const input: unknown = isTensor(batch) ? batch : batch[0];
    if (!isTensor(input)) throw new TypeError("updateBn expects batches that are tensors, or arrays that begin with one");
    noGrad(() => void model(place === null ? input : input.to(place)));
  };
  if (Symbol.asyncIterator in loader) return feedAll(loader, feed).finally(restore);
  try {
    for (const batch of loader) feed(batch);
  } finally {
    restore();
  }
}

async function feedAll(loader: AsyncIterable<Batch>, feed: (batch: Batch) => void): Promise<void> {
  for await (const batch of loader) feed(batch);
}
