/** Stamps remember what the last set-up saw, so that the next one can tell in milliseconds that nothing changed. Plain Node, no dependencies. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** Folders that hold results, never sources. */
const RESULTS = new Set(["node_modules", "dist", "build", "prebuilds", "coverage", ".git", ".turbo", ".cache"]);

/** Files below `path` (or `path` itself), results left out, in a stable order. A missing path has none. */
export function listFiles(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isFile()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !RESULTS.has(entry.name) && (entry.isDirectory() || entry.isFile()))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? listFiles(join(path, entry.name)) : [join(path, entry.name)]));
}

/** Digest of the contents of `paths`: for the few files that decide what is installed. */
export function contentDigest(root, paths) {
  const hash = createHash("sha256").update(process.versions.modules);
  for (const file of paths.flatMap((path) => listFiles(join(root, path)))) {
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Digest of names, sizes and modification times below `paths`: cheap enough for every start. */
export function stateDigest(root, paths) {
  const hash = createHash("sha256").update(process.versions.modules);
  for (const file of paths.flatMap((path) => listFiles(join(root, path)))) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

const stampPath = (root, name) => join(root, "node_modules", ".cache", "bluedot", name);

/** True when `name` was last stamped with this digest. */
export function isStamped(root, name, digest) {
  const path = stampPath(root, name);
  return existsSync(path) && readFileSync(path, "utf8") === digest;
}

/** Remembers that `name` is done for this digest. */
export function stamp(root, name, digest) {
  const path = stampPath(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, digest);
}

/** Forgets `name`, so that an interrupted step is done again. */
export function unstamp(root, name) {
  rmSync(stampPath(root, name), { force: true });
}
