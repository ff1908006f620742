import { required, signature } from "@bluedot/core/extend";
import { type AnyOptimizer, forGroups, LRScheduler } from "./scheduler.ts";

const bind = signature("OneCycleLR", {
  maxLr: required,
  totalSteps: null,
  epochs: null,
  stepsPerEpoch: null,
  pctStart: 0.3,
  annealStrategy: "cos",
  cycleMomentum: true,
  baseMomentum: 0.85,
  maxMomentum: 0.95,
  divFactor: 25,
  finalDivFactor: 1e4,
  threePhase: false,
  lastEpoch: -1,
  verbose: false,
});

export interface OneCycleOptions {
  totalSteps?: number | null;
  epochs?: number | null;
  stepsPerEpoch?: number | null;
  /** Share of the steps in which rates rise. Default 0.3. */
  pctStart?: number;
  annealStrategy?: "cos" | "linear";
  cycleMomentum?: boolean;
  baseMomentum?: number | readonly number[];
  maxMomentum?: number | readonly number[];
  /** `maxLr` over the first rate. Default 25. */
  divFactor?: number;
  /** The first rate over the last. Default 1e4. */
  finalDivFactor?: number;
  /** Fall as long as rates rose, then vanish, rather than fall and vanish in one. Default false. */
  threePhase?: boolean;
  lastEpoch?: number;
  verbose?: boolean;
}

type Level = "initial" | "max" | "min";
interface Phase {
  readonly endStep: number;
  readonly lr: readonly [from: Level, to: Level];
  /** Whether momentum goes down, up, or stays high. */
  readonly momentum: readonly [from: "max" | "base", to: "max" | "base"];
}

type Rates = number | readonly number[];

/** Rates rise once to `maxLr` and then fall far below where they began; momentum goes the other way. @see torch.optim.lr_scheduler.OneCycleLR (Smith & Topin, 2017, arXiv:1708.07120) */
export class OneCycleLR extends LRScheduler {
  readonly totalSteps: number;
  private readonly phases: readonly Phase[];
  private readonly levels: readonly Record<Level, number>[];
  private readonly momentums: readonly Record<"max" | "base", number>[] | null;
  private readonly anneal: (from: number, to: number, share: number) => number;

  /** @throws {RangeError} for settings out of range */
  constructor(
    optimizer: AnyOptimizer,
    maxLr: Rates | (OneCycleOptions & { maxLr: Rates }),
    ...rest: readonly (Rates | string | boolean | null | OneCycleOptions)[]
  ) {
    const o = bind([maxLr, ...rest]);
    super(optimizer, o.lastEpoch);
    this.totalSteps = totalSteps(o);
    if (!(o.pctStart >= 0 && o.pctStart <= 1)) throw new RangeError(`Expected float between 0 and 1 pct_start, but got ${o.pctStart}`);
    if (o.annealStrategy !== "cos" && o.annealStrategy !== "linear") {
      throw new RangeError(`anneal_strategy must by one of 'cos' or 'linear', instead got ${o.annealStrategy}`);
    }
    this.anneal =
      o.annealStrategy === "cos"
        ? (from, to, share) => to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share))
        : (from, to, share) => (to - from) * share + from;
    this.phases = phases(this.totalSteps, o.pctStart, o.threePhase);
    this.levels = forGroups<number>("max_lr", optimizer, o.maxLr).map((max) => ({
      initial: max / o.divFactor,
      max,
      min: max / o.divFactor / o.finalDivFactor,
    }));
    if (o.cycleMomentum && !("momentum" in optimizer.defaults) && !("betas" in optimizer.defaults)) {
      throw new RangeError("optimizer must support momentum with `cycle_momentum` option enabled");
    }
    const bases = forGroups<number>("base_momentum", optimizer, o.baseMomentum);
    const tops = forGroups<number>("max_momentum", optimizer, o.maxMomentum);
    this.momentums = o.cycleMomentum ? bases.map((base, i) => ({ base, max: tops[i]! })) : null;
    if (this.lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => {
        group.initialLr = this.levels[i]!.initial;
      });
    }
    this.begin();
  }

  protected override rates(): number[] {
    const step = this.lastEpoch;
    if (step > this.totalSteps) {
      throw new RangeError(`Tried to step ${step} times. The specified number of total steps is ${this.totalSteps}`);
    }
    const at = this.phases.findIndex((phase, i) => step <= phase.endStep || i === this.phases.length - 1);
    const phase = this.phases[at]!;
    const start = at === 0 ? 0 : this.phases[at - 1]!.endStep;
    const share = (step - start) / (phase.endStep - start);
    this.optimizer.paramGroups.forEach((group, i) => {
      if (this.momentums === null) return;
      const momentum = this.anneal(this.momentums[i]![phase.momentum[0]], this.momentums[i]![phase.momentum[1]], share);
      if ("betas" in this.optimizer.defaults) group.betas = [momentum, group.betas[1]];
      else group.momentum = momentum;
    });
    return this.levels.map((level) => this.anneal(level[phase.lr[0]], level[phase.lr[1]], share));
  }
}

function totalSteps({
  totalSteps: total,
  epochs,
  stepsPerEpoch,
}: {
  totalSteps: number | null;
  epochs: number | null;
  stepsPerEpoch: number | null;
}): number {
  const positive = (name: string, value: number | null): number => {
    if (value === null || !Number.isInteger(value) || value <= 0)
      throw new RangeError(`Expected positive integer ${name}, but got ${value}`);
    return value;
  };
  if (total !== null) return positive("total_steps", total);
  if (epochs === null && stepsPerEpoch === null) throw new RangeError("You must define either total_steps OR (epochs AND steps_per_epoch)");
  return positive("epochs", epochs) * positive("steps_per_epoch", stepsPerEpoch);
}

function phases(total: number, pctStart: number, three: boolean): readonly Phase[] {
  const rise: Phase = { endStep: pctStart * total - 1, lr: ["initial", "max"], momentum: ["max", "base"] };
  if (!three) return [rise, { endStep: total - 1, lr: ["max", "min"], momentum: ["base", "max"] }];
  return [
    rise,
    { endStep: 2 * pctStart * total - 2, lr: ["max", "initial"], momentum: ["base", "max"] },
    { endStep: total - 1, lr: ["initial", "min"], momentum: ["max", "max"] },
  ];
}
