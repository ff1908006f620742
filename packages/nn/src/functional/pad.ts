import { fromTypedArray, type Scalar, ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { constantPadNd, required, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import { inPrecisionOf } from "./precision.ts";

/** What lies beyond the edges: one value, the image mirrored, the edge itself, or the other side. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

export interface PadOptions {
  pad?: readonly number[];
  /** Default "constant". */
  mode?: PadMode;
  /** For mode "constant". Default 0. */
  value?: Scalar | null;
}
const bind = signature("pad", { pad: required, mode: "constant", value: null });

/**
 * `input` with a border. `pad` counts the elements before and after, last dimension first: `[left, right, top, bottom]`; negative numbers cut.
 * @throws {ShapeError} for sizes that don't fit @throws {TensorError} for an unknown mode @see torch.nn.functional.pad
 */
export function pad(
  input: Tensor,
  padding: readonly number[] | PadOptions,
  ...rest: Rest<[mode: PadMode, value: Scalar | null], PadOptions>
): Tensor {
  const { pad: sides, mode, value } = bind([padding, ...rest]);
  if (sides.length % 2 !== 0) throw new ShapeError("Padding length must be divisible by 2");
  if (sides.length > input.ndim * 2) throw new ShapeError("Padding length too large");
  if (mode === "constant") return constantPadNd(input, sides, value ?? 0);
  if (value !== null && value !== 0) throw new TensorError(`Padding mode "${mode}" doesn't take in value argument`);
  if (!(mode in placesBeyond)) throw new TensorError(`Unrecognised padding mode ${mode}`);
  const n = sides.length / 2;
  if (n < 1 || n > 3 || (input.ndim !== n + 1 && input.ndim !== n + 2)) {
    throw new TensorError("Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now");
  }
  const sizes: [dim: number, left: number, right: number][] = [];
  for (let i = 0; i < n; i++) sizes.push([input.ndim - 1 - i, sides[2 * i]!, sides[2 * i + 1]!]);
  sizes.forEach(([dim, left, right], i) => checkSides(input, mode, dim, left, right, i, n));
  const beyond = mode === "reflect" ? "reflectionPad" : mode === "replicate" ? "replicationPad" : "circularPad";
  const [image] = inPrecisionOf(beyond, input);
  const padded = sizes.reduce((t, [dim, left, right]) => {
    if (left === 0 && right === 0) return t;
    if (mode === "circular" && (left < 0 || right < 0)) {
      // What is cut off doesn't come back on the other side.
      const [from, to] = [Math.max(-left, 0), t.shape[dim]! - Math.max(-right, 0)];
      return continued(t.narrow(dim, from, to - from), mode, dim, Math.max(left, 0), Math.max(right, 0));
    }
    return continued(t, mode, dim, left, right);
  }, image);
  return padded === input ? input.clone() : padded;
}

function continued(t: Tensor, mode: Exclude<PadMode, "constant">, dim: number, left: number, right: number): Tensor {
  const size = t.shape[dim]!;
  if (size + left + right <= 0) throw new ShapeError(`input (${dim}: ${size}) is too small for padding (${left}, ${right})`);
  const at = placesBeyond[mode];
  const places = BigInt64Array.from({ length: size + left + right }, (_, i) => BigInt(at(i - left, size)));
  return t.indexSelect(dim, fromTypedArray(places, [places.length]));
}

function checkSides(input: Tensor, mode: PadMode, dim: number, left: number, right: number, position: number, sides: number): void {
  const size = input.shape[dim]!;
  if (mode === "reflect" && (left >= size || right >= size)) {
    // PyTorch names the number of dimensions, rather than the sizes, of a picture.
    const of = sides === 2 ? input.ndim : `[${input.shape.join(", ")}]`;
    throw new ShapeError(
      `Argument #${4 + 2 * position}: Padding size should be less than the corresponding input dimension, but got: padding (${left}, ${right}) at dimension ${dim} of input ${of}`,
    );
  }
  if (mode === "circular") {
    if (2 * sides !== 2 * (input.ndim - 2))
      throw new ShapeError(`Invalid padding size, expected ${2 * (input.ndim - 2)} but got ${2 * sides}`);
    if (left > size || right > size) throw new ShapeError("Padding value causes wrapping around more than once.");
  }
}

/** Which element of a dimension continues it at place `i`, which may lie outside. */
const placesBeyond = {
  reflect: (i: number, size: number): number => {
    const folded = Math.abs(i);
    return folded < size ? folded : 2 * (size - 1) - folded;
  },
  replicate: (i: number, size: number): number => Math.min(Math.max(i, 0), size - 1),
  circular: (i: number, size: number): number => ((i % size) + size) % size,
};
