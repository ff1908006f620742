import { required, signature } from "@bluedot/core/extend";
import { type AnyOptimizer, forGroups, LRScheduler } from "./scheduler.ts";

const bind = signature("CyclicLR", {
  baseLr: required,
  maxLr: required,
  stepSizeUp: 2000,
  stepSizeDown: null,
  mode: "triangular",
  gamma: 1,
  scaleFn: null,
  scaleMode: "cycle",
  cycleMomentum: true,
  baseMomentum: 0.8,
  maxMomentum: 0.9,
  lastEpoch: -1,
  verbose: false,
});

export interface CyclicOptions {
  stepSizeUp?: number;
  stepSizeDown?: number | null;
  /** How the height of cycles changes: not, halved each time, or by `gamma` each step. */
  mode?: "triangular" | "triangular2" | "exp_range";
  gamma?: number;
  /** The height as a function of the cycle, or of the step, by `scaleMode`. */
  scaleFn?: ((x: number) => number) | null;
  scaleMode?: "cycle" | "iterations";
  /** Move momentum the other way. Default true. */
  cycleMomentum?: boolean;
  baseMomentum?: number | readonly number[];
  maxMomentum?: number | readonly number[];
  lastEpoch?: number;
  verbose?: boolean;
}

type Rates = number | readonly number[];

/** Rates climb from `baseLr` to `maxLr` and fall back, over and over. @see torch.optim.lr_scheduler.CyclicLR (Smith, 2015, arXiv:1506.01186) */
export class CyclicLR extends LRScheduler {
  /** `baseLr` of each group, whatever rate a scheduler before this one began from. */
  private readonly lows: number[];
  readonly maxLrs: number[];
  readonly totalSize: number;
  readonly stepRatio: number;
  private readonly baseMomentums: number[] | null;
  private readonly maxMomentums: number[];
  private readonly scale: (x: number) => number;
  private readonly byStep: boolean;

  /** @throws {RangeError} for an unknown mode, or an optimizer without the momentum to cycle */
  constructor(
    optimizer: AnyOptimizer,
    baseLr: Rates | (CyclicOptions & { baseLr: Rates; maxLr: Rates }),
    ...rest: readonly (Rates | string | boolean | null | CyclicOptions | ((x: number) => number))[]
  ) {
    const o = bind([baseLr, ...rest]);
    super(optimizer, o.lastEpoch);
    this.lows = forGroups<number>("base_lr", optimizer, o.baseLr);
    this.maxLrs = forGroups<number>("max_lr", optimizer, o.maxLr);
    this.totalSize = o.stepSizeUp + (o.stepSizeDown ?? o.stepSizeUp);
    this.stepRatio = o.stepSizeUp / this.totalSize;
    const shapes: Record<string, (x: number) => number> = {
      triangular: () => 1,
      triangular2: (x) => 1 / 2 ** (x - 1),
      exp_range: (x) => o.gamma ** x,
    };
    const scale = o.scaleFn ?? shapes[o.mode];
    if (scale === undefined) throw new RangeError("mode is invalid and scale_fn is None");
    this.scale = scale;
    this.byStep = o.scaleFn === null ? o.mode === "exp_range" : o.scaleMode !== "cycle";
    if (o.cycleMomentum && !("momentum" in optimizer.defaults)) {
      throw new RangeError("optimizer must support momentum with `cycle_momentum` option enabled");
    }
    this.baseMomentums = o.cycleMomentum ? forGroups<number>("base_momentum", optimizer, o.baseMomentum) : null;
    this.maxMomentums = forGroups<number>("max_momentum", optimizer, o.maxMomentum);
    if (this.lastEpoch === -1) {
      optimizer.paramGroups.forEach((group, i) => {
        group.lr = this.lows[i]!;
        if (this.baseMomentums !== null) group.momentum = this.baseMomentums[i]!;
      });
    }
    this.begin();
  }

  protected override rates(): number[] {
    const { lastEpoch, totalSize, stepRatio } = this;
    const cycle = Math.floor(1 + lastEpoch / totalSize);
    const x = 1 + lastEpoch / totalSize - cycle;
    const climbed = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1);
    const height = climbed * this.scale(this.byStep ? lastEpoch : cycle);
    if (this.baseMomentums !== null) {
      this.optimizer.paramGroups.forEach((group, i) => {
        group.momentum = this.maxMomentums[i]! - (this.maxMomentums[i]! - this.baseMomentums![i]!) * height;
      });
    }
    return this.maxLrs.map((top, i) => this.lows[i]! + (top - this.lows[i]!) * height);
  }
}
