import type { Tensor } from "@bluedot/core";

/** A point of the search: rate, loss, gradient, and slope along the direction. */
interface Point {
  readonly rate: number;
  readonly loss: number;
  readonly gradient: Tensor;
  readonly slope: number;
}

/** Rounds to what PyTorch computes these numbers in, the dtype of the parameters. */
type Rounding = (x: number) => number;

/** Loss and gradient at `start + rate * direction`. */
export type Evaluate = (rate: number) => readonly [loss: number, gradient: Tensor];

/** What the search found, and how many evaluations it took. */
export interface Found {
  readonly loss: number;
  readonly gradient: Tensor;
  readonly rate: number;
  readonly evaluations: number;
}

/** The minimum within `[low, high]` of the cubic through two points with their slopes; their middle when there is none. */
function cubicMinimum(a: Point, b: Point, r: Rounding, low = Math.min(a.rate, b.rate), high = Math.max(a.rate, b.rate)): number {
  const d1 = r(r(a.slope + b.slope) - r((3 * (a.loss - b.loss)) / (a.rate - b.rate)));
  const square = r(r(d1 * d1) - r(a.slope * b.slope));
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = r(Math.sqrt(square));
  const [near, far] = a.rate <= b.rate ? [a, b] : [b, a];
  const share = r(r(r(far.slope + d2) - d1) / r(r(far.slope - near.slope) + 2 * d2));
  return Math.min(Math.max(r(far.rate - r((far.rate - near.rate) * share)), low), high);
}

/**
 * Searches for a rate at which the loss has fallen enough and the slope flattened enough (strong Wolfe conditions).
 * First brackets such a rate, then narrows the bracket by cubic interpolation.
 * Source: Nocedal & Wright, Numerical Optimization, algorithms 3.5, 3.6, with minFunc's safeguards, as PyTorch uses them.
 */
export function strongWolfe(
  evaluate: Evaluate,
  direction: Tensor,
  firstRate: number,
  start: { loss: number; gradient: Tensor; slope: number },
  rounded: Rounding,
  { decrease = 1e-4, curvature = 0.9, toleranceChange = 1e-9, maxIterations = 25 } = {},
): Found {
  const size = direction.abs().max().item();
  let evaluations = 0;
  const probe = (rate: number): Point => {
    const [loss, gradient] = evaluate(rate);
    evaluations++;
    return { rate, loss, gradient: gradient.clone(), slope: gradient.dot(direction).item() };
  };
  const fellTooLittle = (p: Point): boolean => p.loss > rounded(start.loss + rounded(decrease * p.rate * start.slope));
  const flatEnough = (p: Point): boolean => Math.abs(p.slope) <= rounded(-curvature * start.slope);

  const origin: Point = { rate: 0, loss: start.loss, gradient: start.gradient.clone(), slope: start.slope };
  let previous = origin;
  let current = probe(firstRate);
  let bracket: Point[] | null = null;
  let done = false;
  let iteration = 0;
  for (; iteration < maxIterations; iteration++) {
    if (fellTooLittle(current) || (iteration > 1 && current.loss >= previous.loss)) {
      bracket = [previous, current];
      break;
    }
    if (flatEnough(current)) {
      bracket = [current];
      done = true;
      break;
    }
    if (current.slope >= 0) {
      bracket = [previous, current];
      break;
    }
    const low = current.rate + 0.01 * (current.rate - previous.rate);
    const next = cubicMinimum(previous, current, rounded, low, current.rate * 10);
    previous = current;
    current = probe(next);
  }
  bracket ??= [origin, current];

  let stuck = false;
  const order = (): readonly [low: number, high: number] =>
    bracket.length === 1 || bracket[0]!.loss <= bracket[1]!.loss ? [0, 1] : [1, 0];
  let [low, high] = order();
  while (!done && iteration < maxIterations) {
    const [a, b] = bracket as [Point, Point];
    if (Math.abs(b.rate - a.rate) * size < toleranceChange) break;
    const from = Math.min(a.rate, b.rate);
    const to = Math.max(a.rate, b.rate);
    let rate = cubicMinimum(a, b, rounded);
    // A rate close to an end twice in a row is moved a tenth of the bracket inwards.
    const margin = 0.1 * (to - from);
    if (Math.min(to - rate, rate - from) < margin) {
      if (stuck || rate >= to || rate <= from) {
        rate = Math.abs(rate - to) < Math.abs(rate - from) ? to - margin : from + margin;
        stuck = false;
      } else stuck = true;
    } else stuck = false;
    const point = probe(rate);
    iteration++;
    if (fellTooLittle(point) || point.loss >= bracket[low]!.loss) {
      bracket[high] = point;
      [low, high] = order();
    } else {
      if (flatEnough(point)) done = true;
      else if (point.slope * (bracket[high]!.rate - bracket[low]!.rate) >= 0) bracket[high] = bracket[low]!;
      bracket[low] = point;
    }
  }
  const best = bracket[bracket.length === 1 ? 0 : low]!;
  return { loss: best.loss, gradient: best.gradient, rate: best.rate, evaluations };
}
