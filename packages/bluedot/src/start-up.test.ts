import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const built = new URL("../dist/index.js", import.meta.url);

/** Refuses every module that is neither Node's nor ours. */
const hooks = `export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (!found.url.startsWith("node:") && found.url.includes("/node_modules/")) throw new Error("start-up loads " + specifier);
  return found;
}`;

const program = `
import { register } from "node:module";
register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hooks)}));
const before = new Set(process.moduleLoadList);
const torch = await import(${JSON.stringify(built.href)});
const misnamed = [];
for (const space of [torch, torch.nn, torch.distributions, torch.optim, torch.utils.data, torch.vision.transforms]) {
  for (const [name, value] of Object.entries(space)) {
    if (typeof value === "function" && /^class\\b/.test(String(value)) && value.name !== name) misnamed.push(value.name + " for " + name);
  }
}
const sum = torch.ones([3]).add(1).sum().item();
process.stdout.write(JSON.stringify({ sum, misnamed, loaded: process.moduleLoadList.filter((name) => !before.has(name)) }));
`;

describe.skipIf(!existsSync(fileURLToPath(built)))("start-up", () => {
  it("gives classes their names, and loads nobody else's module, and none of Node's large ones", () => {
    const { sum, misnamed, loaded } = JSON.parse(
      execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }),
    ) as { sum: number; misnamed: string[]; loaded: string[] };
    expect(sum).toBe(6);
    expect(misnamed).toEqual([]);
    expect(loaded.filter((name) => /^NativeModule (crypto|zlib|http|https|net|worker_threads|child_process)$/.test(name))).toEqual([]);
  });
});
