import { existsSync } from "node:fs";
import { createRequire } from "node:module";

/** A kernel of the addon: reads its operands from the descriptor. */
export type NativeFunction = () => void;

/** What the addon exports. */
export interface Addon {
  /** Sizes, scalars and addresses for the next call; one for each Node environment. */
  readonly descriptor: Float64Array;
  readonly kernels: Readonly<Record<string, NativeFunction>>;
  /** Instruction set of the kernels in use: `baseline`, `avx2` or `avx512`. */
  readonly isa: string;
  addressOf(buffer: ArrayBuffer): number;
  getNumThreads(): number;
  setNumThreads(count: number): void;
}

const require = createRequire(import.meta.url);

/** Where the addon may lie: named by `BLUEDOT_CPU_ADDON`, built here, or prebuilt in a package of its own. */
function* candidates(): Generator<string> {
  const named = process.env["BLUEDOT_CPU_ADDON"];
  if (named !== undefined) yield named;
  for (const build of ["../build/Release/bluedot_cpu.node", "../build/bluedot_cpu.node"]) {
    const path = new URL(build, import.meta.url);
    if (existsSync(path)) yield path.pathname;
  }
  try {
    yield require.resolve(`@bluedot/cpu-${process.platform}-${process.arch}/bluedot_cpu.node`);
  } catch {
    // No prebuilt package for this platform is installed.
  }
}

function load(): Addon | null {
  if (process.env["BLUEDOT_CPU"] === "reference") return null;
  let problem = "";
  for (const path of candidates()) {
    try {
      return require(path) as Addon;
    } catch (error) {
      problem = ` (${path} failed to load: ${error instanceof Error ? error.message : String(error)})`;
    }
  }
  process.emitWarning(
    `the native CPU kernels are not built, so the reference kernels in TypeScript serve, which are much slower${problem}. ` +
      "Install a C++ compiler and CMake (on Debian: apt-get install g++ cmake) and run `pnpm --filter @bluedot/cpu build:native`.",
    { type: "BluedotWarning", code: "BLUEDOT_CPU_REFERENCE" },
  );
  return null;
}

let loaded: Addon | null | undefined;

/** The addon, loaded at the first call; null where there is none, after one warning, or where `BLUEDOT_CPU=reference` forbids it. */
export function addon(): Addon | null {
  if (loaded === undefined) loaded = load();
  return loaded;
}
