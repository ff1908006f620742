/** `pnpm check`: runs every `check:*` script of the root package.json, goes on after a failure, and shows the output of those that failed. */
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { capture, colours, eachOf, isMain } from "./process.mjs";
import { main, root } from "./set-up.mjs";

/** Reads what `check:types` writes, so it comes after all others. */
const last = "check:packages";

/** Runs the checks, two at a time. @returns {Promise<{ passed: number, failed: number }>} */
export async function runChecks() {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const env = { ...colours, PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env.PATH}` };
  const total = { passed: 0, failed: 0 };
  const check = async (name) => {
    const script = scripts[name];
    const started = performance.now();
    const { code, output } = await capture([script], { cwd: root, env, shell: true });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${code === 0 ? "ok    " : "FAILED"} ${name.padEnd(16)} ${seconds} s   ${script}\n`);
    if (code !== 0) process.stdout.write(`\n${output.trimEnd()}\n\n`);
    total[code === 0 ? "passed" : "failed"] += 1;
  };
  const names = Object.keys(scripts).filter((name) => name.startsWith("check:"));
  await eachOf(names.filter((name) => name !== last).reverse(), 2, check);
  if (names.includes(last)) await check(last);
  return total;
}

if (isMain(import.meta.url)) await main(async () => ((await runChecks()).failed === 0 ? 0 : 1));
