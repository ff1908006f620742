/** `pnpm check`: runs every `check:*` script of the root package.json, goes on after a failure, and shows the output of those that failed. */
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { capture, colours, isMain } from "./process.mjs";
import { main, root } from "./set-up.mjs";

/** Runs the checks one after the other. @returns {Promise<{ passed: number, failed: number }>} */
export async function runChecks() {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const env = { ...colours, PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env.PATH}` };
  const total = { passed: 0, failed: 0 };
  for (const [name, script] of Object.entries(scripts).filter(([name]) => name.startsWith("check:"))) {
    const started = performance.now();
    const { code, output } = await capture([script], { cwd: root, env, shell: true });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${code === 0 ? "ok    " : "FAILED"} ${name.padEnd(16)} ${seconds} s   ${script}\n`);
    if (code !== 0) process.stdout.write(`\n${output.trimEnd()}\n\n`);
    total[code === 0 ? "passed" : "failed"] += 1;
  }
  return total;
}

if (isMain(import.meta.url)) await main(async () => ((await runChecks()).failed === 0 ? 0 : 1));
