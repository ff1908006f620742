import type { Tensor } from "@bluedot/core";
import { contiguousStrides, dtypeInfo, type Kernel } from "@bluedot/core/extend";
import { FLOAT32, FLOAT64, MAX_DIMS, POINTERS, pointer, SCALARS, SHAPE, STRIDES, TYPE } from "../descriptor.ts";
import type { Addon, NativeFunction } from "../native.ts";

type Factory = (reference: Kernel) => Kernel;

const known = (t: Tensor): boolean => t.storage.address !== 0 && t.contiguousLayout;
const isIndex = (t: Tensor): boolean => t.dtype === "int64" && known(t);
/** bytes that move as one number: not complex128. */
const moves = (t: Tensor): boolean => known(t) && dtypeInfo[t.dtype].itemSize <= 8;
const product = (sizes: readonly number[], from: number, to: number): number => {
  let n = 1;
  for (let i = from; i < to; i++) n *= sizes[i]!;
  return n;
};
const sameElements = (a: Tensor, b: Tensor): boolean => a.storage === b.storage && a.offset === b.offset;

/** The bytes of a contiguous tensor. */
const bytesOf = (t: Tensor): Uint8Array => {
  const { buffer, byteOffset } = t.storage.block;
  return new Uint8Array(buffer, byteOffset + t.offset * t.itemsize, t.nbytes);
};

/** Where an advanced index's tensors go in the descriptor, slots of each. */
const INDICES = 64;
const ENTRY = 4;

/**
 * Lookups and scatters. Indices are checked natively before anything is written; where one is out of range (or negative, for those
 * operators that refuse it) the reference kernel runs, which throws.
 */
export function indexingKernels(addon: Addon): Record<string, Factory> {
  const D = addon.descriptor;
  const { takeRows, addRows, addWeightedRows, bagArgmax, gather, scatter, scatterAdd, countTrue, positions, indexTake, indexPut } =
    addon.kernels as Record<string, NativeFunction>;

  /** Index shape, strides of the tensor that indices point into, and of their counterpart. */
  const walk = (index: Tensor, dim: number, walked: readonly number[], other: readonly number[]): void => {
    D[2] = index.shape.length;
    D[3] = dim;
    D[4] = walked[dim]!;
    const steps = contiguousStrides(walked);
    for (let i = 0; i < index.shape.length; i++) {
      D[SHAPE + i] = index.shape[i]!;
      D[STRIDES + i] = steps[i]!;
      D[STRIDES + MAX_DIMS + i] = other[i]!;
    }
  };
  const walks = (index: Tensor, self: Tensor): boolean => isIndex(index) && index.ndim > 0 && index.ndim === self.ndim && index.count > 0;

  /** `out` holds a copy of `self` from here on, unless it is `self`. */
  const start = (self: Tensor, out: Tensor): void => {
    if (!sameElements(self, out)) bytesOf(out).set(bytesOf(self));
  };
  /** The native half of scatter and its kind: out holds `self` first. False where it is not served or an index does not fit. */
  const scatterInto = (native: NativeFunction, typed: boolean, inputs: readonly (Tensor | null)[], out: Tensor, dim: number): boolean => {
    const [self, index, src] = inputs as readonly [Tensor, Tensor, Tensor];
    if (!walks(index, self) || !moves(self) || !moves(out) || !moves(src)) return false;
    if (src.ndim !== 0 && src.ndim !== index.ndim) return false;
    start(self, out);
    walk(index, dim, self.shape, src.ndim === 0 ? index.shape.map(() => 0) : src.strides);
    D[TYPE] = typed ? dtypeInfo[self.dtype].code : dtypeInfo[self.dtype].itemSize;
    D[POINTERS] = pointer(out);
    D[POINTERS + 1] = pointer(src);
    D[POINTERS + 2] = pointer(index);
    native();
    return D[0] === 1;
  };
  const scatterKernel =
    (native: NativeFunction, typed: boolean): Factory =>
    (reference) =>
    (inputs, outputs, params) => {
      if (!scatterInto(native, typed, inputs, outputs[0]!, params as number)) reference(inputs, outputs, params);
    };

  /** Describes the places that index tensors pick in a row-major tensor of `shape`; false where that is not served. */
  const describePlaces = (shape: readonly number[], indices: readonly (Tensor | null)[], wraps = true): boolean => {
    D[SCALARS + 1] = wraps ? 0 : 1;
    let first = -1;
    let last = -1;
    let count = 1;
    for (let d = 0; d < indices.length; d++) {
      const index = indices[d];
      if (index == null) continue;
      if (!isIndex(index)) return false;
      // Side by side, all of one shape but for single elements.
      if (first < 0) first = d;
      else if (last !== d - 1) return false;
      last = d;
      if (index.count !== 1) {
        if (count !== 1 && count !== index.count) return false;
        count = index.count;
      }
    }
    if (first < 0) return false;
    let like: Tensor | null = null;
    for (const index of indices) {
      if (index == null || index.count === 1) continue;
      if (like !== null && (like.ndim !== index.ndim || index.shape.some((n, i) => n !== like!.shape[i]))) return false;
      like = index;
    }
    const strides = contiguousStrides(shape);
    const run = product(shape, last + 1, shape.length);
    D[2] = count;
    D[3] = run;
    D[4] = product(shape, 0, first);
    D[5] = product(shape, first, shape.length);
    D[6] = last - first + 1;
    for (let d = first, at = INDICES; d <= last; d++, at += ENTRY) {
      D[at + 1] = indices[d]!.count === 1 ? 0 : 1;
      D[at + 2] = shape[d]!;
      D[at + 3] = strides[d]!;
    }
    // Addresses last.
    for (let d = first, at = INDICES; d <= last; d++, at += ENTRY) D[at] = pointer(indices[d]!);
    return true;
  };

  /** Indices of one dimension as an advanced index. */
  const along = (dim: number, index: Tensor): (Tensor | null)[] => {
    const list = new Array<Tensor | null>(dim + 1).fill(null);
    list[dim] = index;
    return list;
  };
  const writeSlices =
    (adds: boolean): Factory =>
    (reference) =>
    (inputs, outputs, params) => {
      const [self, index, source] = inputs as readonly [Tensor, Tensor, Tensor];
      const out = outputs[0]!;
      const dim = params as number;
      const run = (): boolean => {
        if (self.ndim === 0 || index.ndim !== 1 || !moves(self) || !moves(out) || !moves(source) || source.count === 0) return false;
        const indices = along(dim, index);
        if (!describePlaces(self.shape, indices, false) || D[2]! * D[3]! * D[4]! !== source.count) return false;
        start(self, out);
        if (!describePlaces(self.shape, indices, false)) return false;
        D[TYPE] = dtypeInfo[self.dtype].code;
        D[7] = adds ? 1 : 0;
        D[SCALARS] = 0;
        D[POINTERS] = pointer(out);
        D[POINTERS + 1] = pointer(source);
        indexPut!();
        return D[0] === 1;
      };
      if (!run()) reference(inputs, outputs, params);
    };

  return {
    indexAdd: writeSlices(true),
    indexCopy: writeSlices(false),
    indexSelect: (reference) => (inputs, outputs, params) => {
      const self = inputs[0]!;
      const index = inputs[1]!;
      const out = outputs[0]!;
      if (
        self.ndim === 0 ||
        index.ndim !== 1 ||
        !moves(self) ||
        !moves(out) ||
        !describePlaces(self.shape, along(params as number, index), false)
      ) {
        return reference(inputs, outputs, params);
      }
      D[TYPE] = dtypeInfo[self.dtype].itemSize;
      D[POINTERS] = pointer(out);
      D[POINTERS + 1] = pointer(self);
      indexTake!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    },
    gather: (reference) => (inputs, outputs, params) => {
      const self = inputs[0]!;
      const index = inputs[1]!;
      const out = outputs[0]!;
      if (!walks(index, self) || !moves(self) || !moves(out)) return reference(inputs, outputs, params);
      walk(index, params as number, self.shape, out.strides);
      D[TYPE] = dtypeInfo[self.dtype].itemSize;
      D[POINTERS] = pointer(out);
      D[POINTERS + 1] = pointer(self);
      D[POINTERS + 2] = pointer(index);
      gather!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    },
    scatter: scatterKernel(scatter!, false),
    scatterValue: scatterKernel(scatter!, false),
    scatterAdd: scatterKernel(scatterAdd!, true),
    embedding: (reference) => (inputs, outputs, params) => {
      const table = inputs[0]!;
      const index = inputs[1]!;
      const out = outputs[0]!;
      if (!isIndex(index) || !known(table) || !known(out)) return reference(inputs, outputs, params);
      D[2] = index.count;
      D[3] = table.shape[1]! * dtypeInfo[table.dtype].itemSize;
      D[4] = table.shape[0]!;
      D[5] = 1;
      D[POINTERS] = pointer(out);
      D[POINTERS + 1] = pointer(table);
      D[POINTERS + 2] = pointer(index);
      takeRows!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    },
    embeddingBackward: (reference) => (inputs, outputs, params) => {
      const { paddingIdx, scaleGradByFreq, rows } = params as { paddingIdx: number; scaleGradByFreq: boolean; rows: number };
      const grad = inputs[0]!;
      const index = inputs[1]!;
      const out = outputs[0]!;
      const { code } = dtypeInfo[grad.dtype];
      if ((code !== FLOAT32 && code !== FLOAT64) || !isIndex(index) || !known(grad) || !known(out) || out.count === 0) {
        return reference(inputs, outputs, params);
      }
      D[TYPE] = code;
      D[2] = index.count;
      D[3] = out.shape[1]!;
      D[4] = rows;
      D[5] = paddingIdx;
      D[6] = scaleGradByFreq ? 1 : 0;
      D[POINTERS] = pointer(out);
      D[POINTERS + 1] = pointer(grad);
      D[POINTERS + 2] = pointer(index);
      addRows!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    },
    addWeightedRows: (reference) => (inputs, outputs, params) => {
      const [table, from, to, factors] = inputs as readonly [Tensor, Tensor, Tensor, Tensor];
      const out = outputs[0]!;
      const { code } = dtypeInfo[table.dtype];
      const indices = isIndex(from) && isIndex(to) && factors.dtype === table.dtype;
      if ((code !== FLOAT32 && code !== FLOAT64) || !indices || ![table, factors, out].every(known) || out.count === 0) {
        return reference(inputs, outputs, params);
      }
      D[TYPE] = code;
      D[2] = from.count;
      D[3] = table.shape[1]!;
      D[4] = table.shape[0]!;
      D[5] = out.shape[0]!;
      D[POINTERS] = pointer(out);
      D[POINTERS + 1] = pointer(table);
      D[POINTERS + 2] = pointer(from);
      D[POINTERS + 3] = pointer(to);
      D[POINTERS + 4] = pointer(factors);
      addWeightedRows!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    },
    bagArgmax: (reference) => (inputs, outputs, params) => {
      const [table, indices, starts] = inputs as readonly [Tensor, Tensor, Tensor];
      const out = outputs[0]!;
      const { code } = dtypeInfo[table.dtype];
      const served = (code === FLOAT32 || code === FLOAT64) && isIndex(indices) && isIndex(starts) && known(table) && known(out);
      if (!served || out.count === 0) return reference(inputs, outputs, params);
      D[TYPE] = code;
      D[2] = indices.count;
      D[3] = table.shape[1]!;
      D[4] = table.shape[0]!;
      D[5] = out.shape[0]!;
      D[POINTERS] = pointer(out);
      D[POINTERS + 1] = pointer(table);
      D[POINTERS + 2] = pointer(indices);
      D[POINTERS + 3] = pointer(starts);
      bagArgmax!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    },
    countNonzero: (reference) => (inputs, outputs, params) => {
      const self = inputs[0]!;
      const out = outputs[0]!;
      if ((self.dtype !== "bool" && self.dtype !== "uint8") || !known(self) || out.ndim !== 0) return reference(inputs, outputs, params);
      D[2] = self.count;
      D[POINTERS] = pointer(self);
      countTrue!();
      (out.elements as BigInt64Array)[out.offset] = BigInt(D[0]!);
    },
    nonzero: (reference) => (inputs, outputs, params) => {
      const self = inputs[0]!;
      const out = outputs[0]!;
      if (
        (self.dtype !== "bool" && self.dtype !== "uint8") ||
        !known(self) ||
        !known(out) ||
        self.ndim > MAX_DIMS ||
        self.ndim === 0 ||
        self.count === 0
      ) {
        return reference(inputs, outputs, params);
      }
      D[2] = self.count;
      D[3] = self.ndim;
      for (let i = 0; i < self.ndim; i++) D[SHAPE + i] = self.shape[i]!;
      D[POINTERS] = pointer(out);
      D[POINTERS + 1] = pointer(self);
      positions!();
    },
    index: (reference) => (inputs, outputs, params) => {
      const self = inputs[0]!;
      const out = outputs[0]!;
      if (!moves(self) || !moves(out) || out.count === 0 || !describePlaces(self.shape, inputs.slice(1)))
        return reference(inputs, outputs, params);
      D[TYPE] = dtypeInfo[self.dtype].itemSize;
      D[POINTERS] = pointer(out);
      D[POINTERS + 1] = pointer(self);
      indexTake!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    },
    indexPut: (reference) => (inputs, outputs, params) => {
      const self = inputs[0]!;
      const values = inputs[1]!;
      const out = outputs[0]!;
      const indices = inputs.slice(2);
      if (!moves(self) || !moves(out) || !known(values) || self.count === 0) return reference(inputs, outputs, params);
      if (!describePlaces(self.shape, indices)) return reference(inputs, outputs, params);
      const picked = D[2]! * D[3]! * D[4]!;
      if (picked === 0 || (values.count !== 1 && values.count !== picked)) return reference(inputs, outputs, params);
      if (!sameElements(self, out)) {
        start(self, out);
        if (!describePlaces(self.shape, indices)) return reference(inputs, outputs, params);
      }
      D[TYPE] = dtypeInfo[self.dtype].code;
      D[7] = params === true ? 1 : 0;
      D[SCALARS] = values.count === 1 ? 1 : 0;
      D[POINTERS] = pointer(out);
      D[POINTERS + 1] = pointer(values);
      indexPut!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    },
  };
}
