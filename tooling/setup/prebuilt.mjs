/**
 * `node tooling/setup/prebuilt.mjs [x64|arm64]`: builds the native kernels for Linux and lays them into the package of that platform
 * (`packages/cpu/npm/linux-*`), ready to be packed. The other architecture needs its cross compiler (on Debian: g++-aarch64-linux-gnu or
 * g++-x86-64-linux-gnu). What is built runs where the C library is at least as new as this machine's.
 */
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { isMain, run } from "./process.mjs";
import { root } from "./set-up.mjs";

/** How CMake calls the architectures that we publish for. */
const machines = { x64: "x86_64", arm64: "aarch64" };

/** Arguments of cmake-js that build for `arch` into `out`. */
export function buildArguments(arch, out, here = process.arch) {
  const machine = machines[arch];
  if (machine === undefined) throw new Error(`no kernels are published for ${arch}, expected one of ${Object.keys(machines).join(", ")}`);
  // The C++ library comes along: the machine that loads the addon may have an older one.
  const definitions = { CMAKE_SHARED_LINKER_FLAGS: "-static-libstdc++ -static-libgcc -s" };
  if (arch !== here) {
    definitions.CMAKE_SYSTEM_NAME = "Linux";
    definitions.CMAKE_SYSTEM_PROCESSOR = machine;
    definitions.CMAKE_C_COMPILER = `${machine}-linux-gnu-gcc`;
    definitions.CMAKE_CXX_COMPILER = `${machine}-linux-gnu-g++`;
  }
  return ["compile", "-d", "native", "-O", out, ...Object.entries(definitions).map(([name, value]) => `--CD${name}=${value}`)];
}

async function build(arch = process.arch) {
  const cpu = join(root, "packages", "cpu");
  const code = await run([join(cpu, "node_modules", ".bin", "cmake-js"), ...buildArguments(arch, `build/prebuilt-${arch}`)], { cwd: cpu });
  if (code !== 0) return code;
  const target = join(cpu, "npm", `linux-${arch}`);
  if (!existsSync(target)) throw new Error(`${target} is not there`);
  copyFileSync(join(cpu, "build", `prebuilt-${arch}`, "Release", "bluedot_cpu.node"), join(target, "bluedot_cpu.node"));
  process.stdout.write(`${target} is ready to be packed\n`);
  return 0;
}

if (isMain(import.meta.url)) process.exitCode = await build(...process.argv.slice(2));
