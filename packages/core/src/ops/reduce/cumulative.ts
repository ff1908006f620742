import { given, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runInto, runMany } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { comparable } from "../../reference/arg-reduce.ts";
import { forEachLine, scan } from "../../reference/lines.ts";
import { writeBigInts, writeDoubles } from "../../reference/loops.ts";
import { type DType, dtypeInfo, isFloatingPoint, isIntegral } from "../../tensor/dtype.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { to } from "../elementwise/to.ts";
import { onesLike, zeros } from "../factory/filled.ts";
import { scatterAdd } from "../indexing/scatter.ts";
import { cat } from "../view/cat.ts";
import { flip } from "../view/flip.ts";
import { sliceAlong } from "../view/slice.ts";
import { dimNumber } from "./reduction.ts";

type ScanOp = Op<readonly [Tensor], number>;

/** Sums of each element and all after it. */
const reversedCumsum = (t: Tensor, dim: number): Tensor => (t.ndim === 0 ? t : flip(cumsum(flip(t, dim), dim), dim));

export const cumsumOp: ScanOp = defineOp<readonly [Tensor], number>({
  name: "cumsum",
  infer: ([self]) => self,
  backward: [({ grad, params: dim }) => reversedCumsum(grad, dim)],
  names: ([self]) => [self.dimNames],
});

export const cumprodOp: ScanOp = defineOp<readonly [Tensor], number>({
  name: "cumprod",
  infer: ([self]) => self,
  saves: { inputs: "all", outputs: "all" },
  backward: [({ grad, inputs: [self], output, params: dim }) => cumprodGrad(grad, self, output, dim)],
  names: ([self]) => [self.dimNames],
});

/** With zeros about, a quotient would not do: each element's factor is the product of the others, element by element. */
function cumprodGrad(grad: Tensor, self: Tensor, output: Tensor, dim: number): Tensor {
  if (self.ndim === 0 || self.count === 0) return grad;
  if (!self.detach().eq(0).any().item()) return reversedCumsum(grad.mul(output.conj()), dim).div(self.conj());
  const size = self.shape[dim]!;
  const ones = onesLike(sliceAlong(self, dim, 0, 1));
  let before = ones;
  const parts: Tensor[] = [];
  for (let k = 0; k < size; k++) {
    const after = k + 1 < size ? cat([ones, cumprod(sliceAlong(self, dim, k + 1, size), dim)], dim) : ones;
    parts.push(sliceAlong(grad, dim, k, size).mul(before.mul(after).conj()).sum(dim, true));
    before = before.mul(sliceAlong(self, dim, k, k + 1));
  }
  return cat(parts, dim);
}

export const logcumsumexpOp: ScanOp = defineOp<readonly [Tensor], number>({
  name: "logcumsumexp",
  infer: ([self]) => self,
  saves: { inputs: "all", outputs: "all" },
  backward: [
    ({ grad, inputs: [self], output, params: dim }) => {
      if (self.ndim === 0 || self.count === 0) return grad;
      // In logarithms throughout, for positive and negative parts of the gradient apart.
      const part = (sign: number): Tensor => {
        const size = grad.mul(sign);
        const logs = size.clampMin(0).log();
        return flip(logcumsumexp(flip(logs.sub(output), dim), dim), dim)
          .add(self)
          .exp();
      };
      return part(1).sub(part(-1));
    },
  ],
  names: ([self]) => [self.dimNames],
});

type ExtremeOp = Op<readonly [Tensor], number>;

function defineCumulativeExtreme(name: string, largest: boolean): ExtremeOp {
  const op = defineOp<readonly [Tensor], number>({
    name,
    infer: ([self]) => [self, { shape: self.shape, dtype: "int64" }],
    saves: { outputs: [1] },
    backward: [
      ({ grads: [grad], outputs: [, indices], specs: [self], params: dim }) =>
        self.shape.length === 0 ? grad! : scatterAdd(zeros(self.shape, { dtype: grad!.dtype, device: grad!.device }), dim, indices!, grad!),
    ],
    names: ([self]) => [self.dimNames, self.dimNames],
  });
  registerReferenceKernels([
    kernel(op, ([self], [values, indices], dim) => {
      const contiguous = self.contiguous();
      const { data, offset } = comparable(contiguous);
      const found = new (data.constructor as new (n: number) => Float64Array)(self.count);
      const at = new Float64Array(self.count);
      forEachLine(self.shape, dim, (start, step, n) => {
        let best = data[offset + start]!;
        let where = 0;
        for (let k = 0, i = start; k < n; k++, i += step) {
          const value = data[offset + i]!;
          // Ties and NaN move on to the latest.
          if (value !== value || (best === best && (largest ? value >= best : value <= best))) {
            best = value;
            where = k;
          }
          found[i] = best as number;
          at[i] = where;
        }
      });
      if (data instanceof BigInt64Array) writeBigInts(values!, found as unknown as BigInt64Array);
      else writeDoubles(values!, found);
      writeDoubles(indices!, at);
    }),
  ]);
  return op;
}

const cummaxOp: ExtremeOp = defineCumulativeExtreme("cummax", true);
const cumminOp: ExtremeOp = defineCumulativeExtreme("cummin", false);

registerReferenceKernels([
  kernel(cumsumOp, ([self], [out], dim) => scan(self, out!, dim, { real: (a, b) => a + b, complex: ([a, b], re, im) => [a + re, b + im] })),
  kernel(cumprodOp, ([self], [out], dim) =>
    scan(self, out!, dim, { real: (a, b) => a * b, complex: ([a, b], re, im) => [a * re - b * im, a * im + b * re] }),
  ),
  kernel(logcumsumexpOp, ([self], [out], dim) =>
    scan(self, out!, dim, {
      real: (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        // The larger stays as it is where the other adds nothing: equal infinities would give NaN.
        return low !== high || Number.isFinite(low) ? Math.log1p(Math.exp(low - high)) + high : a;
      },
    }),
  ),
]);

export interface CumulativeOptions {
  /** Cast to this dtype first. */
  dtype?: DType | null;
}
export interface Cumulative {
  (self: Tensor, dim: number | string, options?: CumulativeOptions): Tensor;
  (self: Tensor, options: CumulativeOptions & { dim: number | string }): Tensor;
}

const bind = signature("cumsum", { dim: required, dtype: null });
const bindAlong = signature("cummax", { dim: required });

function bound(self: Tensor, args: readonly unknown[]): { dim: number; dtype: DType | null } {
  const { dim, dtype } = bind(given(args));
  return { dim: wrapDim(dimNumber(self, dim), self.ndim), dtype };
}

const cumulative =
  (op: ScanOp): Cumulative =>
  (self: Tensor, ...args: unknown[]): Tensor => {
    const { dim, dtype } = bound(self, args);
    return run(op, [to(self, dtype ?? (isIntegral(self.dtype) ? "int64" : self.dtype))], dim);
  };
const cumulativeInto =
  (op: ScanOp): Cumulative =>
  (self: Tensor, ...args: unknown[]): Tensor =>
    runInto(op, self, [self], bound(self, args).dim);

/** Sums along `dim` of everything up to each element; integers give int64. @throws {IndexError} @see torch.cumsum */
export const cumsum: Cumulative = cumulative(cumsumOp);
/** In-place `cumsum`. @see torch.Tensor.cumsum_ */
export const cumsum_: Cumulative = cumulativeInto(cumsumOp);
/** Products along `dim` of everything up to each element; integers give int64. @throws {IndexError} @see torch.cumprod */
export const cumprod: Cumulative = cumulative(cumprodOp);
/** In-place `cumprod`. @see torch.Tensor.cumprod_ */
export const cumprod_: Cumulative = cumulativeInto(cumprodOp);

export interface AlongDim<R> {
  (self: Tensor, dim: number | string): R;
  (self: Tensor, options: { dim: number | string }): R;
}

/** Logarithms of the sums of exponentials along `dim` up to each element, without overflow. @throws {IndexError} @see torch.logcumsumexp */
export const logcumsumexp: AlongDim<Tensor> = (self: Tensor, ...args: unknown[]): Tensor => {
  if (!isFloatingPoint(self.dtype))
    throw new DTypeError(`"logcumsumexp_out_cpu" not implemented for '${dtypeInfo[self.dtype].scalarType}'`);
  return run(logcumsumexpOp, [self], wrapDim(dimNumber(self, bindAlong(args).dim), self.ndim));
};

const cumulativeExtreme =
  (op: ExtremeOp): AlongDim<NamedTuple<"values" | "indices", Tensor>> =>
  (self: Tensor, ...args: unknown[]) =>
    namedTuple<"values" | "indices", Tensor>(
      ["values", "indices"],
      runMany(op, [self], wrapDim(dimNumber(self, bindAlong(args).dim), self.ndim)),
      op.name,
    );
/** The largest along `dim` up to each element, and where it is: `{ values, indices }`. @throws {IndexError} @see torch.cummax */
export const cummax: AlongDim<NamedTuple<"values" | "indices", Tensor>> = cumulativeExtreme(cummaxOp);
/** The smallest along `dim` up to each element, and where it is: `{ values, indices }`. @throws {IndexError} @see torch.cummin */
export const cummin: AlongDim<NamedTuple<"values" | "indices", Tensor>> = cumulativeExtreme(cumminOp);
