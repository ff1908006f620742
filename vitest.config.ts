import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));

interface Manifest {
  name: string;
  exports?: Record<string, { source?: string }>;
}

/** Workspace folders with a package.json: [project name, path from the root, manifest]. */
const folders = ["packages", "apps", "tooling"].flatMap((group) =>
  readdirSync(`${root}${group}`)
    .filter((name) => existsSync(`${root}${group}/${name}/package.json`))
    .map((name) => {
      const path = `${group}/${name}`;
      const manifest = JSON.parse(readFileSync(`${root}${path}/package.json`, "utf8")) as Manifest;
      return { name, path, manifest };
    }),
);

/** Every workspace package resolves to its sources, from anywhere: a test may import packages that the one it lies in may not. */
const alias = folders.flatMap(({ path, manifest }) =>
  Object.entries(manifest.exports ?? {}).flatMap(([subpath, { source }]) =>
    source ? [{ find: new RegExp(`^${manifest.name}${subpath.slice(1)}$`), replacement: `${root}${path}/${source.slice(2)}` }] : [],
  ),
);

export default defineConfig({
  resolve: { conditions: ["source", "module", "node", "development|production"], alias },
  ssr: { resolve: { conditions: ["source", "module", "node", "development|production"] } },
  test: {
    testTimeout: 30_000,
    projects: [...folders.filter(({ path }) => !path.startsWith("tooling/")), { name: "tooling", path: "tooling" }].map(
      ({ name, path }) => ({
        extends: true,
        test: {
          name,
          root: `${root}${path}`,
          include: ["**/*.test.{ts,mjs}"],
          exclude: ["**/node_modules/**", "**/dist/**", "**/build/**"],
        },
      }),
    ),
  },
});
