import { IndexError, TensorError } from "../errors.ts";
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
  return names?.some((name) => name !== null) ? names : null;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Checks names for a tensor of `ndim` dimensions. @throws {TensorError} in PyTorch's words */
export function checkNames(names: Names, ndim: number): Names {
  if (names.length !== ndim) {
    throw new TensorError(
      `Number of names (${names.length}) and number of dimensions in tensor (${ndim}) do not match. Attempted to create a tensor with names ${list(names)}`,
    );
  }
  names.forEach((name, i) => {
    if (name === null) return;
    if (!IDENTIFIER.test(name)) {
      throw new TensorError(
        `Invalid name: a valid identifier contains only digits, alphabetical characters, and/or underscore and starts with a non-digit. got: '${name}'.`,
      );
    }
    if (names.indexOf(name) !== i) {
      throw new TensorError(`Cannot construct a tensor with duplicate names. Got names: ${list(names)}.`);
    }
  });
  return names;
}

/** A dimension by number or name. @throws {IndexError} where there is no such name */
export function dimNumber(self: Tensor, dim: number | string): number {
  if (typeof dim === "number") return dim;
  const at = self.dimNames?.indexOf(dim) ?? -1;
  if (at < 0) {
    const names = (self.dimNames ?? new Array<null>(self.ndim).fill(null)).map((n) => (n === null ? "None" : `'${n}'`)).join(", ");
    throw new IndexError(`Name '${dim}' not found in Tensor[${names}].`);
  }
  return at;
}
