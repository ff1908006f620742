import { appendFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { backends, setNumThreads } from "bluedot";
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
  readonly workload: Workload;
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
    for (const { name } of chosen) console.log(name);
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
  for (const workload of chosen) {
    try {
      const own = measure(workload, threads, effort);
      const seconds = (await peer?.measure(workload.name.replace(/_scope$/, ""), warmUp(workload, effort))) ?? [];
      const other = seconds.length === 0 ? null : workload.convert(middle(seconds));
      const row = { workload, own, other };
      rows.push(row);
      const ratio = speedup(row);
      const beside = other === null ? "" : `  PyTorch ${shown(other)}, ${shown(ratio, 3)} times as fast`;
      console.log(`${workload.name.padEnd(24)} ${shown(own.median).padStart(9)} ${own.unit.padEnd(8)}${beside}`);
      if (values.json === undefined) continue;
      appendFileSync(values.json, `${JSON.stringify(own)}\n`);
      if (other !== null) {
        const values_ = seconds.map(workload.convert);
        const line = {
          peer: "pytorch",
          workload: workload.name,
          threads,
          unit: own.unit,
          median: other,
          min: Math.min(...values_),
          max: Math.max(...values_),
        };
        appendFileSync(values.json, `${JSON.stringify(line)}\n`);
      }
    } catch (error) {
      failures++;
      console.log(`${workload.name.padEnd(24)} failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  peer?.stop();
  if (values.markdown !== undefined) writeFileSync(values.markdown, `${table(rows)}\n`);
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main();
