import { TensorError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Distribution } from "./distribution.ts";

/** A class of distributions, abstract ones included. */
type Family<D extends Distribution> = abstract new (...args: never[]) => D;
type Divergence<P extends Distribution, Q extends Distribution> = (p: P, q: Q) => Tensor;

interface Entry {
  readonly p: Family<Distribution>;
  readonly q: Family<Distribution>;
  readonly compute: Divergence<Distribution, Distribution>;
}

const registry: Entry[] = [];

/**
 * Tells how KL(p || q) is computed for distributions of two families and those derived from them. A later entry for the same pair takes
 * the place of the earlier one. @see torch.distributions.register_kl
 */
export function registerKl<P extends Distribution, Q extends Distribution>(p: Family<P>, q: Family<Q>, compute: Divergence<P, Q>): void {
  const entry = { p, q, compute } as unknown as Entry;
  const at = registry.findIndex((known) => known.p === p && known.q === q);
  if (at < 0) registry.push(entry);
  else registry[at] = entry;
}

/** How many steps up the classes of `value` lies `family`. */
function distance(value: Distribution, family: Family<Distribution>): number {
  let steps = 0;
  for (let prototype = Object.getPrototypeOf(value); prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    if (prototype === family.prototype) return steps;
    steps++;
  }
  return Number.POSITIVE_INFINITY;
}

/**
 * The Kullback-Leibler divergence of `q` from `p`: the mean of log p(x) - log q(x) over draws of `p`.
 *
 * @example
 * ```ts
 * klDivergence(new Normal(0, 1), new Normal(1, 1)); // tensor(0.5000)
 * ```
 * @throws {TensorError} for families between which none is known @see torch.distributions.kl_divergence
 */
export function klDivergence(p: Distribution, q: Distribution): Tensor {
  const matches = registry
    .map((entry) => ({ entry, dp: distance(p, entry.p), dq: distance(q, entry.q) }))
    .filter(({ dp, dq }) => Number.isFinite(dp + dq))
    .sort((a, b) => a.dp - b.dp || a.dq - b.dq);
  const best = matches[0];
  if (best === undefined) {
    throw new TensorError(`No KL(p || q) is implemented for p type ${p.constructor.name} and q type ${q.constructor.name}`);
  }
  return best.entry.compute(p, q);
}
