import { defineConfig } from "tsup";

/** Build of a published package: one ES module per entry, chunks shared between entries. Declarations come from `tsc -b`, so they survive `clean`. */
export function library(entry: string[] = ["src/index.ts"]) {
  return defineConfig({
    entry,
    format: "esm",
    platform: "neutral",
    target: "node20",
    dts: false,
    sourcemap: true,
    splitting: true,
    clean: ["!**/*.d.ts", "!**/*.d.ts.map", "!**/*.tsbuildinfo"],
  });
}

/** Build of a program in `apps/`: `src/main.ts` and the files beside it become `dist/main.js`. */
export function program(entry: string[] = ["src/main.ts"]) {
  return library(entry);
}
