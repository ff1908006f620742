import { required, signature } from "@bluedot/core/extend";
import { type AnyOptimizer, LRScheduler } from "./scheduler.ts";

interface Resumable {
  /** The epoch a resumed schedule stands at. Default -1: a new one. */
  lastEpoch?: number;
  verbose?: boolean;
}

const common = { lastEpoch: -1, verbose: false };

const bindStep = signature("StepLR", { stepSize: required, gamma: 0.1, ...common });

/** Multiplies rates by `gamma` every `stepSize` epochs. @see torch.optim.lr_scheduler.StepLR */
export class StepLR extends LRScheduler {
  readonly stepSize: number;
  readonly gamma: number;
  constructor(
    optimizer: AnyOptimizer,
    stepSize: number | (Resumable & { stepSize: number; gamma?: number }),
    ...rest: readonly (number | (Resumable & { gamma?: number }))[]
  ) {
    const { stepSize: size, gamma, lastEpoch } = bindStep([stepSize, ...rest]);
    super(optimizer, lastEpoch);
    this.stepSize = size;
    this.gamma = gamma;
    this.begin();
  }

  protected override rates(): number[] {
    if (this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0) return this.current;
    return this.current.map((lr) => lr * this.gamma);
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** Math.floor(this.lastEpoch / this.stepSize));
  }
}

const bindMultiStep = signature("MultiStepLR", { milestones: required, gamma: 0.1, ...common });

/** Multiplies rates by `gamma` at each of `milestones`. @see torch.optim.lr_scheduler.MultiStepLR */
export class MultiStepLR extends LRScheduler {
  readonly milestones: readonly number[];
  readonly gamma: number;
  constructor(
    optimizer: AnyOptimizer,
    milestones: readonly number[] | (Resumable & { milestones: readonly number[]; gamma?: number }),
    ...rest: readonly (number | (Resumable & { gamma?: number }))[]
  ) {
    const { milestones: at, gamma, lastEpoch } = bindMultiStep([milestones, ...rest]);
    super(optimizer, lastEpoch);
    this.milestones = [...at].sort((a, b) => a - b);
    this.gamma = gamma;
    this.begin();
  }

  protected override rates(): number[] {
    const times = this.milestones.filter((m) => m === this.lastEpoch).length;
    return times === 0 ? this.current : this.current.map((lr) => lr * this.gamma ** times);
  }

  protected override closedForm(): number[] {
    const passed = this.milestones.filter((m) => m <= this.lastEpoch).length;
    return this.baseLrs.map((lr) => lr * this.gamma ** passed);
  }
}

const bindExponential = signature("ExponentialLR", { gamma: required, ...common });

/** Multiplies rates by `gamma` every epoch. @see torch.optim.lr_scheduler.ExponentialLR */
export class ExponentialLR extends LRScheduler {
  readonly gamma: number;
  constructor(optimizer: AnyOptimizer, gamma: number | (Resumable & { gamma: number }), ...rest: readonly (number | Resumable)[]) {
    const { gamma: factor, lastEpoch } = bindExponential([gamma, ...rest]);
    super(optimizer, lastEpoch);
    this.gamma = factor;
    this.begin();
  }

  protected override rates(): number[] {
    return this.lastEpoch === 0 ? this.current : this.current.map((lr) => lr * this.gamma);
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** this.lastEpoch);
  }
}

/** A factor as a function of the epoch. */
type Factor = (epoch: number) => number;

/** One function for each group. @throws {RangeError} on another number of them */
function factorsFor(optimizer: AnyOptimizer, lrLambda: Factor | readonly Factor[]): readonly Factor[] {
  const n = optimizer.paramGroups.length;
  if (typeof lrLambda === "function") return new Array<Factor>(n).fill(lrLambda);
  if (lrLambda.length !== n) throw new RangeError(`Expected ${n} lr_lambdas, but got ${lrLambda.length}`);
  return lrLambda;
}

const bindLambda = signature("LambdaLR", { lrLambda: required, ...common });

/** Multiplies the first rates by a function of the epoch. @see torch.optim.lr_scheduler.LambdaLR */
export class LambdaLR extends LRScheduler {
  private readonly factors: readonly Factor[];
  constructor(
    optimizer: AnyOptimizer,
    lrLambda: Factor | readonly Factor[] | (Resumable & { lrLambda: Factor | readonly Factor[] }),
    ...rest: readonly (number | Resumable)[]
  ) {
    const bound = bindLambda([lrLambda, ...rest]);
    super(optimizer, bound.lastEpoch);
    this.factors = factorsFor(optimizer, bound.lrLambda);
    this.begin();
  }

  protected override rates(): number[] {
    return this.baseLrs.map((lr, i) => lr * this.factors[i]!(this.lastEpoch));
  }
}

const bindMultiplicative = signature("MultiplicativeLR", { lrLambda: required, ...common });

/** Multiplies rates by a function of the epoch, every epoch. @see torch.optim.lr_scheduler.MultiplicativeLR */
export class MultiplicativeLR extends LRScheduler {
  private readonly factors: readonly Factor[];
  constructor(
    optimizer: AnyOptimizer,
    lrLambda: Factor | readonly Factor[] | (Resumable & { lrLambda: Factor | readonly Factor[] }),
    ...rest: readonly (number | Resumable)[]
  ) {
    const bound = bindMultiplicative([lrLambda, ...rest]);
    super(optimizer, bound.lastEpoch);
    this.factors = factorsFor(optimizer, bound.lrLambda);
    this.begin();
  }

  protected override rates(): number[] {
    return this.lastEpoch === 0 ? this.current : this.current.map((lr, i) => lr * this.factors[i]!(this.lastEpoch));
  }
}

const bindConstant = signature("ConstantLR", { factor: 1 / 3, totalIters: 5, ...common });

/** Multiplies rates by `factor` until `totalIters` epochs have passed. @see torch.optim.lr_scheduler.ConstantLR */
export class ConstantLR extends LRScheduler {
  readonly factor: number;
  readonly totalIters: number;
  constructor(optimizer: AnyOptimizer, ...args: readonly (number | (Resumable & { factor?: number; totalIters?: number }))[]) {
    const { factor, totalIters, lastEpoch } = bindConstant(args);
    if (factor > 1 || factor < 0) throw new RangeError("Constant multiplicative factor expected to be between 0 and 1.");
    super(optimizer, lastEpoch);
    this.factor = factor;
    this.totalIters = totalIters;
    this.begin();
  }

  protected override rates(): number[] {
    if (this.lastEpoch === 0) return this.current.map((lr) => lr * this.factor);
    return this.lastEpoch === this.totalIters ? this.current.map((lr) => lr * (1 / this.factor)) : this.current;
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * (this.lastEpoch >= this.totalIters ? 1 : this.factor));
  }
}

const bindLinear = signature("LinearLR", { startFactor: 1 / 3, endFactor: 1, totalIters: 5, ...common });

/** Moves the factor of rates evenly from `startFactor` to `endFactor` over `totalIters` epochs. @see torch.optim.lr_scheduler.LinearLR */
export class LinearLR extends LRScheduler {
  readonly startFactor: number;
  readonly endFactor: number;
  readonly totalIters: number;
  constructor(
    optimizer: AnyOptimizer,
    ...args: readonly (number | (Resumable & { startFactor?: number; endFactor?: number; totalIters?: number }))[]
  ) {
    const { startFactor, endFactor, totalIters, lastEpoch } = bindLinear(args);
    if (startFactor > 1 || startFactor <= 0)
      throw new RangeError("Starting multiplicative factor expected to be greater than 0 and less or equal to 1.");
    if (endFactor > 1 || endFactor < 0) throw new RangeError("Ending multiplicative factor expected to be between 0 and 1.");
    super(optimizer, lastEpoch);
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.begin();
  }

  protected override rates(): number[] {
    const { startFactor, endFactor, totalIters, lastEpoch } = this;
    if (lastEpoch === 0) return this.current.map((lr) => lr * startFactor);
    if (lastEpoch > totalIters) return this.current;
    const change = endFactor - startFactor;
    return this.current.map((lr) => lr * (1 + change / (totalIters * startFactor + (lastEpoch - 1) * change)));
  }

  protected override closedForm(): number[] {
    const { startFactor, endFactor, totalIters, lastEpoch } = this;
    const factor = startFactor + ((endFactor - startFactor) * Math.min(totalIters, lastEpoch)) / totalIters;
    return this.baseLrs.map((lr) => lr * factor);
  }
}

const bindPolynomial = signature("PolynomialLR", { totalIters: 5, power: 1, ...common });

/** Lowers rates to zero over `totalIters` epochs along a power. @see torch.optim.lr_scheduler.PolynomialLR */
export class PolynomialLR extends LRScheduler {
  readonly totalIters: number;
  readonly power: number;
  constructor(optimizer: AnyOptimizer, ...args: readonly (number | (Resumable & { totalIters?: number; power?: number }))[]) {
    const { totalIters, power, lastEpoch } = bindPolynomial(args);
    super(optimizer, lastEpoch);
    this.totalIters = totalIters;
    this.power = power;
    this.begin();
  }

  protected override rates(): number[] {
    const { totalIters, power, lastEpoch } = this;
    if (lastEpoch === 0 || lastEpoch > totalIters) return this.current;
    const factor = ((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** power;
    return this.current.map((lr) => lr * factor);
  }

  protected override closedForm(): number[] {
    const factor = (1 - Math.min(this.totalIters, this.lastEpoch) / this.totalIters) ** this.power;
    return this.baseLrs.map((lr) => lr * factor);
  }
}
