import type { Tensor } from "@bluedot/core";
import { dtypeInfo, type Kernel } from "@bluedot/core/extend";
import { MAX_DIMS, NDIM, POINTERS, pointer, SCALARS, SHAPE, STRIDES, TYPE } from "../descriptor.ts";
import type { Addon, NativeFunction } from "../native.ts";

type Factory = (reference: Kernel) => Kernel;

interface Reduction {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
  readonly correction?: number;
}

/** Kernels that reduce dimensions, and those that run along one. */
export function reduceKernels(addon: Addon): Record<string, Factory> {
  const D = addon.descriptor;
  const { argExtreme, cumsum, cumprod, sort, norm2 } = addon.kernels;

  /** Runs a reduction of `x` over `dims` into `y`; false where the type is not served. */
  const reduce = (native: NativeFunction, x: Tensor, y: Tensor, dims: readonly number[], keepdim: boolean): boolean => {
    const { shape, strides } = x;
    if (shape.length > MAX_DIMS || x.storage.address === 0 || y.storage.address === 0) return false;
    D[TYPE] = dtypeInfo[x.dtype].code;
    D[NDIM] = shape.length;
    let kept = 0;
    for (let i = 0; i < shape.length; i++) {
      const reduced = dims.includes(i);
      D[SHAPE + i] = shape[i]!;
      D[STRIDES + MAX_DIMS + i] = strides[i]!;
      D[STRIDES + 2 * MAX_DIMS + i] = reduced ? 1 : 0;
      D[STRIDES + i] = reduced ? 0 : y.strides[keepdim ? i : kept]!;
      if (!reduced) kept++;
    }
    D[POINTERS] = pointer(y);
    D[POINTERS + 1] = pointer(x);
    native();
    return D[0] === 1;
  };

  const plain =
    (name: string) =>
    (reference: Kernel): Kernel => {
      const native = addon.kernels[name]!;
      return (inputs, outputs, params) => {
        const { dims, keepdim } = params as Reduction;
        const x = inputs[0]!;
        if (!reduce(native, x, outputs[0]!, dims, keepdim)) reference(inputs, outputs, params);
      };
    };
  const sum = (mean: number): Factory => {
    const floats = addon.kernels["sumFloats"]!;
    const integers = addon.kernels["sumIntegers"]!;
    return (reference) => (inputs, outputs, params) => {
      const { dims, keepdim } = params as Reduction;
      const x = inputs[0]!;
      const y = outputs[0]!;
      const native = dtypeInfo[x.dtype].category === 2 ? floats : integers;
      D[SCALARS] = mean;
      if (!y.contiguousLayout || !reduce(native, x, y, dims, keepdim)) reference(inputs, outputs, params);
    };
  };
  /** Like `plain`, where an empty reduction has no result. */
  const nonEmpty =
    (name: string) =>
    (reference: Kernel): Kernel => {
      const native = plain(name)(reference);
      return (inputs, outputs, params) => (inputs[0]!.count === 0 ? reference : native)(inputs, outputs, params);
    };
  const spread =
    (root: number) =>
    (reference: Kernel): Kernel => {
      const native = addon.kernels["variance"]!;
      return (inputs, outputs, params) => {
        const { dims, keepdim, correction = 1 } = params as Reduction;
        D[SCALARS] = correction;
        D[SCALARS + 1] = root;
        if (!reduce(native, inputs[0]!, outputs[0]!, dims, keepdim)) reference(inputs, outputs, params);
      };
    };

  /** Sizes before, along and after a dimension; of all elements for null. */
  const split = (shape: readonly number[], dim: number | null): void => {
    let outer = 1;
    let inner = 1;
    let n = 1;
    for (let i = 0; i < shape.length; i++) {
      if (dim === null || i === dim) n *= shape[i]!;
      else if (i < dim) outer *= shape[i]!;
      else inner *= shape[i]!;
    }
    D[2] = outer;
    D[3] = n;
    D[4] = inner;
  };
  const extremePlace = (x: Tensor, dim: number | null, largest: boolean, indices: Tensor, values: Tensor | null): boolean => {
    if (!x.contiguousLayout || x.count === 0 || x.storage.address === 0) return false;
    if (!indices.contiguousLayout || indices.storage.address === 0 || (values !== null && values.storage.address === 0)) return false;
    split(x.shape, dim);
    D[TYPE] = dtypeInfo[x.dtype].code;
    D[5] = largest ? 1 : 0;
    D[6] = values === null ? 0 : 1;
    D[POINTERS] = pointer(indices);
    D[POINTERS + 1] = pointer(x);
    D[POINTERS + 2] = values === null ? 0 : pointer(values);
    argExtreme!();
    return D[0] === 1;
  };
  const arg =
    (largest: boolean) =>
    (reference: Kernel): Kernel =>
    (inputs, outputs, params) => {
      const { dims } = params as Reduction;
      const x = inputs[0]!;
      const dim = dims.length === x.ndim ? null : dims.length === 1 ? dims[0]! : -1;
      if (dim === -1 || !extremePlace(x, dim, largest, outputs[0]!, null)) reference(inputs, outputs, params);
    };
  const along =
    (largest: boolean) =>
    (reference: Kernel): Kernel =>
    (inputs, outputs, params) => {
      const { dim } = params as { dim: number };
      if (!extremePlace(inputs[0]!, inputs[0]!.ndim === 0 ? null : dim, largest, outputs[1]!, outputs[0]!))
        reference(inputs, outputs, params);
    };
  const running =
    (native: NativeFunction) =>
    (reference: Kernel): Kernel =>
    (inputs, outputs, params) => {
      const dim = typeof params === "number" ? params : (params as { dim: number }).dim;
      const x = inputs[0]!;
      const y = outputs[0]!;
      if (
        !x.contiguousLayout ||
        !y.contiguousLayout ||
        x.dtype !== y.dtype ||
        x.ndim === 0 ||
        x.storage.address === 0 ||
        y.storage.address === 0
      ) {
        return reference(inputs, outputs, params);
      }
      split(x.shape, dim);
      D[TYPE] = dtypeInfo[x.dtype].code;
      D[POINTERS] = pointer(y);
      D[POINTERS + 1] = pointer(x);
      native();
      if (D[0] !== 1) reference(inputs, outputs, params);
    };

  /** Sorted lines; of a `top` only the first. */
  const sorted =
    (top: boolean, descending: (params: never) => boolean): Factory =>
    (reference) =>
    (inputs, outputs, params) => {
      const { dim } = params as { dim: number };
      const x = inputs[0]!;
      const [values, indices] = outputs as readonly [Tensor, Tensor];
      const knows = x.contiguousLayout && values.contiguousLayout && indices.contiguousLayout;
      const n = x.shape[dim] ?? 1;
      if (!knows || x.count === 0 || values.count === 0 || n > 2 ** 31 || x.storage.address === 0)
        return reference(inputs, outputs, params);
      if (values.storage.address === 0 || indices.storage.address === 0) return reference(inputs, outputs, params);
      split(x.shape, x.ndim === 0 ? null : dim);
      D[TYPE] = dtypeInfo[x.dtype].code;
      D[5] = descending(params as never) ? 1 : 0;
      D[6] = values.shape[dim] ?? 1;
      D[7] = top ? 1 : (params as { stable?: boolean }).stable === true ? 2 : 0;
      D[POINTERS] = pointer(values);
      D[POINTERS + 1] = pointer(indices);
      D[POINTERS + 2] = pointer(x);
      sort!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    };

  return {
    sort: sorted(false, (p: { descending: boolean }) => p.descending),
    topk: sorted(true, (p: { largest: boolean }) => p.largest),
    vectorNorm: (reference) => (inputs, outputs, params) => {
      const { dims, keepdim, p } = params as Reduction & { p?: number; ord?: number };
      if (p !== 2 || !reduce(norm2!, inputs[0]!, outputs[0]!, dims, keepdim)) reference(inputs, outputs, params);
    },
    sum: sum(0),
    mean: sum(1),
    prod: plain("prod"),
    amax: nonEmpty("amax"),
    amin: nonEmpty("amin"),
    max: nonEmpty("amax"),
    min: nonEmpty("amin"),
    any: plain("any"),
    all: plain("all"),
    var: spread(0),
    std: spread(1),
    argmax: arg(true),
    argmin: arg(false),
    maxDim: along(true),
    minDim: along(false),
    cumsum: running(cumsum!),
    cumprod: running(cumprod!),
  };
}
