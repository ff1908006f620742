/**
 * `pnpm check:packages`: packs every published package as npm would receive it and looks at the result with publint and
 * "are the types wrong" (ES modules only). Needs `pnpm build` and `tsc -b` before.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture } from "./process.mjs";
import { pnpm, root } from "./set-up.mjs";

const bin = (name) => join(root, "node_modules", ".bin", name);
const tarballs = mkdtempSync(join(tmpdir(), "bluedot-pack-"));

/** What is wrong with a packed package; nothing when all is well. */
async function problems(tarball) {
  const results = await Promise.all([
    capture([bin("publint"), "run", tarball, "--strict"]),
    capture([bin("attw"), tarball, "--profile", "esm-only", "--no-emoji", "--no-color"]),
  ]);
  return results.filter(({ code }) => code !== 0).map(({ output }) => output.trimEnd());
}

try {
  const command = [...(await pnpm()), "--recursive", "--filter", "./packages/*", "--filter", "!./packages/op-tests"];
  const packed = await capture([...command, "pack", "--pack-destination", tarballs], { cwd: root });
  if (packed.code !== 0) process.stdout.write(packed.output);
  process.exitCode = packed.code;
  for (const name of readdirSync(tarballs).filter((file) => file.endsWith(".tgz"))) {
    const found = await problems(join(tarballs, name));
    process.stdout.write(`${name}: ${found.length === 0 ? "ok" : `\n${found.join("\n")}`}\n`);
    if (found.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(tarballs, { recursive: true, force: true });
}
