import { type Tensor, zerosLike } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import { checkCommon } from "./checks.ts";
import { type CommonSettings, Optimizer, type ParamGroup, type Params } from "./optimizer.ts";

export interface MuonSettings extends CommonSettings {
  /** Decay of parameters, apart from the gradient. Default 0.1. */
  weightDecay: number;
  /** Default 0.95. */
  momentum: number;
  /** Default true. */
  nesterov: boolean;
  /** Coefficients of the iteration. Default `[3.4445, -4.775, 2.0315]`. */
  nsCoefficients: readonly [number, number, number];
  /** Default 1e-7. */
  eps: number;
  /** Iterations that orthogonalise an update. Default 5. */
  nsSteps: number;
  /** How the rate follows a matrix's shape: `"original"`, or to match the size of AdamW's updates. */
  adjustLrFn: "original" | "match_rms_adamw" | null;
}

const bind = signature("Muon", {
  lr: 1e-3,
  weightDecay: 0.1,
  momentum: 0.95,
  nesterov: true,
  nsCoefficients: [3.4445, -4.775, 2.0315],
  eps: 1e-7,
  nsSteps: 5,
  adjustLrFn: null,
});

/** Brings the singular values of a matrix near 1 by a quintic iteration. */
function orthogonalized(matrix: Tensor, { nsCoefficients: [a, b, c], nsSteps, eps }: MuonSettings): Tensor {
  const tall = matrix.size(0) > matrix.size(1);
  let x = tall ? matrix.t() : matrix;
  x = x.div(x.norm().clamp({ min: eps }));
  for (let i = 0; i < nsSteps; i++) {
    const gram = x.matmul(x.t());
    const polynomial = gram.mul(b).add(gram.matmul(gram), { alpha: c });
    x = x.mul(a).add(polynomial.matmul(x));
  }
  return tall ? x.t() : x;
}

/**
 * Momentum whose updates of matrices are made orthogonal; for the hidden layers' weights only.
 * @throws {RangeError} for settings out of range, or parameters that are no matrices @see torch.optim.Muon (Jordan et al., 2024)
 */
export class Muon extends Optimizer<MuonSettings> {
  constructor(
    params: Params<MuonSettings>,
    lr?: number | Partial<MuonSettings>,
    ...rest: readonly (number | boolean | Partial<MuonSettings>)[]
  ) {
    const settings = bind([lr, ...rest]) as MuonSettings;
    checkCommon({ lr: settings.lr });
    if (settings.momentum < 0) throw new RangeError(`momentum should be >= 0 but is: ${settings.momentum}`);
    if (settings.weightDecay < 0) throw new RangeError(`weight decay should be >= 0 but is: ${settings.weightDecay}`);
    super(params, { ...settings });
    for (const group of this.paramGroups) {
      for (const p of group.params) {
        if (p.ndim !== 2)
          throw new RangeError(
            `Muon only supports 2D parameters whereas we found a parameter with size: torch.Size([${p.shape.join(", ")}])`,
          );
      }
    }
  }

  protected override update(params: readonly Tensor[], grads: readonly Tensor[], group: ParamGroup<MuonSettings>): void {
    const { lr, weightDecay, momentum, nesterov, adjustLrFn } = group;
    params.forEach((param, i) => {
      const grad = grads[i]!;
      const { momentumBuffer: buffer } = this.stateOf(param, () => ({ momentumBuffer: zerosLike(param).detach() }));
      buffer.mul_(momentum).add_(grad, { alpha: 1 - momentum });
      const update = orthogonalized(nesterov ? grad.mul(1 - momentum).add(buffer, { alpha: momentum }) : buffer, group);
      const [rows, columns] = param.shape as [number, number];
      const ratio = adjustLrFn === "match_rms_adamw" ? 0.2 * Math.sqrt(Math.max(rows, columns)) : Math.sqrt(Math.max(1, rows / columns));
      param.mul_(1 - lr * weightDecay);
      param.add_(update, { alpha: -lr * ratio });
    });
  }
}
