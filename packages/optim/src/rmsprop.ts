import { type Tensor, zerosLike } from "@bluedot/core";
import { rmspropStepOp, signature, takeStep } from "@bluedot/core/extend";
import { check, checkCommon } from "./checks.ts";
import { type CommonSettings, Optimizer, type ParamGroup, type ParamState, type Params } from "./optimizer.ts";

export interface RMSpropSettings extends CommonSettings {
  /** Decay of the running square. Default 0.99. */
  alpha: number;
  /** Added to the denominator. Default 1e-8. */
  eps: number;
  weightDecay: number;
  momentum: number;
  /** Subtract the square of the running mean. Default false. */
  centered: boolean;
  maximize: boolean;
}

const bind = signature("RMSprop", { lr: 1e-2, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false, maximize: false });

/**
 * Gradients divided by the root of their running square.
 * @throws {RangeError} for settings out of range @see torch.optim.RMSprop (Hinton, Coursera lecture 6, 2012; centered: Graves, 2013, arXiv:1308.0850)
 */
export class RMSprop extends Optimizer<RMSpropSettings> {
  protected override readonly borrowsGradients = true;

  constructor(
    params: Params<RMSpropSettings>,
    lr?: number | Partial<RMSpropSettings>,
    ...rest: readonly (number | boolean | Partial<RMSpropSettings>)[]
  ) {
    const settings = bind([lr, ...rest]) as RMSpropSettings;
    checkCommon({ lr: settings.lr, eps: settings.eps });
    check(settings.momentum >= 0, "momentum value", settings.momentum);
    checkCommon(settings);
    check(settings.alpha >= 0, "alpha value", settings.alpha);
    super(params, { ...settings });
  }

  protected override update(params: readonly Tensor[], grads: readonly Tensor[], group: ParamGroup<RMSpropSettings>): void {
    const { lr, alpha, eps, weightDecay, momentum, centered, maximize } = group;
    const states = params.map((p) => {
      const state = this.stateOf<ParamState>(p, () => ({
        step: 0,
        squareAvg: zerosLike(p).detach(),
        ...(momentum > 0 ? { momentumBuffer: zerosLike(p).detach() } : {}),
        ...(centered ? { gradAvg: zerosLike(p).detach() } : {}),
      }));
      (state.step as number)++;
      return state;
    });
    const pick = (key: string): Tensor[] => states.map((state) => state[key] as Tensor);
    takeStep(
      rmspropStepOp,
      grads,
      [...params, ...pick("squareAvg"), ...(centered ? pick("gradAvg") : []), ...(momentum > 0 ? pick("momentumBuffer") : [])],
      { lr, alpha, eps, weightDecay, momentum, centered, maximize },
    );
  }
}
