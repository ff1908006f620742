import { noGrad } from "@bluedot/autograd";
import { type Tensor, tensor } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import { deepcopy, Module } from "@bluedot/nn";

/** The next average from the one so far, the model's value, and how many models are in the average already. */
export type AveragingFunction = (averaged: Tensor, current: Tensor, numAveraged: number) => Tensor;

export interface AveragedModelOptions {
  /** Where the average is kept. Default: where the model is. */
  device?: string | null;
  /** How averages are updated. Default: {@link getSwaAvgFn}. */
  avgFn?: AveragingFunction | null;
  /** Average the buffers too, rather than keep them in step with the model's. Default false. */
  useBuffers?: boolean;
}

/** Every model weighs the same. @see torch.optim.swa_utils.get_swa_avg_fn */
export const getSwaAvgFn =
  (): AveragingFunction =>
  (averaged, current, numAveraged): Tensor =>
    averaged.add(current.sub(averaged).div(numAveraged + 1));

/** Exponential moving average: `decay * averaged + (1 - decay) * current`. @throws {RangeError} unless `decay` is in [0, 1] @see torch.optim.swa_utils.get_ema_avg_fn */
export function getEmaAvgFn(decay: number | { decay?: number } = 0.999): AveragingFunction {
  const share = typeof decay === "number" ? decay : (decay.decay ?? 0.999);
  if (!(share >= 0 && share <= 1)) throw new RangeError(`Invalid decay value ${share} provided. Please provide a value in [0,1] range.`);
  return (averaged, current) => averaged.mul(share).add(current, { alpha: 1 - share });
}

const bind = signature("AveragedModel", { device: null, avgFn: null, useBuffers: false });

/**
 * A copy of a model whose parameters are running averages of the model's; the first {@link updateParameters} takes them over as they are.
 * Calling it runs the averaged copy. Its state holds `n_averaged` and the copy under `module`; the averaging function is not saved.
 *
 * ```ts
 * const averaged = new optim.swaUtils.AveragedModel(net, { avgFn: optim.swaUtils.getEmaAvgFn(0.99) });
 * // after each step of training
 * averaged.updateParameters(net);
 * ```
 * @see torch.optim.swa_utils.AveragedModel (Izmailov et al., 2018, arXiv:1803.05407)
 */
export class AveragedModel<M extends Module = Module> extends Module {
  readonly module: M;
  /** How many models the average holds: int64, without dimensions. */
  declare readonly n_averaged: Tensor;
  readonly avgFn: AveragingFunction;
  readonly useBuffers: boolean;

  constructor(model: M, ...rest: readonly (string | AveragingFunction | boolean | null | AveragedModelOptions)[]) {
    super();
    const { device, avgFn, useBuffers } = bind(rest) as { device: string | null; avgFn: AveragingFunction | null; useBuffers: boolean };
    this.module = deepcopy(model);
    if (device !== null) this.module.to(device);
    this.registerBuffer("n_averaged", tensor(0, { dtype: "int64", ...(device === null ? {} : { device }) }));
    this.avgFn = avgFn ?? getSwaAvgFn();
    this.useBuffers = useBuffers;
  }

  override forward(...args: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    return this.module(...args) as ReturnType<M["forward"]>;
  }

  /** Takes the parameters of `model` into the average. @see torch.optim.swa_utils.AveragedModel.update_parameters */
  updateParameters(model: M): void {
    noGrad(() => {
      const count = Number(this.n_averaged.item());
      const take = (averages: readonly Tensor[], values: readonly Tensor[], average: boolean): void => {
        averages.forEach((averaged, i) => {
          const current = values[i]!.detach().to(averaged.device);
          averaged.detach().copy_(average && count > 0 ? this.avgFn(averaged.detach(), current, count) : current);
        });
      };
      take(this.module.parameters(), model.parameters(), true);
      take(this.module.buffers(), model.buffers(), this.useBuffers);
      this.n_averaged.add_(1);
    });
  }
}
