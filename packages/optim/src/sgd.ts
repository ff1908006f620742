import { type Tensor, zerosLike } from "@bluedot/core";
import { sgdStepOp, signature, takeStep } from "@bluedot/core/extend";
import { check, checkCommon } from "./checks.ts";
import { type CommonSettings, Optimizer, type ParamGroup, type Params } from "./optimizer.ts";

export interface SGDSettings extends CommonSettings {
  /** Share of the last update that goes on. Default 0. */
  momentum: number;
  /** Share of the gradient that is held back from the momentum. Default 0. */
  dampening: number;
  /** L2 penalty. Default 0. */
  weightDecay: number;
  /** Look ahead along the momentum. Default false. */
  nesterov: boolean;
  /** Ascend instead. Default false. */
  maximize: boolean;
}

const bind = signature("SGD", { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false });

/**
 * Stochastic gradient descent: `v = momentum * v + (1 - dampening) * g`, `p -= lr * v` (or `lr * (g + momentum * v)` with Nesterov).
 * @example
 * ```ts
 * const optimizer = new SGD(net.parameters(), { lr: 0.001, momentum: 0.9 });
 * ```
 * @throws {RangeError} for settings out of range @see torch.optim.SGD (Sutskever et al., ICML 2013)
 */
export class SGD extends Optimizer<SGDSettings> {
  protected override readonly borrowsGradients = true;

  constructor(
    params: Params<SGDSettings>,
    lr?: number | Partial<SGDSettings>,
    ...rest: readonly (number | boolean | Partial<SGDSettings>)[]
  ) {
    const settings = bind([lr, ...rest]) as SGDSettings;
    checkCommon({ lr: settings.lr });
    check(settings.momentum >= 0, "momentum value", settings.momentum);
    checkCommon(settings);
    if (settings.nesterov && (settings.momentum <= 0 || settings.dampening !== 0)) {
      throw new RangeError("Nesterov momentum requires a momentum and zero dampening");
    }
    super(params, { ...settings });
  }

  protected override update(params: readonly Tensor[], grads: readonly Tensor[], group: ParamGroup<SGDSettings>): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    const step = { lr, momentum, dampening, weightDecay, nesterov, maximize };
    if (momentum === 0) return takeStep(sgdStepOp, grads, params, { ...step, first: false });
    // The momentum of a parameter that had no gradient before begins with this one, undamped.
    const isNew = params.map((p) => !this.state.has(p));
    const buffers = params.map((p) => this.stateOf(p, () => ({ momentumBuffer: zerosLike(p).detach() })).momentumBuffer);
    for (const first of [true, false]) {
      if (!isNew.includes(first)) continue;
      const chosen = <T>(list: readonly T[]): readonly T[] => (isNew.includes(!first) ? list.filter((_, i) => isNew[i] === first) : list);
      takeStep(sgdStepOp, chosen(grads), [...chosen(params), ...chosen(buffers)], { ...step, first });
    }
  }
}
