/** `npm test`: sets up, runs every check and every test, and ends with the line `N passed, N failed`. */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { runChecks } from "./check.mjs";
import { runConformance } from "./conformance.mjs";
import { colours, isMain, run } from "./process.mjs";
import { main, root } from "./set-up.mjs";

/**
 * Passed and failed of vitest's JSON report. A file that could not be loaded has no tests to count, so it counts as one failure.
 * @returns {{ passed: number, failed: number }}
 */
export function countReport(report) {
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
}

async function runTests() {
  const report = join(root, "node_modules", ".cache", "bluedot", "vitest.json");
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${report}`];
  const code = await run([process.execPath, vitest, "run", ...reporters], { cwd: root, env: colours });
  const count = existsSync(report) ? countReport(JSON.parse(readFileSync(report, "utf8"))) : { passed: 0, failed: 0 };
  // Something other than a test went wrong: an unhandled rejection, or vitest itself.
  if (code !== 0 && count.failed === 0) count.failed = 1;
  return count;
}

async function test() {
  const total = { passed: 0, failed: 0 };
  for (const [title, part] of [
    ["checks", runChecks],
    ["tests", runTests],
    ["conformance", runConformance],
  ]) {
    process.stdout.write(`\n── ${title} ──\n`);
    const { passed, failed } = await part();
    total.passed += passed;
    total.failed += failed;
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 ? 0 : 1;
}

if (isMain(import.meta.url)) await main(test);
