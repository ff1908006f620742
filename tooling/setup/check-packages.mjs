/**
 * `pnpm check:packages`: packs every published package as npm would receive it and looks at the result with publint and
 * "are the types wrong" (ES modules only), then lays them all into an empty folder and starts them there. Needs `pnpm build` and `tsc -b` before.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { capture, eachOf } from "./process.mjs";
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

/** What a user's first minute shows. */
const program = `
import * as torch from "bluedot";
const weight = torch.ones([3], { requiresGrad: true });
weight.mul(torch.tensor([1, 2, 3])).sum().backward();
console.log(String(weight.grad), torch.backends().kernels, new torch.nn.Linear(2, 1).parameters().length);
`;

/** Lays the packages into an empty folder, as an installation does (start-up needs nobody else's), with the kernels built here as a prebuilt package. */
async function start(files) {
  const folder = join(tarballs, "installed");
  for (const file of files) {
    const unpacked = join(tarballs, "unpacked");
    mkdirSync(unpacked);
    await capture(["tar", "-xzf", join(tarballs, file), "-C", unpacked]);
    const { name } = JSON.parse(readFileSync(join(unpacked, "package", "package.json"), "utf8"));
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    renameSync(join(unpacked, "package"), join(folder, "node_modules", name));
    rmSync(unpacked, { recursive: true });
  }
  const addon = join(root, "packages", "cpu", "build", "Release", "bluedot_cpu.node");
  const prebuilt = join(folder, "node_modules", "@bluedot", `cpu-${process.platform}-${process.arch}`);
  const kernels = existsSync(addon) ? "native" : "reference";
  if (kernels === "native") {
    mkdirSync(prebuilt, { recursive: true });
    copyFileSync(addon, join(prebuilt, "bluedot_cpu.node"));
  }
  writeFileSync(join(folder, "program.mjs"), program);
  const env = { BLUEDOT_CPU: "", NODE_OPTIONS: "" };
  const ran = await capture([process.execPath, "program.mjs"], { cwd: folder, env });
  const told = await capture([process.execPath, join(folder, "node_modules", "bluedot", "dist", "cli.js"), "info"], { cwd: folder, env });
  const from = kernels === "native" ? realpathSync(join(prebuilt, "bluedot_cpu.node")) : "none";
  const well = ran.output.includes(`tensor([1., 2., 3.]) ${kernels} 2`) && told.output.includes(`addon         ${from}`);
  return well ? [] : [ran.output, told.output];
}

try {
  const command = [...(await pnpm()), "--recursive", "--filter", "./packages/*", "--filter", "!./packages/op-tests"];
  const packed = await capture([...command, "pack", "--pack-destination", tarballs], { cwd: root });
  if (packed.code !== 0) process.stdout.write(packed.output);
  process.exitCode = packed.code;
  const files = readdirSync(tarballs).filter((file) => file.endsWith(".tgz"));
  const report = (name, found) => {
    process.stdout.write(`${name}: ${found.length === 0 ? "ok" : `\n${found.join("\n")}`}\n`);
    if (found.length > 0) process.exitCode = 1;
  };
  await eachOf(files, 2, async (file) => report(file, await problems(join(tarballs, file))));
  report("installed in an empty folder", await start(files));
} finally {
  rmSync(tarballs, { recursive: true, force: true });
}
