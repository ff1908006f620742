import type { Tensor } from "@bluedot/core";
import { type CommonSettings, Optimizer, type ParamGroup, type ParamState } from "./optimizer.ts";

/** Settings of optimizers that update one parameter at a time. */
export interface ParameterWiseSettings extends CommonSettings {
  /** L2 penalty, where the optimizer has one. */
  weightDecay?: number;
  /** Ascend instead, where the optimizer can. */
  maximize?: boolean;
}

/** State with a count of steps, this one included. */
export type SteppedState = ParamState & { step: number };

/** An optimizer whose rule for one parameter is written with tensor operators; sign, weight decay and step count are common. */
export abstract class ParameterWise<Settings extends ParameterWiseSettings> extends Optimizer<Settings> {
  /** State of a parameter before its first step, without the step count. */
  protected abstract initialState(param: Tensor, grad: Tensor, group: ParamGroup<Settings>): ParamState;
  /** Updates `param` and `state` in place. */
  protected abstract updateParameter(param: Tensor, grad: Tensor, state: SteppedState, group: ParamGroup<Settings>): void;

  protected override update(params: readonly Tensor[], grads: readonly Tensor[], group: ParamGroup<Settings>): void {
    const { weightDecay = 0, maximize = false } = group;
    params.forEach((param, i) => {
      let grad = grads[i]!;
      const state = this.stateOf(param, () => ({ step: 0, ...this.initialState(param, grad, group) })) as SteppedState;
      state.step++;
      if (maximize) grad = grad.neg();
      if (weightDecay !== 0) grad = grad.add(param, { alpha: weightDecay });
      this.updateParameter(param, grad, state, group);
    });
  }
}
