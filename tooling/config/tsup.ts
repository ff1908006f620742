import { defineConfig } from "tsup";

/**
 * esbuild turns a class that mentions itself into `var Embedding = class _Embedding`; it prints its name (`Embedding(4, 3)`, as PyTorch does), so the
 * name is put right. `keepNames` would do so for every function too, at the cost of a tenth of the start-up time.
 */
const keepClassNames = {
  name: "keep-class-names",
  renderChunk(code: string, { map = null }: { map?: string | object | null }) {
    const named = code.replace(
      /(\w+) = class _\1( extends [^{\n]+)? \{/g,
      (head, name: string) => `${head} static { Object.defineProperty(this, "name", { value: "${name}", configurable: true }); }`,
    );
    return named === code ? undefined : { code: named, map };
  },
};

/** Build of a published package: one ES module per entry, chunks shared between entries. Declarations come from `tsc -b`, so they survive `clean`. */
export function library(entry: string[] = ["src/index.ts"]) {
  return defineConfig({
    entry,
    format: "esm",
    platform: "neutral",
    target: "node20",
    dts: false,
    sourcemap: true,
    plugins: [keepClassNames],
    splitting: true,
    clean: ["!**/*.d.ts", "!**/*.d.ts.map", "!**/*.tsbuildinfo"],
  });
}

/** Build of a program in `apps/`: `src/main.ts` and the files beside it become `dist/main.js`. */
export function program(entry: string[] = ["src/main.ts"]) {
  return library(entry);
}
