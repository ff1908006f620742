/** Options of {@link progressBar}. */
export interface ProgressBarOptions {
  /** Told before the bar. */
  description?: string;
  /** Number of items; by default the iterable's `length` or `size`. */
  total?: number;
  /** Where it is drawn; stderr by default, and only where that is a terminal. */
  stream?: { readonly isTTY?: boolean; write(text: string): unknown };
}

const WIDTH = 24;
const EVERY_MS = 100;

const clock = (seconds: number): string => {
  const s = Math.max(0, Math.round(seconds));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
};

/** The text of a bar after `done` of `total` items in `seconds`. */
export function progressLine(done: number, total: number | undefined, seconds: number, description = ""): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const speed = `${rate < 10 ? rate.toFixed(2) : Math.round(rate)}/s`;
  const label = description === "" ? "" : `${description} `;
  if (total === undefined) return `${label}${done} ${clock(seconds)} ${speed}`;
  const share = total === 0 ? 1 : done / total;
  const filled = Math.round(share * WIDTH);
  const left = rate > 0 ? clock((total - done) / rate) : "?";
  return `${label}${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${Math.floor(share * 100)} % ${done}/${total} ${clock(seconds)}<${left} ${speed}`;
}

const lengthOf = (items: object): number | undefined => {
  const { length, size } = items as { length?: unknown; size?: unknown };
  return typeof length === "number" ? length : typeof size === "number" ? size : undefined;
};

/**
 * The items of any iterable, with a bar on stderr that shows how far the loop is.
 *
 * @example
 * for (const [images, labels] of progressBar(loader, { description: "epoch 1" })) { ... }
 */
export function* progressBar<T>(items: Iterable<T>, options: ProgressBarOptions = {}): Generator<T, void, undefined> {
  const { description = "", total = lengthOf(items), stream = process.stderr } = options;
  if (stream.isTTY !== true) {
    yield* items;
    return;
  }
  const started = performance.now();
  let shown = Number.NEGATIVE_INFINITY;
  let done = 0;
  const draw = (): void => {
    shown = performance.now();
    stream.write(`\r${progressLine(done, total, (shown - started) / 1000, description)}\x1b[K`);
  };
  try {
    for (const item of items) {
      yield item;
      done++;
      if (performance.now() - shown >= EVERY_MS) draw();
    }
  } finally {
    draw();
    stream.write("\n");
  }
}
