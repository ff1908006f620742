import { appendFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { backends, setNumThreads } from "bluedot";
import { coldStarts } from "./cold-start.ts";
import { measure, quick, type Result, usual, type Workload, warmUp } from "./measure.ts";
import { operators } from "./operators.ts";
import { startPyTorch } from "./pytorch.ts";
import { training } from "./training.ts";

const usage = `Measures the workloads of a PyTorch course.

  pnpm bench [options]

  --only PATTERN   regular expression on the workload's name
  --threads N      threads of one operation (default 1)
  --json FILE      write one line of JSON for each result
  --pytorch        measure PyTorch as well, workload by workload, and print the ratio
  --markdown FILE  write the table of results
  --processor      count processor time instead of wall time: for a machine that others use too (one thread)
  --quick          short repeats: to see that everything runs
  --list           names of workloads`;

interface Row {
  readonly workload: Pick<Workload, "name" | "rate">;
  readonly own: Result;
  readonly other: number | null;
}

const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
/** How many times faster than PyTorch, whichever way the unit counts. */
const speedup = ({ workload, own, other }: Row): number | null =>
  other === null ? null : workload.rate ? own.median / other : other / own.median;
const shown = (value: number | null, digits = 4): string => (value === null ? "-" : String(Number(value.toPrecision(digits))));

function table(rows: readonly Row[]): string {
  const head = ["| workload | unit | bluedot | PyTorch | times as fast |", "|---|---|---:|---:|---:|"];
  return [
    ...head,
    ...rows.map(
      (row) => `| ${row.workload.name} | ${row.own.unit} | ${shown(row.own.median)} | ${shown(row.other)} | ${shown(speedup(row), 3)} |`,
    ),
  ].join("\n");
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: "" },
      threads: { type: "string", default: "1" },
      json: { type: "string" },
      pytorch: { type: "boolean", default: false },
      markdown: { type: "string" },
      quick: { type: "boolean", default: false },
      processor: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const only = new RegExp(values.only);
  const chosen = [...training, ...operators].filter(({ name }) => only.test(name));
  if (values.list) {
    for (const name of [...chosen.map((workload) => workload.name), ...(only.test("cold_start") ? ["cold_start"] : [])]) console.log(name);
    return 0;
  }
  const threads = Number(values.threads);
  setNumThreads(threads);
  const effort = { ...(values.quick ? quick : usual), processorTime: values.processor };
  const peer = values.pytorch ? await startPyTorch(threads, effort) : null;
  if (values.pytorch && peer === null)
    console.error("PyTorch is not installed (Debian: apt-get install python3-torch), so only bluedot is measured");
  const { kernels, isa } = backends();
  console.log(
    `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, Node ${process.version}, ${kernels} kernels (${isa}), ${threads} thread(s)\n`,
  );
  if (values.json !== undefined) writeFileSync(values.json, "");
  const rows: Row[] = [];
  let failures = 0;
  const add = (workload: Row["workload"], own: Result, others: readonly number[]): void => {
    const other = others.length === 0 ? null : middle(others);
    const row = { workload, own, other };
    rows.push(row);
    const ratio = speedup(row);
    const beside = other === null ? "" : `  PyTorch ${shown(other)}, ${shown(ratio, 3)} times as fast`;
    console.log(`${workload.name.padEnd(24)} ${shown(own.median).padStart(9)} ${own.unit.padEnd(8)}${beside}`);
    if (values.json === undefined) return;
    const lines: object[] = [own];
    if (other !== null) {
      const [min, max] = [Math.min(...others), Math.max(...others)];
      lines.push({ peer: "pytorch", workload: workload.name, threads, unit: own.unit, median: other, min, max });
    }
    for (const line of lines) appendFileSync(values.json, `${JSON.stringify(line)}\n`);
  };
  const attempt = async (name: string, work: () => void | Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failures++;
      console.log(`${name.padEnd(24)} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  for (const workload of chosen) {
    await attempt(workload.name, async () => {
      const own = measure(workload, threads, effort);
      const seconds = (await peer?.measure(workload.name.replace(/_scope$/, ""), warmUp(workload, effort))) ?? [];
      add(workload, own, seconds.map(workload.convert));
    });
  }
  if (only.test("cold_start")) {
    await attempt("cold_start", () => {
      const figures = coldStarts(values.quick ? 3 : 15, values.processor, peer !== null);
      for (const { own, others } of figures) add({ name: own.workload }, own, others);
    });
  }
  peer?.stop();
  if (values.markdown !== undefined) writeFileSync(values.markdown, `${table(rows)}\n`);
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main();
