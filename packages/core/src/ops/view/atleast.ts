import { isOptions, nothingElse } from "../../dispatch/arguments.ts";
import { ShapeError } from "../../errors.ts";
import { broadcastShapes, formatShape, type Shape } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { expand } from "./expand.ts";
import { reshape } from "./reshape.ts";
import { unsqueeze } from "./squeeze.ts";

/** A function of one tensor, or of several given one by one or as an array. */
export interface AtLeast {
  (self: Tensor): Tensor;
  (...tensors: Tensor[]): Tensor[];
  (tensors: readonly Tensor[] | { tensors: readonly Tensor[] }): Tensor[];
}

const each =
  (one: (self: Tensor) => Tensor): AtLeast =>
  (...args: unknown[]): never => {
    const first = args[0];
    if (isOptions(args[args.length - 1]) && (args.length > 1 || !Object.hasOwn(first as object, "tensors")))
      nothingElse("atleast", args.slice(-1));
    if (args.length === 1 && first instanceof Tensor) return one(first) as never;
    const list = first instanceof Tensor ? args : Array.isArray(first) ? first : (first as { tensors: readonly Tensor[] }).tensors;
    return (list as readonly Tensor[]).map(one) as never;
  };

/** At least one dimension: a 0-d tensor becomes a vector. @see torch.atleast_1d */
export const atleast1d: AtLeast = each((self) => (self.ndim === 0 ? reshape(self, [1]) : self));
/** At least two dimensions: a vector becomes a row. @see torch.atleast_2d */
export const atleast2d: AtLeast = each((self) => (self.ndim === 0 ? reshape(self, [1, 1]) : self.ndim === 1 ? unsqueeze(self, 0) : self));
/** At least three dimensions: a vector becomes `[1, n, 1]`, a matrix `[m, n, 1]`. @see torch.atleast_3d */
export const atleast3d: AtLeast = each((self) =>
  self.ndim === 0
    ? reshape(self, [1, 1, 1])
    : self.ndim === 1
      ? unsqueeze(unsqueeze(self, 0), -1)
      : self.ndim === 2
        ? unsqueeze(self, -1)
        : self,
);

/** Views of the tensors in their common broadcast shape. @throws {ShapeError} @see torch.broadcast_tensors */
export function broadcastTensors(...tensors: Tensor[] | [readonly Tensor[]]): Tensor[] {
  const list = tensorList("broadcastTensors", tensors);
  const shape = list.reduce<Shape>((s, t) => broadcastShapes(s, t.shape), []);
  return list.map((t) => expand(t, shape));
}

/** Tensors given one by one or as an array. @throws {TypeError} on an option */
export function tensorList(name: string, args: readonly unknown[]): readonly Tensor[] {
  const last = args[args.length - 1];
  if (isOptions(last)) {
    const named = last as { tensors?: readonly Tensor[] };
    if (args.length > 1 || named.tensors === undefined || Object.keys(named).length > 1) nothingElse(name, [withoutTensors(named)]);
    else return named.tensors;
  }
  return (Array.isArray(args[0]) ? args[0] : args) as readonly Tensor[];
}
const withoutTensors = ({ tensors: _, ...rest }: { tensors?: unknown }): object => rest;

const bad = (a: number, b: number): never => {
  throw new ShapeError(`Shape mismatch: objects cannot be broadcast to a single shape (${a} and ${b})`);
};

/** The common broadcast shape of shapes. @throws {ShapeError} @see torch.broadcast_shapes */
export function broadcastShapesOf(...shapes: (number | Shape)[]): Shape {
  if (isOptions(shapes[shapes.length - 1])) nothingElse("broadcastShapes", shapes.slice(-1));
  const given = shapes.map((s) => (typeof s === "number" ? [s] : s));
  for (const shape of given) {
    for (const n of shape) if (n < 0) throw new ShapeError(`Trying to create tensor with negative dimension (${n}): ${formatShape(shape)}`);
  }
  const ndim = Math.max(0, ...given.map((s) => s.length));
  const out = new Array<number>(ndim).fill(1);
  for (const shape of given) {
    shape.forEach((n, i) => {
      const at = ndim - shape.length + i;
      if (n !== 1 && out[at] !== 1 && n !== out[at]) bad(out[at]!, n);
      if (n !== 1) out[at] = n;
    });
  }
  return out;
}
