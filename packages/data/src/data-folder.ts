import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Where downloaded data is kept: `BLUEDOT_CACHE`, else `bluedot` in the user's cache folder. */
export function cacheFolder(): string {
  return process.env["BLUEDOT_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "bluedot");
}

/**
 * Where a data file or folder lies: in the folder that `BLUEDOT_DATA` names, else in {@link cacheFolder}.
 * Several names are alternatives. What exists nowhere gets its path in the cache folder, for a download.
 *
 * @example
 * dataPath("winequality-white.csv")
 */
export function dataPath(name: string, ...alternatives: readonly string[]): string {
  const folders = [process.env["BLUEDOT_DATA"], cacheFolder()].filter((folder) => folder !== undefined);
  const candidates = folders.flatMap((folder) => [name, ...alternatives].map((each) => join(folder, each)));
  return candidates.find((path) => existsSync(path)) ?? join(cacheFolder(), name);
}
