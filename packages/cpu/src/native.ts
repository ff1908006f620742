import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ABI } from "./descriptor.ts";

/** A kernel of the addon: reads its operands from the descriptor. */
export type NativeFunction = () => void;

/** What the addon exports. */
export interface Addon {
  /** Version of the descriptor's layout and of these exports; 1 where there is none. */
  readonly abi?: number;
  /** Sizes, scalars and addresses for the next call; one for each Node environment. */
  readonly descriptor: Float64Array;
  readonly kernels: Readonly<Record<string, NativeFunction>>;
  /** Instruction set of the kernels in use: `baseline`, `avx2` or `avx512`. */
  readonly isa: string;
  /** Where a buffer lies, or the first element of an array. */
  addressOf(buffer: ArrayBuffer | Uint8Array): number;
  getNumThreads(): number;
  setNumThreads(count: number): void;
}

/** The addon and the file it came from, or why there is none. */
export type Loaded = { readonly addon: Addon; readonly path: string } | { readonly addon: null; readonly reason: string };

const require = createRequire(import.meta.url);

/** This platform, as packages of prebuilt kernels are named. */
const platform = `${process.platform}-${process.arch}`;

/** Where the addon may lie: where `BLUEDOT_CPU_ADDON` says, else built here or prebuilt in a package of its own. */
function* candidates(): Generator<string> {
  const named = process.env["BLUEDOT_CPU_ADDON"];
  if (named !== undefined) return yield resolve(named);
  const built = fileURLToPath(new URL("../build/Release/bluedot_cpu.node", import.meta.url));
  if (existsSync(built)) yield built;
  try {
    yield require.resolve(`@bluedot/cpu-${platform}/bluedot_cpu.node`);
  } catch {
    // No prebuilt package for this platform is installed.
  }
}

/** The addon in a file. @throws {Error} when it can't be loaded here, or was made for another version of this package */
export function open(path: string): Addon {
  const addon = require(path) as Partial<Addon>;
  if (!(addon.descriptor instanceof Float64Array) || typeof addon.kernels !== "object") throw new Error("it holds no kernels of bluedot");
  if ((addon.abi ?? 1) !== ABI) throw new Error(`it has version ${addon.abi ?? 1} of the kernels, this package needs ${ABI}`);
  return addon as Addon;
}

/** What makes native kernels appear where this package lies. */
function advice(): string {
  const sources = existsSync(new URL("../native/CMakeLists.txt", import.meta.url));
  if (sources) {
    return "Install a C++ compiler and CMake (on Debian: apt-get install g++ cmake make) and run `pnpm --filter @bluedot/cpu build:native` in the checkout.";
  }
  return `Install the package @bluedot/cpu-${platform} where there is one for this platform, or name an addon built elsewhere in BLUEDOT_CPU_ADDON.`;
}

function load(): Loaded {
  if (process.env["BLUEDOT_CPU"] === "reference") return { addon: null, reason: "BLUEDOT_CPU=reference asks for the reference kernels." };
  const problems: string[] = [];
  for (const path of candidates()) {
    try {
      return { addon: open(path), path };
    } catch (error) {
      problems.push(`${path} can't be used: ${error instanceof Error ? error.message : String(error)}.`);
    }
  }
  if (problems.length === 0) problems.push(`No native kernels are built or installed for ${platform}.`);
  const reason = `${problems.join(" ")} ${advice()}`;
  process.emitWarning(`the reference kernels in TypeScript serve, which are much slower than the native ones. ${reason}`, {
    type: "BluedotWarning",
    code: "BLUEDOT_CPU_REFERENCE",
  });
  return { addon: null, reason };
}

let loaded: Loaded | undefined;

/** The addon with its file, looked for at the first call; where there is none the reason, after one warning unless `BLUEDOT_CPU=reference` forbids it. */
export function loadAddon(): Loaded {
  loaded ??= load();
  return loaded;
}

/** The addon, null where there is none. */
export const addon = (): Addon | null => loadAddon().addon;
