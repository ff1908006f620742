import { fullLike, type Tensor } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import { check, checkCommon } from "./checks.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";
import { ParameterWise, type ParameterWiseSettings, type SteppedState } from "./parameter-wise.ts";

export interface AdagradSettings extends ParameterWiseSettings {
  /** The rate falls as `lr / (1 + (step - 1) * lrDecay)`. Default 0. */
  lrDecay: number;
  weightDecay: number;
  /** Where the sums of squares begin. Default 0. */
  initialAccumulatorValue: number;
  /** Default 1e-10. */
  eps: number;
  maximize: boolean;
}

const bind = signature("Adagrad", { lr: 1e-2, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10, maximize: false });

/** Gradients divided by the root of the sum of their squares. @throws {RangeError} @see torch.optim.Adagrad (Duchi et al., JMLR 12, 2011) */
export class Adagrad extends ParameterWise<AdagradSettings> {
  constructor(
    params: Params<AdagradSettings>,
    lr?: number | Partial<AdagradSettings>,
    ...rest: readonly (number | boolean | Partial<AdagradSettings>)[]
  ) {
    const settings = bind([lr, ...rest]) as AdagradSettings;
    checkCommon({ lr: settings.lr });
    check(settings.lrDecay >= 0, "lr_decay value", settings.lrDecay);
    checkCommon({ lr: settings.lr, weightDecay: settings.weightDecay });
    check(settings.initialAccumulatorValue >= 0, "initial_accumulator_value value", settings.initialAccumulatorValue);
    checkCommon(settings);
    super(params, { ...settings });
    // Unlike other optimizers this one has state before its first step, also for parameters that never get a gradient.
    for (const group of this.paramGroups) {
      for (const p of group.params) this.stateOf(p, () => ({ step: 0, ...this.initialState(p, p, group) }));
    }
  }

  protected override initialState(param: Tensor, _grad: Tensor, group: ParamGroup<AdagradSettings>): ParamState {
    return { sum: fullLike(param, group.initialAccumulatorValue).detach() };
  }

  protected override updateParameter(
    param: Tensor,
    grad: Tensor,
    state: SteppedState,
    { lr, lrDecay, eps }: ParamGroup<AdagradSettings>,
  ): void {
    const sum = state.sum as Tensor;
    sum.addcmul_(grad, grad);
    param.addcdiv_(grad, sum.sqrt().add_(eps), { value: -lr / (1 + (state.step - 1) * lrDecay) });
  }
}
