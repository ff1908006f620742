import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, IndexError, ShapeError } from "../../errors.ts";
import { accumulable, writeAccumulated } from "../../reference/accumulate.ts";
import { flat, flatTarget, offsetsAlong, sameElements } from "../../reference/flat.ts";
import { wrappedIndices } from "../../reference/scatter.ts";
import { dtypeInfo } from "../../tensor/dtype.ts";
import { broadcastShapes, broadcastStrides, contiguousStrides, formatShape, numelOf, type Shape } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { zeros } from "../factory/filled.ts";
import { nonzero } from "./nonzero.ts";

/** Indices of an advanced index by dimension: an integer tensor, or null where the whole dimension is taken. */
export type IndexList = readonly (Tensor | null)[];

/** Index tensors made ready: masks turned into indices. @throws {IndexError} @throws {DTypeError} in PyTorch's words */
export function expandMasks(self: Tensor, indices: IndexList): (Tensor | null)[] {
  const out: (Tensor | null)[] = [];
  for (const index of indices) {
    if (index === null) out.push(null);
    else if (index.dtype === "bool" || index.dtype === "uint8") {
      index.shape.forEach((n, j) => {
        const at = out.length + j;
        if (self.shape[at] === n) return;
        throw new IndexError(
          `The shape of the mask ${formatShape(index.shape)} at index ${j} does not match the shape of the indexed tensor ${formatShape(self.shape)} at index ${at}`,
        );
      });
      const found = nonzero(index);
      for (let d = 0; d < index.ndim; d++) out.push(found.select(1, d));
    } else if (index.dtype === "int64") out.push(index);
    else throw new IndexError("tensors used as indices must be long, byte or bool tensors");
  }
  return out;
}

/** The shape to which index tensors broadcast. */
function indexShape(indices: IndexList): Shape {
  const given = indices.filter((t) => t !== null);
  try {
    return given.reduce<Shape>((shape, t) => broadcastShapes(shape, t.shape), []);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new IndexError(
      `shape mismatch: indexing tensors could not be broadcast together with shapes ${given.map((t) => formatShape(t.shape)).join(", ")}`,
    );
  }
}

/** How the result of an advanced index is put together: dimensions before the index tensors' shape, and after it. */
interface Plan {
  readonly indexed: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly picked: Shape;
  readonly shape: Shape;
}

/** Index tensors side by side leave their shape where they stood; others put it first. */
function planOf(shape: Shape, indices: IndexList): Plan {
  if (indices.length > shape.length) {
    throw new IndexError(`too many indices for tensor of dimension ${shape.length}${shape.length === 0 ? "" : ` (got ${indices.length})`}`);
  }
  const indexed = indices.flatMap((t, i) => (t === null ? [] : [i]));
  const adjacent = indexed.every((d, i) => i === 0 || d === indexed[i - 1]! + 1);
  const rest = shape.map((_, i) => i).filter((i) => !indexed.includes(i));
  const first = adjacent ? (indexed[0] ?? 0) : 0;
  const before = rest.filter((d) => d < first);
  const after = rest.filter((d) => d >= first);
  const picked = indexShape(indices);
  const sizes = (dims: readonly number[]): number[] => dims.map((d) => shape[d]!);
  const out = [...sizes(before), ...picked, ...sizes(after)];
  if (numelOf(picked) > 0) {
    for (const d of indexed) if (shape[d] === 0) throw new IndexError(`index is out of bounds for dimension with size 0`);
  }
  return { indexed, before, after, picked, shape: out };
}

/** Offsets in a row-major tensor of `shape` of the places that the index tensors pick, in row-major order. @throws {IndexError} */
function pickedOffsets(shape: Shape, indices: IndexList, { indexed, picked }: Plan): Float64Array {
  const strides = contiguousStrides(shape);
  const out = new Float64Array(numelOf(picked));
  indexed.forEach((d, position) => {
    const index = indices[d]!;
    const wide = new Tensor(index.storage, picked, broadcastStrides(index.shape, index.strides, picked), index.offset, index.dtype);
    const values = wrappedIndices(wide, shape[d]!, position);
    for (let i = 0; i < out.length; i++) out[i]! += values[i]! * strides[d]!;
  });
  return out;
}

/** Visits each picked element: its place in `shape`, and in the row-major result. */
function forEachPicked(shape: Shape, indices: IndexList, visit: (at: number, place: number, run: number) => void): void {
  const plan = planOf(shape, indices);
  // Where nothing is picked, PyTorch does not look at the indices.
  if (numelOf(plan.shape) === 0) return;
  const strides = contiguousStrides(shape);
  const before = offsetsAlong(shape, strides, plan.before);
  const picked = pickedOffsets(shape, indices, plan);
  // The trailing whole dimensions lie side by side: they are one run.
  const tail = plan.after.filter((d) => plan.indexed.every((i) => i < d));
  const run = tail.reduce((n, d) => n * shape[d]!, 1);
  const middle = offsetsAlong(
    shape,
    strides,
    plan.after.filter((d) => !tail.includes(d)),
  );
  let place = 0;
  for (const b of before)
    for (const k of picked)
      for (const m of middle) {
        visit(b + k + m, place, run);
        place += run;
      }
}

export const indexOp: Op<readonly (Tensor | null)[], undefined> = defineOp<readonly (Tensor | null)[]>({
  name: "index",
  infer: ([self, ...indices]) => ({ shape: planOf(self!.shape, indices).shape, dtype: self!.dtype }),
  saves: { inputs: "all" },
  backward: ({ grad, inputs: [, ...indices], specs: [self] }) => [
    run(indexPutOp, [zeros(self!.shape, { dtype: grad.dtype, device: grad.device }), grad, ...indices], true),
    ...indices.map(() => null),
  ],
});

/** `self` with values (which broadcast) written, or added when the parameter says so, where the indices point. */
export const indexPutOp: Op<readonly (Tensor | null)[], boolean> = defineOp<readonly (Tensor | null)[], boolean>({
  name: "indexPut",
  infer: ([self, values, ...indices]) => {
    const { shape } = planOf(self!.shape, indices);
    const fits = values!.ndim <= shape.length && values!.shape.every((n, i) => n === 1 || n === shape[shape.length - values!.ndim + i]);
    if (!fits) {
      throw new ShapeError(
        `shape mismatch: value tensor of shape ${formatShape(values!.shape)} cannot be broadcast to indexing result of shape ${formatShape(shape)}`,
      );
    }
    if (self!.dtype !== values!.dtype) {
      throw new DTypeError(
        `Index put requires the source and destination dtypes match, got ${dtypeInfo[self!.dtype].scalarType} for the destination and ${dtypeInfo[values!.dtype].scalarType} for the source.`,
      );
    }
    return self!;
  },
  elementwise: true,
  saves: { inputs: "all" },
  backward: ({ grad, inputs: [, , ...indices], specs: [, values], params: accumulate }) => [
    accumulate ? grad : run(indexPutOp, [grad, zeros([], { dtype: grad.dtype, device: grad.device }), ...indices], false),
    sumTo(run(indexOp, [grad, ...indices], undefined), values!.shape),
    ...indices.map(() => null),
  ],
  names: ([self]) => [self!.dimNames],
});

/** Summed over what was broadcast. */
function sumTo(t: Tensor, shape: Shape): Tensor {
  const lead = t.ndim - shape.length;
  const dims = t.shape.map((_, i) => i).filter((i) => i < lead || (shape[i - lead] === 1 && t.shape[i] !== 1));
  return dims.length === 0 ? t : t.sum(dims, true).reshape(shape);
}

registerReferenceKernels([
  kernel(indexOp, ([self, ...indices], [out]) => {
    const from = flat(self!).data;
    const { data: to, width } = flat(out!);
    forEachPicked(self!.shape, indices, (at, place, run) => {
      if (run * width === 1) to[place] = from[at]!;
      else to.set(from.subarray(at * width, (at + run) * width), place * width);
    });
  }),
  kernel(indexPutOp, ([self, values, ...indices], [out], accumulate) => {
    const { shape } = planOf(self!.shape, indices);
    const wide = new Tensor(values!.storage, shape, broadcastStrides(values!.shape, values!.strides, shape), values!.offset, values!.dtype);
    if (accumulate) {
      const total = accumulable(self!);
      const { data: from, width } = accumulable(wide);
      forEachPicked(self!.shape, indices, (at, place, run) => {
        for (let i = 0; i < run * width; i++) total.data[at * width + i]! += from[place * width + i]!;
      });
      return writeAccumulated(out!, total);
    }
    const from = flat(wide).data;
    const target = flatTarget(out!);
    const { data, width } = target;
    // Indices are checked before anything is written.
    if (numelOf(shape) > 0) pickedOffsets(self!.shape, indices, planOf(self!.shape, indices));
    if (!sameElements(self!, out!)) data.set(flat(self!).data);
    forEachPicked(self!.shape, indices, (at, place, run) => {
      for (let i = 0; i < run * width; i++) data[at * width + i] = from[place * width + i]!;
    });
    target.commit();
  }),
]);
