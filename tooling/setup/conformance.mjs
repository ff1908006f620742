/**
 * Recorded PyTorch results as part of `npm test`: fewer may not pass than `packages/op-tests/floor.json` says.
 * `pnpm conformance:accept` writes that file anew after an improvement.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { colours, isMain, run } from "./process.mjs";
import { main, root } from "./set-up.mjs";

const records = join(root, "..", "shared", "conformance");
const floorFile = join(root, "packages", "op-tests", "floor.json");

/** A few results at the edge of their tolerance differ from one instruction set to another. */
const slack = 0.002;

/**
 * Holds totals by kind of check against the least that must pass.
 * @returns {{ passed: number, failed: string[] }} how many kinds reach it, and a sentence for each that does not
 */
export function judge(totals, floor) {
  const sentences = Object.entries(floor).map(([kind, least]) => {
    const passed = totals[kind]?.passed ?? 0;
    return passed < least * (1 - slack) ? `${kind}: ${passed} passed, ${least} did before` : undefined;
  });
  const failed = sentences.filter((sentence) => sentence !== undefined);
  return { passed: sentences.length - failed.length, failed };
}

/** Runs the conformance runner; its table goes to stdout. @returns totals by kind of check, or undefined when it did not finish */
async function totals() {
  const report = join(root, "node_modules", ".cache", "bluedot", "conformance.json");
  mkdirSync(dirname(report), { recursive: true });
  const command = [process.execPath, "--conditions=source", "--import", "tsx", "src/cli.ts", "--records", records, "--json", report];
  const code = await run(command, { cwd: join(root, "packages", "op-tests"), env: colours });
  return code === 0 ? JSON.parse(readFileSync(report, "utf8")).totals : undefined;
}

/** The conformance part of `npm test`. @returns {Promise<{ passed: number, failed: number }>} */
export async function runConformance() {
  if (!existsSync(floorFile) || !existsSync(records)) {
    process.stdout.write("left out: no recorded results beside the repository\n");
    return { passed: 0, failed: 0 };
  }
  const counted = await totals();
  if (counted === undefined) return { passed: 0, failed: 1 };
  const { passed, failed } = judge(counted, JSON.parse(readFileSync(floorFile, "utf8")));
  for (const sentence of failed) process.stdout.write(`FAILED ${sentence}\n`);
  return { passed, failed: failed.length };
}

async function accept() {
  const counted = await totals();
  if (counted === undefined) return 1;
  const floor = Object.fromEntries(Object.entries(counted).map(([kind, { passed }]) => [kind, passed]));
  writeFileSync(floorFile, `${JSON.stringify(floor, null, 2)}\n`);
  return 0;
}

if (isMain(import.meta.url) && process.argv[2] === "--accept") await main(accept);
