import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Result } from "./measure.ts";
import { python } from "./pytorch.ts";

/** What a fresh process costs from its start to the result of its first operation. */
interface Start {
  /** Wall time of the process, or its processor time. */
  readonly milliseconds: number;
  /** Peak resident memory. */
  readonly mebibytes: number;
}

/** A figure of {@link coldStarts}: ours, and PyTorch's values where it was measured. */
export interface ColdFigure {
  readonly own: Result;
  readonly others: readonly number[];
}

// What the system calls the largest resident set counts the process that it was forked from; Linux knows better.
const usage = `const { existsSync, readFileSync } = await import("node:fs");
const { user, system } = process.cpuUsage();
const peak = existsSync("/proc/self/status") ? /VmHWM:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1] : process.resourceUsage().maxRSS;
process.stdout.write(JSON.stringify([user + system, Number(peak)]))`;
const node = (program: string): readonly string[] => [process.execPath, "--input-type=module", "--eval", `${program}\n${usage}`];
const commands = {
  bluedot: node(`import * as torch from "bluedot"; torch.ones([3]).add(1);`),
  node: node(""),
  pytorch: [
    python,
    "-c",
    "import torch; torch.ones(3) + 1\nimport json, resource\nu = resource.getrusage(resource.RUSAGE_SELF)\nprint(json.dumps([(u.ru_utime + u.ru_stime) * 1e6, u.ru_maxrss]))",
  ],
};

function start([program, ...words]: readonly string[], processorTime: boolean): Start {
  const began = performance.now();
  // The packages are found from here, and are the built ones.
  const { status, stdout } = spawnSync(program!, words, { encoding: "utf8", cwd: fileURLToPath(new URL("..", import.meta.url)) });
  const wall = performance.now() - began;
  if (status !== 0) throw new Error(`${program} ended with ${status}`);
  const [microseconds, kibibytes] = JSON.parse(stdout) as [number, number];
  return { milliseconds: processorTime ? microseconds / 1e3 : wall, mebibytes: kibibytes / 1024 };
}

/** Starts fresh processes in turn: ours, Node with nothing to do, and PyTorch where it is asked for. The first of each only fills the file cache. */
export function coldStarts(repeats: number, processorTime: boolean, withPyTorch: boolean): ColdFigure[] {
  const names = ["bluedot", "node", ...(withPyTorch ? (["pytorch"] as const) : [])] as (keyof typeof commands)[];
  const starts = new Map(names.map((name) => [name, [] as Start[]]));
  for (let i = 0; i <= repeats; i++) {
    for (const name of names) {
      const measured = start(commands[name], processorTime);
      if (i > 0) starts.get(name)!.push(measured);
    }
  }
  const figure = (workload: string, unit: string, key: keyof Start, name: keyof typeof commands): ColdFigure => {
    const values = starts.get(name)!.map((s) => s[key]);
    const sorted = [...values].sort((a, b) => a - b);
    const round = (value: number): number => Number(value.toPrecision(4));
    const [median, min, max] = [sorted[sorted.length >> 1]!, sorted[0]!, sorted[sorted.length - 1]!].map(round) as [number, number, number];
    const own: Result = { peer: name, workload, threads: 1, unit, median, min, max, repeats: values.length, other_cpu: 0 };
    return { own, others: name === "bluedot" ? (starts.get("pytorch") ?? []).map((s) => s[key]) : [] };
  };
  return [
    figure("cold_start", "ms", "milliseconds", "bluedot"),
    figure("cold_start_node_alone", "ms", "milliseconds", "node"),
    figure("cold_rss", "MiB", "mebibytes", "bluedot"),
  ];
}
