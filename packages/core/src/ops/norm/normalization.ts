import { isRecording } from "../../dispatch/autograd-hook.ts";
import { defineOp, type GradContext, type Op, type TensorSpec } from "../../dispatch/op.ts";
import { runMany } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { dtypeInfo, isFloatingPoint } from "../../tensor/dtype.ts";
import type { Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/**
 * Batch, layer and group normalisation are one computation: elements fall into groups; each becomes
 * `(x - mean) / sqrt(var + eps)` of its group, then `* weight + bias` of its channel. They differ in what a group and a channel are.
 */
export interface NormGeometry {
  /** The input reshaped so that groups are reduced over `dims`. */
  readonly shape: Shape;
  readonly dims: readonly number[];
  /** The shape in which `weight` and `bias` broadcast against `shape`. */
  readonly affine: Shape;
  /** The shape of the mean and reciprocal deviation that the operator returns. */
  readonly stats: Shape;
}

export type NormInputs = readonly [input: Tensor, weight: Tensor | null, bias: Tensor | null];

export interface NormParams {
  readonly eps: number;
}

/** An operator that normalises groups; outputs are the result, and mean and reciprocal deviation of each group. */
export interface Norm<P extends NormParams> {
  readonly forward: Op<NormInputs, P>;
  /** `[grad, input, weight, mean, rstd] -> [dInput, dWeight, dBias]`, the last two of the weight's shape. */
  readonly backward: Op<readonly [Tensor, Tensor, Tensor | null, Tensor, Tensor], P>;
}

export function defineNorm<P extends NormParams>(
  name: string,
  gradName: string,
  geometry: (input: Shape, params: P) => NormGeometry,
): Norm<P> {
  const backward: Norm<P>["backward"] = defineOp<readonly [Tensor, Tensor, Tensor | null, Tensor, Tensor], P>({
    name: `${name}Backward`,
    infer: ([, input, weight]) => {
      const affine: TensorSpec = { shape: weight === null ? [0] : weight.shape, dtype: input.dtype };
      return [{ shape: input.shape, dtype: input.dtype }, affine, affine];
    },
    contiguous: true,
  });
  const forward: Norm<P>["forward"] = defineOp<NormInputs, P>({
    name,
    gradName,
    infer: ([input, weight, bias], params) => {
      for (const t of [input, weight, bias]) {
        if (t === null) continue;
        if (!isFloatingPoint(t.dtype)) throw new DTypeError(`"${name}" not implemented for '${dtypeInfo[t.dtype].scalarType}'`);
        if (t.dtype !== input.dtype) {
          throw new DTypeError(`expected scalar type ${dtypeInfo[input.dtype].scalarType} but found ${dtypeInfo[t.dtype].scalarType}`);
        }
      }
      const { stats } = geometry(input.shape, params);
      return [
        { shape: input.shape, dtype: input.dtype },
        { shape: stats, dtype: input.dtype },
        { shape: stats, dtype: input.dtype },
      ];
    },
    saves: { inputs: [0, 1], outputs: [1, 2] },
    contiguous: true,
    backward: (ctx) => (isRecording() ? composed : fused)(ctx, geometry(ctx.specs[0].shape, ctx.params), backward),
    names: ([input]) => [input.dimNames, null, null],
  });
  return { forward, backward };
}

function fused<P extends NormParams>(
  { grad, inputs, specs, outputs, params, needs }: GradContext<NormInputs, P>,
  geometry: NormGeometry,
  op: Norm<P>["backward"],
): readonly (Tensor | null)[] {
  const [input, weight] = inputs;
  const [dx, dw, db] = runMany(op, [grad, input, weight, outputs[1]!, outputs[2]!], params);
  if (weight !== null) return [dx!, dw!, db!];
  // A bias without a weight: the gradient is a plain sum.
  return [dx!, null, needs[2] ? sumToAffine(grad.reshape(geometry.shape), geometry).reshape(specs[2]!.shape) : null];
}

/** Sums, of a tensor of the shape of the groups, over what shares a weight and a bias. */
function sumToAffine(t: Tensor, { shape, affine }: NormGeometry): Tensor {
  const over = affine.map((n, i) => (n === 1 && shape[i] !== 1 ? i : -1)).filter((i) => i >= 0);
  return over.length === 0 ? t : t.sum(over, true);
}

/** The same derivative from differentiable operators. */
function composed<P extends NormParams>(
  { grad, inputs, specs, params, needs }: GradContext<NormInputs, P>,
  g: NormGeometry,
): readonly (Tensor | null)[] {
  const [input, weight] = inputs;
  const x = input.reshape(g.shape);
  const dy = grad.reshape(g.shape);
  const dims = { dim: g.dims, keepdim: true };
  const centered = x.sub(x.mean(dims));
  const rstd = centered.square().mean(dims).add(params.eps).rsqrt();
  const normalized = centered.mul(rstd);
  const scaled = weight === null ? dy : dy.mul(weight.reshape(g.affine));
  const dx = scaled
    .sub(scaled.mean(dims))
    .sub(normalized.mul(scaled.mul(normalized).mean(dims)))
    .mul(rstd);
  return [
    dx.reshape(input.shape),
    needs[1] ? sumToAffine(dy.mul(normalized), g).reshape(weight!.shape) : null,
    needs[2] ? sumToAffine(dy, g).reshape(specs[2]!.shape) : null,
  ];
}

/** The normalised tensor alone. */
export const normalizeGroups = <P extends NormParams>(norm: Norm<P>, inputs: NormInputs, params: P): Tensor =>
  runMany(norm.forward, inputs, params, 1)[0]!;
