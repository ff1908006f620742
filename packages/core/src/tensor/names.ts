import { TensorError } from "../errors.ts";
import type { Tensor } from "./tensor.ts";

/** Names of dimensions, outermost first; null where a dimension has none. */
export type Names = readonly (string | null)[];

const list = (names: Names): string => `[${names.map((name) => (name === null ? "None" : `'${name}'`)).join(", ")}]`;

/** Names of a broadcast of both, aligned from the right. @throws {TensorError} in PyTorch's words when they differ */
export function unifyTwo(a: Names, b: Names): Names {
  const ndim = Math.max(a.length, b.length);
  const out = new Array<string | null>(ndim);
  for (let i = 1; i <= ndim; i++) {
    const x = a[a.length - i] ?? null;
    const y = b[b.length - i] ?? null;
    if (x !== null && y !== null && x !== y) {
      throw new TensorError(
        `Error when attempting to broadcast dims ${list(a)} and dims ${list(b)}: dim '${x}' and dim '${y}' are at the same position from the right but do not match.`,
      );
    }
    out[ndim - i] = x ?? y;
  }
  for (let i = 0; i < ndim; i++) {
    const name = out[i] ?? null;
    if (name !== null && out.indexOf(name) !== i) {
      throw new TensorError(
        `Misaligned dims when attempting to broadcast dims ${list(a)} and dims ${list(b)}: dim '${name}' appears in a different position from the right across both lists.`,
      );
    }
  }
  return out;
}

/** Names of the result of an elementwise operator. */
export function unifyNames(inputs: readonly (Tensor | null)[]): Names | null {
  let names: Names | null = null;
  for (const input of inputs) {
    if (input === null) continue;
    const own = input.dimNames ?? new Array<null>(input.shape.length).fill(null);
    names = names === null ? own : unifyTwo(names, own);
  }
  return names !== null && names.some((name) => name !== null) ? names : null;
}
