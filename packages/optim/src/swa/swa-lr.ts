import { required, signature } from "@bluedot/core/extend";
import { type AnyOptimizer, LRScheduler } from "../lr-scheduler/scheduler.ts";

export interface SWALROptions {
  /** Epochs until the rate is reached. Default 10. */
  annealEpochs?: number;
  /** Along half a cosine or a line. Default `"cos"`. */
  annealStrategy?: "cos" | "linear";
  lastEpoch?: number;
}

interface Bound {
  swaLr: number | readonly number[];
  annealEpochs: number;
  annealStrategy: string;
  lastEpoch: number;
}

const bind = signature("SWALR", { swaLr: required, annealEpochs: 10, annealStrategy: "cos", lastEpoch: -1 });

/** The rate from which `alpha` of the way to `swaLr` led to `lr`. */
const origin = (lr: number, swaLr: number, alpha: number): number => (alpha === 1 ? swaLr : (lr - alpha * swaLr) / (1 - alpha));

/**
 * Anneals the rate of each group to a constant, `swaLr`, with which models are averaged.
 * @throws {RangeError} for settings out of range @see torch.optim.swa_utils.SWALR
 */
export class SWALR extends LRScheduler {
  readonly annealEpochs: number;
  readonly annealStrategy: "cos" | "linear";
  /** The epoch this schedule begins at. */
  private readonly firstEpoch: number;

  constructor(
    optimizer: AnyOptimizer,
    swaLr: number | readonly number[] | (SWALROptions & { swaLr: number | readonly number[] }),
    ...rest: readonly (number | string | SWALROptions)[]
  ) {
    const { swaLr: rates, annealEpochs, annealStrategy, lastEpoch } = bind([swaLr, ...rest]) as unknown as Bound;
    const groups = optimizer.paramGroups as { swaLr?: number }[];
    if (typeof rates !== "number" && rates.length !== groups.length) {
      throw new RangeError(
        `swa_lr must have the same length as optimizer.param_groups: swa_lr has ${rates.length}, optimizer.param_groups has ${groups.length}`,
      );
    }
    if (annealStrategy !== "cos" && annealStrategy !== "linear") {
      throw new RangeError(`anneal_strategy must by one of 'cos' or 'linear', instead got ${annealStrategy}`);
    }
    if (!Number.isInteger(annealEpochs) || annealEpochs < 0) {
      throw new RangeError(`anneal_epochs must be equal or greater than 0, got ${annealEpochs}`);
    }
    super(optimizer, lastEpoch);
    groups.forEach((group, i) => {
      group.swaLr = typeof rates === "number" ? rates : rates[i]!;
    });
    this.annealEpochs = annealEpochs;
    this.annealStrategy = annealStrategy;
    this.firstEpoch = lastEpoch + 1;
    this.begin();
  }

  /** How far towards the constant rate a step is: 0 at first, 1 at the end. */
  private share(step: number): number {
    const t = Math.max(0, Math.min(1, step / Math.max(1, this.annealEpochs)));
    return this.annealStrategy === "linear" ? t : (1 - Math.cos(Math.PI * t)) / 2;
  }

  protected override rates(): number[] {
    const taken = this.lastEpoch - this.firstEpoch;
    const step = this.annealEpochs === 0 ? Math.max(1, taken) : taken;
    const alpha = this.share(step);
    return (this.optimizer.paramGroups as { lr: number; swaLr: number }[]).map(
      ({ lr, swaLr }) => swaLr * alpha + origin(lr, swaLr, this.share(step - 1)) * (1 - alpha),
    );
  }
}
