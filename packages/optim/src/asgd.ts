import { type Tensor, zerosLike } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import { checkCommon } from "./checks.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";
import { ParameterWise, type ParameterWiseSettings, type SteppedState } from "./parameter-wise.ts";

export interface ASGDSettings extends ParameterWiseSettings {
  /** Decay of the parameters. Default 1e-4. */
  lambd: number;
  /** Power with which the rate falls. Default 0.75. */
  alpha: number;
  /** The step at which averaging begins. Default 1e6. */
  t0: number;
  weightDecay: number;
  maximize: boolean;
}

const bind = signature("ASGD", { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false });

/** Gradient descent that also keeps the average of its way. @throws {RangeError} @see torch.optim.ASGD (Polyak & Juditsky, 1992) */
export class ASGD extends ParameterWise<ASGDSettings> {
  constructor(
    params: Params<ASGDSettings>,
    lr?: number | Partial<ASGDSettings>,
    ...rest: readonly (number | boolean | Partial<ASGDSettings>)[]
  ) {
    const settings = bind([lr, ...rest]) as ASGDSettings;
    checkCommon(settings);
    super(params, { ...settings });
  }

  protected override initialState(param: Tensor, _grad: Tensor, group: ParamGroup<ASGDSettings>): ParamState {
    return { eta: Math.fround(group.lr), mu: 1, ax: zerosLike(param).detach() };
  }

  protected override updateParameter(
    param: Tensor,
    grad: Tensor,
    state: SteppedState,
    { lr, lambd, alpha, t0 }: ParamGroup<ASGDSettings>,
  ): void {
    const eta = state.eta as number;
    const mu = state.mu as number;
    const average = state.ax as Tensor;
    param.mul_(1 - lambd * eta);
    param.add_(grad, { alpha: -eta });
    if (mu === 1) average.copy_(param);
    else average.add_(param.sub(average).mul(mu));
    // PyTorch keeps both in float32.
    state.eta = Math.fround(lr / (1 + lambd * lr * state.step) ** alpha);
    state.mu = Math.fround(1 / Math.max(1, state.step - t0));
  }
}
