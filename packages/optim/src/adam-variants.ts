import { maximum, type Tensor, zerosLike } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import { check, checkBetas, checkCommon } from "./checks.ts";
import type { ParamGroup, ParamState, Params } from "./optimizer.ts";
import { ParameterWise, type ParameterWiseSettings, type SteppedState } from "./parameter-wise.ts";

/** What Adam's relatives share. */
export interface AdamVariantSettings extends ParameterWiseSettings {
  /** Decay of the running mean and of the running size. Default `[0.9, 0.999]`. */
  betas: readonly [number, number];
  /** Default 1e-8. */
  eps: number;
  weightDecay: number;
}

type Rest<S> = readonly (number | boolean | readonly [number, number] | Partial<S>)[];

/** Checks and copies settings. @throws {RangeError} */
function checked<S extends AdamVariantSettings>(settings: S): S {
  checkCommon({ lr: settings.lr, eps: settings.eps });
  checkBetas(settings.betas);
  checkCommon(settings);
  return { ...settings };
}

const moments = (param: Tensor): ParamState => ({ expAvg: zerosLike(param).detach(), expAvgSq: zerosLike(param).detach() });

/** Moves the running mean and square towards the gradient. */
function moveMoments(
  state: SteppedState,
  grad: Tensor,
  [beta1, beta2]: readonly [number, number],
): readonly [mean: Tensor, square: Tensor] {
  const mean = (state.expAvg as Tensor).mul_(beta1).add_(grad, { alpha: 1 - beta1 });
  const square = (state.expAvgSq as Tensor).mul_(beta2).addcmul_(grad, grad, { value: 1 - beta2 });
  return [mean, square];
}

export interface AdamaxSettings extends AdamVariantSettings {
  maximize: boolean;
}

const bindAdamax = signature("Adamax", { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false });

/** Adam with the running maximum in place of the running square. @throws {RangeError} @see torch.optim.Adamax (Kingma & Ba, 2014, section 7.1) */
export class Adamax extends ParameterWise<AdamaxSettings> {
  constructor(params: Params<AdamaxSettings>, lr?: number | Partial<AdamaxSettings>, ...rest: Rest<AdamaxSettings>) {
    super(params, checked(bindAdamax([lr, ...rest]) as AdamaxSettings));
  }

  protected override initialState(param: Tensor): ParamState {
    return { expAvg: zerosLike(param).detach(), expInf: zerosLike(param).detach() };
  }

  protected override updateParameter(
    param: Tensor,
    grad: Tensor,
    state: SteppedState,
    { lr, betas, eps }: ParamGroup<AdamaxSettings>,
  ): void {
    const mean = (state.expAvg as Tensor).mul_(betas[0]).add_(grad, { alpha: 1 - betas[0] });
    const largest = state.expInf as Tensor;
    largest.copy_(maximum(largest.mul_(betas[1]), grad.abs().add_(eps)));
    param.addcdiv_(mean, largest, { value: -lr / (1 - betas[0] ** state.step) });
  }
}

export interface NAdamSettings extends AdamVariantSettings {
  /** How fast the momentum grows to its limit. Default 4e-3. */
  momentumDecay: number;
}

const bindNAdam = signature("NAdam", { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, momentumDecay: 4e-3 });

/** Adam that looks ahead along its momentum. @throws {RangeError} @see torch.optim.NAdam (Dozat, ICLR workshop 2016) */
export class NAdam extends ParameterWise<NAdamSettings> {
  constructor(params: Params<NAdamSettings>, lr?: number | Partial<NAdamSettings>, ...rest: Rest<NAdamSettings>) {
    const settings = checked(bindNAdam([lr, ...rest]) as NAdamSettings);
    check(settings.momentumDecay >= 0, "momentum_decay value", settings.momentumDecay);
    super(params, settings);
  }

  protected override initialState(param: Tensor): ParamState {
    return { muProduct: 1, ...moments(param) };
  }

  protected override updateParameter(param: Tensor, grad: Tensor, state: SteppedState, group: ParamGroup<NAdamSettings>): void {
    const { lr, betas, eps, momentumDecay } = group;
    const momentumAt = (step: number): number => betas[0] * (1 - 0.5 * 0.96 ** (step * momentumDecay));
    const mu = momentumAt(state.step);
    const muNext = momentumAt(state.step + 1);
    // PyTorch keeps the product in float32.
    state.muProduct = Math.fround((state.muProduct as number) * mu);
    const [mean, square] = moveMoments(state, grad, betas);
    const scale = square
      .div(1 - betas[1] ** state.step)
      .sqrt()
      .add_(eps);
    param.addcdiv_(grad, scale, { value: (-lr * (1 - mu)) / (1 - state.muProduct) });
    param.addcdiv_(mean, scale, { value: (-lr * muNext) / (1 - Math.fround(Math.fround(state.muProduct * mu) * muNext)) });
  }
}

const bindRAdam = signature("RAdam", { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 });

/** Adam that takes plain momentum steps until its running square can be trusted. @throws {RangeError} @see torch.optim.RAdam (Liu et al., 2019, arXiv:1908.03265) */
export class RAdam extends ParameterWise<AdamVariantSettings> {
  constructor(params: Params<AdamVariantSettings>, lr?: number | Partial<AdamVariantSettings>, ...rest: Rest<AdamVariantSettings>) {
    super(params, checked(bindRAdam([lr, ...rest]) as AdamVariantSettings));
  }

  protected override initialState(param: Tensor): ParamState {
    return moments(param);
  }

  protected override updateParameter(
    param: Tensor,
    grad: Tensor,
    state: SteppedState,
    { lr, betas, eps }: ParamGroup<AdamVariantSettings>,
  ): void {
    const { step } = state;
    const [mean, square] = moveMoments(state, grad, betas);
    const unbiased = mean.div(1 - betas[0] ** step);
    const correction2 = 1 - betas[1] ** step;
    const limit = 2 / (1 - betas[1]) - 1;
    const length = limit - (2 * step * betas[1] ** step) / correction2;
    if (length > 5) {
      const rectification = Math.sqrt(((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length));
      param.addcdiv_(unbiased, square.sqrt().add_(eps), { value: -lr * Math.sqrt(correction2) * rectification });
    } else param.add_(unbiased, { alpha: -lr });
  }
}
