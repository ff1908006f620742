import { required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { launch, run, runInto } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { dtypeInfo, isComplex } from "../../tensor/dtype.ts";
import type { Scalar } from "../../tensor/scalar.ts";
import { broadcastShapes } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { whereOp } from "../elementwise/where.ts";
import { zeros } from "../factory/filled.ts";
import { scalarOf } from "../factory/scalar-tensor.ts";
import { expandIfNeeded } from "../view/expand.ts";
import { indexOp, indexPutOp } from "./advanced.ts";
import { nonzero } from "./nonzero.ts";

/** `self` with a value (a 0-d tensor of its dtype) where the mask holds. */
export const maskedFillOp: Op<readonly [Tensor, Tensor, Tensor], undefined> = defineOp<readonly [Tensor, Tensor, Tensor]>({
  name: "maskedFill",
  infer: ([self, mask]) => ({ shape: broadcastShapes(mask.shape, self.shape), dtype: self.dtype }),
  elementwise: true,
  // PyTorch fills a row-major copy.
  strides: () => null,
  saves: { inputs: [1] },
  backward: [
    ({ grad, inputs: [, mask] }) => maskedFill(grad, mask, 0),
    null,
    ({ grad, inputs: [, mask] }) => run(whereOp, [mask, grad, zeros([], { dtype: grad.dtype, device: grad.device })], undefined).sum(),
  ],
});

registerReferenceKernels([
  kernel(maskedFillOp, ([self, mask, value], outputs) => launch(whereOp, [mask, value, self], outputs, undefined)),
]);

const bindFill = signature("maskedFill", { mask: required, value: required });
export interface MaskedFill {
  (self: Tensor, mask: Tensor, value: Tensor | Scalar): Tensor;
  (self: Tensor, options: { mask: Tensor; value: Tensor | Scalar }): Tensor;
}

function fillOperands(self: Tensor, args: readonly unknown[]): [Tensor, Tensor, Tensor] {
  const { mask, value } = bindFill(args) as { mask: Tensor; value: Tensor | Scalar };
  if (mask.dtype !== "bool" && mask.dtype !== "uint8") {
    throw new DTypeError(`expected BoolTensor for mask: masked_fill_ only supports boolean masks, but got mask with dtype ${mask.dtype}`);
  }
  if (value instanceof Tensor && value.ndim > 0) {
    throw new ShapeError(`masked_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.ndim} dimension(s).`);
  }
  if (value instanceof Tensor && isComplex(value.dtype) && !isComplex(self.dtype)) {
    throw new DTypeError(`value cannot be converted to type ${dtypeInfo[self.dtype].scalarType.toLowerCase()} without overflow`);
  }
  const filler = value instanceof Tensor ? value.to(self.dtype) : scalarOf(value, self.dtype).to(self.device);
  return [self, mask, filler];
}
/** `self` with `value` where `mask`, which broadcasts, is true. @throws {ShapeError} @throws {DTypeError} @see torch.masked_fill */
export const maskedFill: MaskedFill = (self: Tensor, ...args: unknown[]): Tensor => run(maskedFillOp, fillOperands(self, args), undefined);
/** In-place `maskedFill`. @see torch.Tensor.masked_fill_ */
export const maskedFill_: MaskedFill = (self: Tensor, ...args: unknown[]): Tensor =>
  runInto(maskedFillOp, self, fillOperands(self, args), undefined);

const bindSelect = signature("maskedSelect", { mask: required });

/** The elements where `mask` is true, as a vector; both broadcast. @throws {ShapeError} @see torch.masked_select */
export function maskedSelect(self: Tensor, mask: Tensor | { mask: Tensor }, ...extra: never[]): Tensor {
  const given: Tensor = bindSelect([mask, ...extra]).mask;
  if (given.dtype !== "bool" && given.dtype !== "uint8") throw new DTypeError("masked_select: expected BoolTensor for mask");
  const shape = broadcastShapes(given.shape, self.shape);
  if (shape.length === 0) return run(indexOp, [self.reshape([1]), nonzero(given.reshape([1])).select(1, 0)], undefined);
  const found = nonzero(expandIfNeeded(given, shape));
  return run(indexOp, [expandIfNeeded(self, shape), ...shape.map((_, d) => found.select(1, d))], undefined);
}

const bindScatter = signature("maskedScatter", { mask: required, source: required });
export interface MaskedScatter {
  (self: Tensor, mask: Tensor, source: Tensor): Tensor;
  (self: Tensor, options: { mask: Tensor; source: Tensor }): Tensor;
}
type PutInputs = readonly (Tensor | null)[];

function scatterOperands(self: Tensor, shape: readonly number[], args: readonly unknown[]): PutInputs {
  const { mask, source } = bindScatter(args) as { mask: Tensor; source: Tensor };
  if (mask.dtype !== "bool" && mask.dtype !== "uint8") throw new DTypeError("masked_scatter: expected BoolTensor or ByteTensor for mask");
  if (source.dtype !== self.dtype) {
    throw new DTypeError(
      `masked_scatter: expected self and source to have same dtypes but got ${dtypeInfo[self.dtype].scalarType} and ${dtypeInfo[source.dtype].scalarType}`,
    );
  }
  const wide = expandIfNeeded(mask, shape);
  const found = nonzero(shape.length === 0 ? wide.reshape([1]) : wide);
  const count = found.shape[0]!;
  if (count > source.count) throw new ShapeError("Number of elements of source < number of ones in mask");
  const values = source.reshape([-1]).narrow(0, 0, count);
  return [values, ...Array.from({ length: Math.max(shape.length, 1) }, (_, d) => found.select(1, d))];
}
/** `self` with the first elements of `source`, in row-major order, where `mask` is true; shapes of `self` and `mask` broadcast. @throws {ShapeError} @throws {DTypeError} @see torch.masked_scatter */
export const maskedScatter: MaskedScatter = (self: Tensor, ...args: unknown[]): Tensor => {
  const { mask } = bindScatter(args) as { mask: Tensor };
  const shape = broadcastShapes(self.shape, mask.shape);
  const inputs = scatterOperands(self, shape, args);
  const wide = expandIfNeeded(self, shape);
  return run(indexPutOp, [shape.length === 0 ? wide.reshape([1]) : wide, ...inputs], false).reshape(shape);
};
/** In-place `maskedScatter`. @see torch.Tensor.masked_scatter_ */
export const maskedScatter_: MaskedScatter = (self: Tensor, ...args: unknown[]): Tensor => {
  const inputs = scatterOperands(self, self.shape, args);
  if (self.ndim > 0) return runInto(indexPutOp, self, [self, ...inputs], false);
  const vector = self.unsqueeze(0);
  runInto(indexPutOp, vector, [vector, ...inputs], false);
  return self;
};
