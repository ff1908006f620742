import { type Tensor, zerosLike } from "@bluedot/core";
import { adamStepOp, signature, takeStep } from "@bluedot/core/extend";
import { checkBetas, checkCommon } from "./checks.ts";
import { type CommonSettings, Optimizer, type ParamGroup, type Params } from "./optimizer.ts";

export interface AdamSettings extends CommonSettings {
  /** Decay of the running mean and of the running square. Default `[0.9, 0.999]`. */
  betas: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  eps: number;
  /** L2 penalty; for AdamW decay apart from the gradient. */
  weightDecay: number;
  /** Divide by the largest square so far. Default false. */
  amsgrad: boolean;
  /** Ascend instead. Default false. */
  maximize: boolean;
}

type Rest = readonly (number | boolean | readonly [number, number] | Partial<AdamSettings>)[];

interface AdamState {
  [key: string]: Tensor | number;
  step: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

abstract class AdamFamily extends Optimizer<AdamSettings> {
  protected abstract readonly decoupled: boolean;
  protected override readonly borrowsGradients = true;

  protected override update(params: readonly Tensor[], grads: readonly Tensor[], group: ParamGroup<AdamSettings>): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize } = group;
    const states = params.map((p) => {
      const state = this.stateOf<AdamState>(p, () => {
        const fresh: AdamState = { step: 0, expAvg: zerosLike(p).detach(), expAvgSq: zerosLike(p).detach() };
        if (amsgrad) fresh.maxExpAvgSq = zerosLike(p).detach();
        return fresh;
      });
      state.step++;
      return state;
    });
    // Parameters that missed a step (they had no gradient then) are behind, and are updated apart.
    for (const step of new Set(states.map((state) => state.step))) {
      const at = [...states.keys()].filter((i) => states[i]!.step === step);
      const pick = (key: "expAvg" | "expAvgSq" | "maxExpAvgSq"): Tensor[] => at.map((i) => states[i]![key] as Tensor);
      takeStep(
        adamStepOp,
        at.map((i) => grads[i]!),
        [...at.map((i) => params[i]!), ...pick("expAvg"), ...pick("expAvgSq"), ...(amsgrad ? pick("maxExpAvgSq") : [])],
        { lr, beta1: betas[0], beta2: betas[1], eps, weightDecay, decoupled: this.decoupled, amsgrad, maximize, step },
      );
    }
  }
}

function settingsOf(bind: (args: readonly unknown[]) => AdamSettings, args: readonly unknown[]): AdamSettings {
  const settings = bind(args);
  checkCommon({ lr: settings.lr, eps: settings.eps });
  checkBetas(settings.betas);
  checkCommon(settings);
  return { ...settings };
}

const bindAdam = signature("Adam", { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false, maximize: false });

/**
 * Steps of nearly constant size along the running mean of gradients, scaled by their running square.
 * @throws {RangeError} for settings out of range @see torch.optim.Adam (Kingma & Ba, 2014, arXiv:1412.6980)
 */
export class Adam extends AdamFamily {
  protected override readonly decoupled = false;
  constructor(params: Params<AdamSettings>, lr?: number | Partial<AdamSettings>, ...rest: Rest) {
    super(params, settingsOf(bindAdam, [lr, ...rest]));
  }
}

const bindAdamW = signature("AdamW", { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 1e-2, amsgrad: false, maximize: false });

/**
 * Adam whose weight decay shrinks parameters directly.
 * @throws {RangeError} for settings out of range @see torch.optim.AdamW (Loshchilov & Hutter, 2017, arXiv:1711.05101)
 */
export class AdamW extends AdamFamily {
  protected override readonly decoupled = true;
  constructor(params: Params<AdamSettings>, lr?: number | Partial<AdamSettings>, ...rest: Rest) {
    super(params, settingsOf(bindAdamW, [lr, ...rest]));
  }
}
