import { signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type GradContext, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { toComplexDoubles, toDoubles, writeDoubles } from "../../reference/loops.ts";
import { reduceGroups } from "../../reference/reduce.ts";
import { type DType, dtypeInfo, isComplex, isIntegral, toRealDType } from "../../tensor/dtype.ts";
import { FloatScalar, type Scalar, scalarNumber } from "../../tensor/scalar.ts";
import { reducedShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { to } from "../elementwise/to.ts";
import { type DimNames, dimsFor, type Reduction, reducedNames, restoreDims } from "./reduction.ts";

/** A reduction to norms of order `p`. */
export interface NormParams extends Reduction {
  readonly p: number;
}

type NormContext = GradContext<readonly [Tensor], NormParams>;

function normGrad({ grad: given, inputs: [self], output, params }: NormContext): Tensor | null {
  const { p } = params;
  const grad = restoreDims(given, self.shape, params);
  const norm = restoreDims(output, self.shape, params);
  if (p === 0) return null;
  if (p === 1) return self.sgn().mul(grad);
  if (p === 2) return self.mul(grad.div(norm).maskedFill(norm.eq(0), 0));
  if (!Number.isFinite(p)) {
    // Equal extremes share the gradient.
    const mask = self.abs().eq(norm);
    return self.sgn().mul(grad.div(mask.sum(params.dims.length === 0 ? null : params.dims, self.ndim > 0)).mul(mask));
  }
  if (p < 1) {
    const powers = self
      .sgn()
      .mul(self.abs().pow(p - 1))
      .maskedFill(self.eq(0), 0);
    return powers.mul(grad.mul(norm.pow(1 - p)));
  }
  const scale = grad.div(norm.pow(p - 1)).maskedFill(norm.eq(0), 0);
  return p < 2
    ? self
        .sgn()
        .mul(self.abs().pow(p - 1))
        .mul(scale)
    : self.mul(self.abs().pow(p - 2)).mul(scale);
}

/** Norms of order p of all elements of a group taken as a vector. */
export const vectorNormOp: Op<readonly [Tensor], NormParams> = defineOp<readonly [Tensor], NormParams>({
  name: "vectorNorm",
  gradName: "NormBackward1",
  infer: ([self], { dims, keepdim }) => ({ shape: reducedShape(self.shape, dims, keepdim), dtype: toRealDType(self.dtype) }),
  saves: { inputs: "all", outputs: "all" },
  backward: [normGrad],
  names: ([self], params) => [reducedNames(self, params)],
});

/** The norm of order `p` of absolute values. */
function normOf(values: Float64Array, p: number): number {
  let total = p === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : 0;
  for (const value of values) {
    if (p === 0) total += value === 0 ? 0 : 1;
    else if (p === 1) total += value;
    else if (p === 2) total += value * value;
    else if (p === Number.POSITIVE_INFINITY) total = value > total || Number.isNaN(value) ? value : total;
    else if (p === Number.NEGATIVE_INFINITY) total = value < total || Number.isNaN(value) ? value : total;
    else total += value ** p;
  }
  return p === 0 || p === 1 || !Number.isFinite(p) ? total : p === 2 ? Math.sqrt(total) : total ** (1 / p);
}

function absolutes(self: Tensor): Float64Array {
  if (!isComplex(self.dtype)) return toDoubles(self).map(Math.abs);
  const parts = toComplexDoubles(self);
  return Float64Array.from({ length: self.count }, (_, i) => Math.hypot(parts[2 * i]!, parts[2 * i + 1]!));
}

registerReferenceKernels([
  kernel(vectorNormOp, ([self], [out], { p, dims }) =>
    writeDoubles(
      out!,
      reduceGroups(self.shape, dims, absolutes(self), (values) => normOf(values, p)),
    ),
  ),
]);

export interface NormOptions {
  /** Order: a number, infinities included, `"fro"` (2) or `"nuc"`. Default `"fro"`. */
  p?: Scalar | "fro" | "nuc" | null;
  dim?: number | readonly number[] | DimNames | null;
  /** Keep the reduced dimensions with size 1. Default false. */
  keepdim?: boolean;
  /** Cast to this dtype first. */
  dtype?: DType | null;
}
type Dim = number | readonly number[] | DimNames | null;
export type Norm = (
  self: Tensor,
  p?: Scalar | "fro" | "nuc" | null | NormOptions,
  dim?: Dim | NormOptions,
  keepdim?: boolean | NormOptions,
  dtype?: DType | null | NormOptions,
) => Tensor;

const bind = signature("norm", { p: "fro", dim: null, keepdim: false, dtype: null });

/** The norm of order `p` (2 by default) over `dim`, or of all elements taken as one vector; real. @throws {DTypeError} for integers @see torch.norm */
export const norm: Norm = (self, ...args) => {
  const given = args.filter((a) => a !== undefined) as unknown[];
  // A FloatScalar is an object, though no options.
  const { p, dim, keepdim, dtype } = bind(given.map((a) => (a instanceof FloatScalar ? a.value : a))) as {
    p: Scalar | "fro" | "nuc" | null;
    dim: Dim;
    keepdim: boolean;
    dtype: DType | null;
  };
  const source = dtype === null ? self : to(self, dtype);
  if (isIntegral(source.dtype)) {
    throw new DTypeError(
      `norm(): input dtype should be either floating point or complex. Got ${dtypeInfo[source.dtype].scalarType} instead.`,
    );
  }
  if (p === "nuc") return nuclear(source, dim, keepdim);
  if (typeof p === "string" && p !== "fro") throw new ShapeError("only valid values are 'fro' and 'nuc' for p");
  const order = p === "fro" || p === null ? 2 : scalarNumber(p as Scalar);
  return run(vectorNormOp, [source], { p: order, dims: dimsFor(self, dim), keepdim });
};

/** The sum of singular values, where linear algebra is loaded. */
function nuclear(self: Tensor, dim: Dim, keepdim: boolean): Tensor {
  const svd = self as Tensor & { svd?(): readonly Tensor[] };
  if (svd.svd === undefined) throw new Error('norm: p="nuc" needs the singular value decomposition');
  const dims = dimsFor(self, dim);
  if (dims.length !== 2) throw new ShapeError(`nuclear norm: expected 2 dimensions, got ${dims.length}`);
  const [a, b] = (Array.isArray(dim) ? (dim as number[]).map((d) => (d < 0 ? d + self.ndim : d)) : dims) as [number, number];
  const matrix = self.movedim([a, b], [-2, -1]) as Tensor & { svd(): readonly Tensor[] };
  const out = matrix.svd()[1]!.sum(-1);
  if (!keepdim) return out;
  return dims.reduce((t, d) => t.unsqueeze(d), out);
}
