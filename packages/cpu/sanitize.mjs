// Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer and runs the operators' tests on it: native against reference on
// random layouts, and the recorded PyTorch results. `node packages/cpu/sanitize.mjs [--skip-build] [test files...]`
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const out = `${here}build/sanitize`;
const args = process.argv.slice(2);
const skip = args.includes("--skip-build");
const files = args.filter((a) => !a.startsWith("--"));

/** Runs a program and ends with its exit code where that is not 0. */
function run(command, parameters, options) {
  const { status, error } = spawnSync(command, parameters, { stdio: "inherit", ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const isas = process.arch === "x64" ? "avx2" : "baseline";
if (!skip) {
  run(
    "npx",
    [
      "cmake-js",
      "compile",
      "--directory",
      "native",
      "--out",
      "build/sanitize",
      "--parallel",
      "2",
      "--CDBLUEDOT_SANITIZE=ON",
      `--CDBLUEDOT_ISAS=${isas}`,
    ],
    { cwd: here },
  );
}
const addon = `${out}/Release/bluedot_cpu.node`;
if (!existsSync(addon)) throw new Error(`${addon} was not built`);
const library = (name) => execFileSync("g++", [`-print-file-name=${name}`], { encoding: "utf8" }).trim();
run(
  "npx",
  [
    "vitest",
    "run",
    "--pool=forks",
    "--maxWorkers=1",
    ...(files.length > 0 ? files : ["packages/cpu/src", "packages/op-tests/src/kept-records.test.ts"]),
  ],
  {
    cwd: root,
    env: {
      ...process.env,
      // Node is not built with the sanitizers: their libraries must come first.
      LD_PRELOAD: `${library("libasan.so")} ${library("libubsan.so")}`,
      // V8 and Node keep memory until the process ends; that is no leak of ours.
      ASAN_OPTIONS: "detect_leaks=0",
      UBSAN_OPTIONS: "print_stacktrace=1",
      BLUEDOT_CPU_ADDON: addon,
    },
  },
);
