import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Library, memberOf } from "./library.ts";
import { camelPath } from "./naming.ts";

/** How many of PyTorch's names in a namespace the library has, and which it lacks. */
export interface NamespaceCoverage {
  readonly namespace: string;
  readonly all: number;
  readonly absent: readonly string[];
}

/** Public names of PyTorch 1.13 by namespace, without sparse, quantised, compiled and device-specific parts. */
function pytorchNames(): Record<string, string[]> {
  const path = fileURLToPath(new URL("../pytorch-names.json", import.meta.url));
  return JSON.parse(readFileSync(path, "utf8")) as Record<string, string[]>;
}

/** Names that are spelled otherwise here, in PyTorch's style: two words joined there, and NumPy, which JavaScript has not. */
const spelledOtherwise: Readonly<Record<string, string>> = {
  set_printoptions: "set_print_options",
  from_numpy: "from_typed_array",
  numpy: "typed_array",
};

/** Looks up every public name of PyTorch under the library's spelling. `Tensor` stands for the methods of tensors. */
export function coverNames({ torch }: Library): NamespaceCoverage[] {
  return Object.entries(pytorchNames()).map(([namespace, names]) => {
    const methods = namespace === "Tensor";
    const root: unknown = methods ? memberOf(torch["Tensor"], "prototype") : torch;
    const prefix = methods || namespace === "torch" ? "" : `${namespace}.`;
    // Getters of a prototype need a tensor to answer, so a name that is there counts whatever it gives.
    const exists = (name: string): boolean => {
      let value: unknown = root;
      for (const part of camelPath(prefix + (spelledOtherwise[name] ?? name))) {
        if (value === null || value === undefined || !(part in (value as object))) {
          return false;
        }
        value = methods ? true : memberOf(value, part);
      }
      return true;
    };
    return { namespace, all: names.length, absent: names.filter((name) => !exists(name)) };
  });
}
