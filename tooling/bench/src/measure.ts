import { cpus } from "node:os";

/** What a workload is: one iteration, and how its duration is reported. */
export interface Workload {
  readonly name: string;
  readonly unit: string;
  /** Makes the data and returns one iteration. A training step returns its loss, which must fall. */
  readonly prepare: () => () => unknown;
  /** Seconds of one iteration -> the reported value. */
  readonly convert: (seconds: number) => number;
  readonly training?: boolean;
  /** More is better. Default: less is. */
  readonly rate?: boolean;
}

/** One line of results, as the programs of other libraries print them. */
export interface Result {
  readonly peer: string;
  readonly workload: string;
  readonly threads: number;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly repeats: number;
  /** How much of a processor other programs used meanwhile. */
  readonly other_cpu: number;
  readonly loss?: readonly [first: number, last: number];
}

/** How long to measure, in seconds. */
export interface Effort {
  readonly warm: number;
  /** The same for training steps, whose many functions a compiler takes longer to get to. */
  readonly trainingWarm: number;
  readonly repeat: number;
  readonly repeats: number;
  /** Count the processor time of the whole process rather than the time on the wall: for a machine that others use too. One thread only. */
  readonly processorTime?: boolean;
}

export const usual: Effort = { warm: 0.4, trainingWarm: 2, repeat: 0.06, repeats: 7 };
export const quick: Effort = { warm: 0.1, trainingWarm: 0.1, repeat: 0.02, repeats: 3 };

const wall = (): number => performance.now() / 1e3;
const own = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const everything = (): number => cpus().reduce((sum, { times: t }) => sum + t.user + t.nice + t.sys + t.irq, 0) / 1e3;
const significant = (x: number): number => Number(x.toPrecision(5));

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** How long a workload runs before it is measured, in seconds. */
export const warmUp = ({ training }: Workload, effort: Effort): number => (training ? effort.trainingWarm : effort.warm);

/** Measures a workload: warms up, then takes the median of repeats of at least `effort.repeat` each. @throws where a training step does not lower its loss */
export function measure(workload: Workload, threads: number, effort: Effort): Result {
  const now = effort.processorTime ? own : wall;
  const step = workload.prepare();
  const first = step();
  const warm = warmUp(workload, effort);
  let seconds = 0;
  let spent = 0;
  for (let n = 1; spent < warm || n < 3; n++) {
    const start = now();
    step();
    seconds = now() - start;
    spent += seconds;
    if (seconds > 0.5) break;
  }
  const loop = (count: number): void => {
    for (let i = 0; i < count; i++) step();
  };
  const trial = Math.max(1, Math.round(effort.repeat / Math.max(seconds, 1e-8)));
  let start = now();
  loop(trial);
  const inner = Math.max(1, Math.ceil((effort.repeat / (now() - start)) * trial));
  const repeats = seconds > 1 ? Math.min(3, effort.repeats) : effort.repeats;
  const times: number[] = [];
  const [busy, used, began] = [everything(), own(), wall()];
  for (let i = 0; i < repeats; i++) {
    start = now();
    loop(inner);
    times.push((now() - start) / inner);
  }
  const other = Math.max(0, (everything() - busy - (own() - used)) / (wall() - began));
  const values = times.map(workload.convert);
  let loss: readonly [number, number] | undefined;
  if (workload.training) {
    loss = [significant(first as number), significant(step() as number)];
    if (!(loss[1] < loss[0])) throw new Error(`the loss did not fall: ${loss[0]} to ${loss[1]}`);
  }
  return {
    peer: "bluedot",
    workload: workload.name,
    threads,
    unit: workload.unit,
    median: significant(median(values)),
    min: significant(Math.min(...values)),
    max: significant(Math.max(...values)),
    repeats,
    other_cpu: Number(other.toFixed(2)),
    ...(loss === undefined ? {} : { loss }),
  };
}

export const perSecond = (seconds: number): number => 1 / seconds;
export const milliseconds = (seconds: number): number => seconds * 1e3;
export const microseconds = (seconds: number): number => seconds * 1e6;
export const nanoseconds = (seconds: number): number => seconds * 1e9;
export const gigaflops =
  (operations: number) =>
  (seconds: number): number =>
    operations / seconds / 1e9;
