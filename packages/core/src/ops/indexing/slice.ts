/** Bounds of a slice, as Python's `start:stop:step`. Made by {@link slice}. */
export class Slice {
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number | null;
  constructor(start: number | null, stop: number | null, step: number | null) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }
}

/**
 * A slice with computed bounds, for `at` and `setAt`: `slice(stop)`, `slice(start, stop)`, `slice(start, stop, step)`; null leaves a bound open.
 * @see https://docs.python.org/3/library/functions.html#slice
 */
export function slice(start: number | null, stop?: number | null, step: number | null = null): Slice {
  return stop === undefined ? new Slice(null, start, null) : new Slice(start, stop, step);
}

type Bound = `${number}` | "";
/** A slice in Python's notation: `":"`, `"1:3"`, `"::2"`, `"-3:"`. */
export type SliceString = `${Bound}:${Bound}` | `${Bound}:${Bound}:${Bound}`;

const NOTATION = /^\s*(-?\d*)\s*:\s*(-?\d*)\s*(?::\s*(-?\d*)\s*)?$/;

const REMEMBERED = 256;
const parsed = new Map<string, Slice>();

/** The slice that a string writes, or null when it writes none. */
export function parseSlice(text: string): Slice | null {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const slice = parse(text);
  if (slice !== null) {
    if (parsed.size >= REMEMBERED) parsed.clear();
    parsed.set(text, slice);
  }
  return slice;
}

function parse(text: string): Slice | null {
  const match = NOTATION.exec(text);
  if (match === null || match.includes("-")) return null;
  const bound = (s: string | undefined): number | null => (s === undefined || s === "" ? null : Number(s));
  return new Slice(bound(match[1]), bound(match[2]), bound(match[3]));
}
