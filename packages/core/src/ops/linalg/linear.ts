import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { formatShape, numelOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Reduction } from "../reduce/reduction.ts";
import { sumOver } from "../reduce/sum.ts";
import { reshape } from "../view/reshape.ts";
import { checkProductDTypes, mm } from "./mm.ts";

/** The reduction of a matrix's rows to one. */
const rows: Reduction = { dims: [0], keepdim: false };

/** `x [N, K] x weight [O, K]^T + bias [O] -> [N, O]`, with the bias added inside the product. */
export const linearOp: Op<readonly [Tensor, Tensor, Tensor], undefined> = defineOp<readonly [Tensor, Tensor, Tensor]>({
  name: "linear",
  gradName: "AddmmBackward0",
  infer: ([x, weight, bias]) => {
    const [N, K] = x.shape as [number, number];
    const [O, K2] = weight.shape as [number, number];
    if (K !== K2) throw new ShapeError(`mat1 and mat2 shapes cannot be multiplied (${N}x${K} and ${K2}x${O})`);
    if (bias.ndim > 2 || (bias.ndim === 1 && bias.shape[0] !== O && bias.shape[0] !== 1)) {
      throw new ShapeError(
        `The expanded size of the tensor (${O}) must match the existing size (${bias.shape[bias.ndim - 1]}) at non-singleton dimension 1.  Target sizes: ${formatShape([N, O])}.  Tensor sizes: ${formatShape(bias.shape)}`,
      );
    }
    if (x.dtype !== weight.dtype || bias.dtype !== x.dtype) throw new DTypeError("mat1 and mat2 must have the same dtype");
    checkProductDTypes(x, weight);
    return { shape: [N, O], dtype: x.dtype };
  },
  saves: { inputs: [0, 1], readBy: [[1], [0], []] },
  backward: [
    ({ grad, inputs: [, weight] }) => mm(grad, weight.conj()),
    ({ grad, inputs: [x] }) => mm(grad.t(), x.conj()),
    ({ grad }) => sumOver(grad, rows),
  ],
});

/**
 * Affine map of the last dimension: `x [..., K], weight [O, K], bias [O] -> [..., O]`.
 * @throws {ShapeError} @throws {DTypeError} @see torch.nn.functional.linear
 */
export function linear(input: Tensor, weight: Tensor, bias?: Tensor | null | { bias?: Tensor | null }): Tensor {
  const b = bias === undefined || bias === null ? null : "shape" in bias ? bias : (bias.bias ?? null);
  if (weight.ndim === 1) {
    const product = input.matmul(weight);
    return b === null ? product : product.add(b);
  }
  if (input.ndim === 2 && b !== null && b.ndim === 1) return run(linearOp, [input, weight, b], undefined);
  if (b === null) return input.matmul(weight.t());
  if (input.ndim === 1 || b.ndim !== 1) return input.matmul(weight.t()).add(b);
  const lead = input.shape.slice(0, -1);
  const flat = reshape(input, [numelOf(lead), input.shape[input.ndim - 1]!]);
  return reshape(run(linearOp, [flat, weight, b], undefined), [...lead, weight.shape[0]!]);
}
