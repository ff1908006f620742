import { given as givenArguments, nothingElse, required, signature } from "../../dispatch/arguments.ts";
import { runViewInto } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { formatShape, wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { permute } from "./permute.ts";
import { transpose, transposeView } from "./transpose.ts";

const bind = signature("movedim", { source: required, destination: required });

export interface Movedim {
  (self: Tensor, source: number | readonly number[], destination: number | readonly number[]): Tensor;
  (self: Tensor, options: { source: number | readonly number[]; destination: number | readonly number[] }): Tensor;
}

/** A view with the dimensions `source` moved to the places `destination`, the others in order. @throws {ShapeError} @throws {IndexError} @see torch.movedim */
export const movedim: Movedim = (self: Tensor, ...args: unknown[]): Tensor => {
  const { source, destination } = bind(args);
  const from: number[] = typeof source === "number" ? [source] : source;
  const to: number[] = typeof destination === "number" ? [destination] : destination;
  if (from.length !== to.length) {
    throw new ShapeError(
      `movedim: Invalid source or destination dims: source (${formatShape(from)} dims) should contain the same number of dims as destination (${formatShape(to)} dims)`,
    );
  }
  const wrappedFrom = from.map((d) => wrapDim(d, self.ndim));
  const wrappedTo = to.map((d) => wrapDim(d, self.ndim));
  for (const [name, given, wrapped] of [
    ["source", from, wrappedFrom],
    ["destination", to, wrappedTo],
  ] as const) {
    if (new Set(wrapped).size !== wrapped.length) throw new ShapeError(`movedim: repeated dim in \`${name}\` (${formatShape(given)})`);
  }
  if (self.ndim === 0) return permute(self, []);
  const rest = self.shape.map((_, i) => i).filter((i) => !wrappedFrom.includes(i));
  const order = new Array<number>(self.ndim).fill(-1);
  wrappedTo.forEach((d, i) => {
    order[d] = wrappedFrom[i]!;
  });
  return permute(
    self,
    order.map((d) => (d < 0 ? rest.shift()! : d)),
  );
};
/** Alias of `movedim`. @see torch.moveaxis */
export const moveaxis: Movedim = movedim;

const bindSwap = signature("swapaxes", { axis0: required, axis1: required });
/** Alias of `transpose`. @see torch.swapaxes */
export function swapaxes(self: Tensor, axis0: number | { axis0: number; axis1: number }, axis1?: number, ...extra: never[]): Tensor {
  const { axis0: a, axis1: b } = bindSwap(givenArguments([axis0, axis1, ...extra]));
  return transpose(self, a, b);
}
/** Alias of `transpose`. @see torch.swapdims */
export function swapdims(self: Tensor, dim0: number | { dim0: number; dim1: number }, dim1?: number, ...extra: never[]): Tensor {
  return transpose(self, dim0, dim1, ...extra);
}

function checkMatrix(self: Tensor): void {
  if (self.ndim > 2) throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${self.ndim}D`);
}

const bindTranspose = signature("transpose_", { dim0: required, dim1: required });

/** Exchanges two dimensions in one's own layout. */
export type TransposeInto = (self: Tensor, dim0: number | { dim0: number; dim1: number }, dim1?: number) => Tensor;

/** In-place `transpose`: the tensor's own layout changes. @throws {IndexError} @see torch.Tensor.transpose_ */
export const transpose_: TransposeInto = (self, ...args) => {
  const { dim0, dim1 } = bindTranspose(givenArguments(args));
  return runViewInto(transposeView, self, { dim0: wrapDim(dim0, self.ndim), dim1: wrapDim(dim1, self.ndim) });
};
/** In-place `t`. @throws {ShapeError} @see torch.Tensor.t_ */
export function t_(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("t_", extra);
  checkMatrix(self);
  return self.ndim < 2 ? self : transpose_(self, 0, 1);
}
/** In-place `swapaxes`. @see torch.Tensor.swapaxes_ */
export function swapaxes_(self: Tensor, axis0: number | { axis0: number; axis1: number }, axis1?: number, ...extra: never[]): Tensor {
  const { axis0: a, axis1: b } = bindSwap(givenArguments([axis0, axis1, ...extra]));
  return transpose_(self, a, b);
}
/** In-place `swapdims`. @see torch.Tensor.swapdims_ */
export const swapdims_: TransposeInto = transpose_;

/** The conjugate transpose of matrices in the last two dimensions. @throws {ShapeError} @see torch.adjoint */
export function adjoint(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("adjoint", extra);
  if (self.ndim < 2)
    throw new ShapeError(`tensor.adjoint() is only supported on matrices or batches of matrices. Got ${self.ndim}-D tensor.`);
  return transpose(self, -2, -1).conj();
}
