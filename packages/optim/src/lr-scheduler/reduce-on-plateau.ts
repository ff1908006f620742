import { isTensor, type Tensor } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import { type AnyOptimizer, forGroups, LRScheduler } from "./scheduler.ts";

const bind = signature("ReduceLROnPlateau", {
  mode: "min",
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: "rel",
  cooldown: 0,
  minLr: 0,
  eps: 1e-8,
  verbose: false,
});

export interface PlateauOptions {
  /** Whether the metric should fall or rise. Default `"min"`. */
  mode?: "min" | "max";
  /** Rates are multiplied by this. Default 0.1. */
  factor?: number;
  /** Epochs without improvement that are borne. Default 10. */
  patience?: number;
  /** How much better counts as better. Default 1e-4. */
  threshold?: number;
  thresholdMode?: "rel" | "abs";
  /** Epochs after a reduction in which nothing counts. Default 0. */
  cooldown?: number;
  minLr?: number | readonly number[];
  /** Smaller changes of a rate are left out. Default 1e-8. */
  eps?: number;
  verbose?: boolean;
}

/** Lowers rates when a metric has stopped improving: pass it to `step`. @see torch.optim.lr_scheduler.ReduceLROnPlateau */
export class ReduceLROnPlateau extends LRScheduler {
  readonly factor: number;
  readonly patience: number;
  readonly threshold: number;
  readonly cooldown: number;
  readonly mode: "min" | "max";
  readonly thresholdMode: "rel" | "abs";
  readonly minLrs: number[];
  readonly eps: number;
  best: number;
  numBadEpochs = 0;
  cooldownCounter = 0;

  /** @throws {RangeError} for settings out of range */
  constructor(optimizer: AnyOptimizer, ...args: readonly (string | number | readonly number[] | boolean | PlateauOptions)[]) {
    const o = bind(args);
    if (o.factor >= 1) throw new RangeError("Factor should be < 1.0.");
    super(optimizer, 0);
    this.minLrs = forGroups<number>("min_lrs", optimizer, o.minLr);
    if (o.mode !== "min" && o.mode !== "max") throw new RangeError(`mode ${o.mode} is unknown!`);
    if (o.thresholdMode !== "rel" && o.thresholdMode !== "abs") throw new RangeError(`threshold mode ${o.thresholdMode} is unknown!`);
    this.factor = o.factor;
    this.patience = o.patience;
    this.threshold = o.threshold;
    this.cooldown = o.cooldown;
    this.mode = o.mode;
    this.thresholdMode = o.thresholdMode;
    this.eps = o.eps;
    this.best = o.mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.lastLr = this.current;
  }

  protected override rates(): number[] {
    return this.current;
  }

  /** Whether `value` improves enough on the best so far. */
  private isBetter(value: number): boolean {
    const { mode, thresholdMode, threshold, best } = this;
    const sign = mode === "min" ? -1 : 1;
    const bar = thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === "min" ? value < bar : value > bar;
  }

  /** Notes the metric of an epoch, and lowers rates when it has not improved for longer than `patience`. */
  override step(metrics: number | Tensor = Number.NaN, epoch = this.lastEpoch + 1): void {
    const value = isTensor(metrics) ? metrics.item() : metrics;
    this.lastEpoch = epoch;
    if (this.isBetter(value)) {
      this.best = value;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.setRates(
        this.current.map((lr, i) => {
          const lower = Math.max(lr * this.factor, this.minLrs[i]!);
          return lr - lower > this.eps ? lower : lr;
        }),
      );
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.lastLr = this.current;
  }
}
