import { type Tensor, zerosLike } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import { check, checkCommon } from "./checks.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";
import { ParameterWise, type ParameterWiseSettings, type SteppedState } from "./parameter-wise.ts";

export interface AdadeltaSettings extends ParameterWiseSettings {
  /** Decay of both running squares. Default 0.9. */
  rho: number;
  /** Default 1e-6. */
  eps: number;
  weightDecay: number;
  maximize: boolean;
}

const bind = signature("Adadelta", { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false });

/** Steps scaled by the ratio of the running sizes of updates and gradients. @throws {RangeError} @see torch.optim.Adadelta (Zeiler, 2012, arXiv:1212.5701) */
export class Adadelta extends ParameterWise<AdadeltaSettings> {
  constructor(
    params: Params<AdadeltaSettings>,
    lr?: number | Partial<AdadeltaSettings>,
    ...rest: readonly (number | boolean | Partial<AdadeltaSettings>)[]
  ) {
    const settings = bind([lr, ...rest]) as AdadeltaSettings;
    checkCommon({ lr: settings.lr });
    check(settings.rho >= 0 && settings.rho <= 1, "rho value", settings.rho);
    checkCommon(settings);
    super(params, { ...settings });
  }

  protected override initialState(param: Tensor): ParamState {
    return { squareAvg: zerosLike(param).detach(), accDelta: zerosLike(param).detach() };
  }

  protected override updateParameter(
    param: Tensor,
    grad: Tensor,
    state: SteppedState,
    { lr, rho, eps }: ParamGroup<AdadeltaSettings>,
  ): void {
    const square = state.squareAvg as Tensor;
    const deltas = state.accDelta as Tensor;
    square.mul_(rho).addcmul_(grad, grad, { value: 1 - rho });
    const delta = deltas.add(eps).sqrt_().div_(square.add(eps).sqrt_()).mul_(grad);
    deltas.mul_(rho).addcmul_(delta, delta, { value: 1 - rho });
    param.add_(delta, { alpha: -lr });
  }
}
