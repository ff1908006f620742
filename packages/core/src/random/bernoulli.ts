import type { Generator } from "./generator.ts";
import { fillWith, type Stretch } from "./sink.ts";

/**
 * Fills with 1 where a uniform number in double precision lies below `p`, else 0: the portable path of PyTorch (builds with MKL draw
 * from another stream).
 * @see torch.Tensor.bernoulli_
 */
export function fillBernoulli(stretch: Stretch, p: number, generator: Generator): void {
  fillScaledBernoulli(stretch, p, 1, generator);
}

/** `fillBernoulli` with `scale` in place of 1: the mask of dropout with its scale already in it. */
export function fillScaledBernoulli(stretch: Stretch, p: number, scale: number, generator: Generator): void {
  const { data, dtype, offset, size } = stretch;
  if (dtype === "float32" || dtype === "float64") {
    const end = offset + size;
    for (let i = offset; i < end; i++) data[i] = generator.uniformDouble() < p ? scale : 0;
  } else {
    fillWith(stretch, () => (generator.uniformDouble() < p ? scale : 0));
  }
}

/**
 * Fills with 1 with the probability that `probabilityAt(i)` gives for element `i`. The uniform number has the precision of the
 * probabilities: double for float64 (`double` true), single for everything else.
 * @see torch.bernoulli
 */
export function fillBernoulliEach(stretch: Stretch, probabilityAt: (index: number) => number, double: boolean, generator: Generator): void {
  let i = 0;
  if (double) fillWith(stretch, () => (generator.uniformDouble() < probabilityAt(i++) ? 1 : 0));
  else fillWith(stretch, () => (generator.uniformFloat() < probabilityAt(i++) ? 1 : 0));
}
