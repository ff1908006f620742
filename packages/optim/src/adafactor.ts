import { type Tensor, zeros, zerosLike } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import { check } from "./checks.ts";
import type { CommonSettings, ParamGroup, ParamState, Params } from "./optimizer.ts";
import { ParameterWise, type SteppedState } from "./parameter-wise.ts";

export interface AdafactorSettings extends CommonSettings {
  /** The running square decays as `1 - step^beta2Decay`. Default -0.8. */
  beta2Decay: number;
  /** Added to squares (null: the dtype's epsilon), and least size of a parameter. Default `[null, 1e-3]`. */
  eps: readonly [number | null, number];
  /** Largest root mean square of an update, relative to the parameter's. Default 1. */
  d: number;
  weightDecay: number;
  maximize: boolean;
}

const bind = signature("Adafactor", { lr: 1e-2, beta2Decay: -0.8, eps: [null, 1e-3], d: 1, weightDecay: 0, maximize: false });

const rootMeanSquare = (t: Tensor): number => t.norm().item() / Math.sqrt(t.numel());

/**
 * Adam-like steps whose running square of a matrix is kept as one row and one column.
 * @throws {RangeError} for settings out of range @see torch.optim.Adafactor (Shazeer & Stern, 2018, arXiv:1804.04235)
 */
export class Adafactor extends ParameterWise<AdafactorSettings & { decay: number }> {
  constructor(
    params: Params<AdafactorSettings>,
    lr?: number | Partial<AdafactorSettings>,
    ...rest: readonly (number | boolean | readonly (number | null)[] | Partial<AdafactorSettings>)[]
  ) {
    const { weightDecay, ...settings } = bind([lr, ...rest]) as AdafactorSettings;
    check(settings.lr >= 0, "Learning rate", settings.lr);
    check(settings.beta2Decay <= 0, "beta2_decay", settings.beta2Decay);
    check(settings.d >= 1, "Clipping threshold d", settings.d);
    check(weightDecay >= 0, "weight_decay", weightDecay);
    // The decay of Adafactor shrinks parameters directly; the base's would go into the gradient.
    super(params as Params<AdafactorSettings & { decay: number }>, { ...settings, weightDecay: 0, decay: weightDecay });
  }

  protected override initialState(param: Tensor): ParamState {
    if (param.ndim < 2) return { variance: zerosLike(param).detach() };
    const lead = param.shape.slice(0, -2);
    const [rows, columns] = param.shape.slice(-2) as [number, number];
    return { rowVar: zeros([...lead, rows, 1], { dtype: param.dtype }), colVar: zeros([...lead, 1, columns], { dtype: param.dtype }) };
  }

  protected override updateParameter(
    param: Tensor,
    grad: Tensor,
    state: SteppedState,
    group: ParamGroup<AdafactorSettings & { decay: number }>,
  ): void {
    const { lr, beta2Decay, eps, d, decay } = group;
    const keep = 1 - state.step ** beta2Decay;
    const least = eps[0] ?? (param.dtype === "float64" ? Number.EPSILON : 2 ** -23);
    const rate = Math.max(eps[1], rootMeanSquare(param)) * Math.min(lr, 1 / Math.sqrt(state.step));
    if (decay !== 0) param.mul_(1 - lr * decay);
    let estimate: Tensor;
    if (param.ndim < 2) {
      const variance = state.variance as Tensor;
      variance.mul_(keep).add_(grad.square(), { alpha: 1 - keep });
      estimate = variance;
    } else {
      const row = (state.rowVar as Tensor).mul_(keep).add_(grad.square().mean(-1, true), { alpha: 1 - keep });
      const column = (state.colVar as Tensor).mul_(keep).add_(grad.square().mean(-2, true), { alpha: 1 - keep });
      estimate = row.matmul(column).div(row.mean(-2, true).clamp({ min: least }));
    }
    const update = estimate
      .clamp({ min: least * least })
      .rsqrt()
      .mul(grad);
    param.add_(update, { alpha: -rate / Math.max(1, rootMeanSquare(update) / d) });
  }
}
