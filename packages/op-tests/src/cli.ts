import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadLibrary } from "./library.ts";
import { renderCompatibility } from "./markdown.ts";
import { coverNames } from "./names.ts";
import { judgeFiles } from "./pool.ts";
import { listRecordFiles, readIndex } from "./records.ts";
import { missingNames, renderFailures, renderReport } from "./report.ts";
import { resultOf, sumCounts } from "./tally.ts";

const usage = `Runs recorded PyTorch results against the library.

  pnpm conformance [options]

  --records DIR       folder with ops/, modules/, ... (default: shared/conformance next to the repository)
  --only PATTERN      regular expression on folder/name, for example '^ops/add$' or '^modules/'
  --backend NAME      reference or native kernels (default: what the library chooses)
  --gradcheck         also check derivatives against differences, first and second
  --core              load core and autograd only, while something above them does not load
  --jobs N            worker processes (default: one for each core)
  --verbose           print failures with the call, what was expected and what came
  --failures N        failures printed for each file (default 5)
  --limit SECONDS     a record that takes longer has failed (default 120)
  --json FILE         write counts and failures
  --markdown FILE     write the table of operators
  --strict            exit with 1 when anything failed`;

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Runs the command line. @returns the exit code */
async function main(): Promise<number> {
  const { values } = parseArgs({
    allowPositionals: false,
    options: {
      records: { type: "string" },
      only: { type: "string" },
      backend: { type: "string" },
      gradcheck: { type: "boolean", default: false },
      core: { type: "boolean", default: false },
      jobs: { type: "string" },
      verbose: { type: "boolean", default: false },
      failures: { type: "string", default: "5" },
      limit: { type: "string", default: "120" },
      json: { type: "string" },
      markdown: { type: "string" },
      strict: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.backend !== undefined && values.backend !== "reference" && values.backend !== "native") {
    throw new Error(`--backend must be reference or native, got ${values.backend}`);
  }
  if (values.backend === "reference") {
    process.env["BLUEDOT_CPU"] = "reference";
  } else if (values.backend === "native" && process.env["BLUEDOT_CPU"] === "reference") {
    delete process.env["BLUEDOT_CPU"];
  }
  // pnpm runs scripts in the package's folder; paths are meant from where the command was typed
  const from = process.env["INIT_CWD"] ?? process.cwd();
  const directory = values.records === undefined ? resolve(root, "../shared/conformance") : resolve(from, values.records);
  const files = listRecordFiles(directory, values.only === undefined ? undefined : new RegExp(values.only));
  if (files.length === 0) {
    throw new Error(`no file of records matches ${values.only}`);
  }
  const index = readIndex(directory);
  const began = performance.now();
  let done = 0;
  const judged = await judgeFiles(files, {
    directory,
    jobs: values.jobs === undefined ? availableParallelism() : positive("--jobs", values.jobs),
    gradcheck: values.gradcheck,
    coreOnly: values.core,
    recordLimitMs: 1000 * positive("--limit", values.limit),
    onFile: ({ file }) => {
      done += 1;
      if (process.stderr.isTTY) {
        process.stderr.write(`\r\x1b[K${done}/${files.length} ${file.folder}/${file.name}${done === files.length ? "\r\x1b[K" : ""}`);
      }
    },
  });
  const results = judged.map((file) => resultOf(file, index));
  if (values.verbose) {
    const failures = renderFailures(results, positive("--failures", values.failures));
    console.log(failures === "" ? "no failures\n" : `${failures}\n`);
  }
  console.log(renderReport(results));
  const slow = [...results].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 3);
  console.log(
    `\n${((performance.now() - began) / 1000).toFixed(1)} s; slowest: ${slow.map(({ folder, name, milliseconds }) => `${folder}/${name} ${(milliseconds / 1000).toFixed(1)} s`).join(", ")}`,
  );
  if (values.json !== undefined) {
    write(
      resolve(from, values.json),
      `${JSON.stringify({ totals: sumCounts(results), missing: missingNames(results), files: results }, null, 1)}\n`,
    );
  }
  if (values.markdown !== undefined) {
    write(resolve(from, values.markdown), renderCompatibility(results, coverNames(await loadLibrary())));
  }
  return values.strict && results.some(({ failures }) => failures.length > 0) ? 1 : 0;
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) {
    throw new Error(`${option} must be a positive number, got ${text}`);
  }
  return number;
}

function write(path: string, text: string): void {
  if (!existsSync(dirname(path))) {
    mkdirSync(dirname(path), { recursive: true });
  }
  writeFileSync(path, text);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`conformance: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
