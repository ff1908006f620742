import type { Generator } from "./generator.ts";

/**
 * Draws `samples` categories with replacement from one row of weights: cumulative sums normalized in the precision of the weights, and a
 * binary search for a uniform number in double precision. `single` rounds every step to float32.
 * @returns the drawn indices
 * @see torch.multinomial
 */
export function drawWithReplacement(weights: ArrayLike<number>, samples: number, single: boolean, generator: Generator): Int32Array {
  const count = weights.length;
  const cumulative = single ? new Float32Array(count) : new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += weights[i]!;
    if (single) sum = Math.fround(sum);
    cumulative[i] = sum;
  }
  for (let i = 0; i < count; i++) cumulative[i] = cumulative[i]! / sum;
  cumulative[count - 1] = 1;
  const drawn = new Int32Array(samples);
  for (let i = 0; i < samples; i++) {
    const u = generator.uniformDouble();
    let low = 0;
    let high = count;
    while (high > low) {
      const middle = low + ((high - low) >> 1);
      if (cumulative[middle]! < u) low = middle + 1;
      else high = middle;
    }
    drawn[i] = low;
  }
  return drawn;
}

/**
 * What a draw without replacement ranks the categories by: each weight divided by an exponential number (the exponential race, which is
 * the Gumbel trick without its logarithm). The `samples` largest are the draw, largest first.
 */
export function exponentialRace(weights: ArrayLike<number>, round: (value: number) => number, generator: Generator): Float64Array {
  const keys = new Float64Array(weights.length);
  for (let i = 0; i < keys.length; i++) {
    const exponential = round(-Math.log(1 - generator.uniformDouble()));
    keys[i] = round(weights[i]! / exponential);
  }
  return keys;
}

/** The indices of the `count` largest keys, largest first; of equal ones the first. */
export function largest(keys: Float64Array, count: number): Int32Array {
  const order = Array.from(keys.keys()).sort((a, b) => keys[b]! - keys[a]! || a - b);
  return Int32Array.from(order.slice(0, count));
}
