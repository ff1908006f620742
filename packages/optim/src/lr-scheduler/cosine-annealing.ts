import { required, signature } from "@bluedot/core/extend";
import { type AnyOptimizer, LRScheduler } from "./scheduler.ts";

const bindCosine = signature("CosineAnnealingLR", { TMax: required, etaMin: 0, lastEpoch: -1, verbose: false });

interface CosineOptions {
  etaMin?: number;
  lastEpoch?: number;
  verbose?: boolean;
}

/** Rates fall from the first to `etaMin` along half a cosine of `TMax` epochs, and rise again. @see torch.optim.lr_scheduler.CosineAnnealingLR (Loshchilov & Hutter, 2016, arXiv:1608.03983) */
export class CosineAnnealingLR extends LRScheduler {
  readonly TMax: number;
  readonly etaMin: number;
  constructor(optimizer: AnyOptimizer, TMax: number | (CosineOptions & { TMax: number }), ...rest: readonly (number | CosineOptions)[]) {
    const bound = bindCosine([TMax, ...rest]);
    super(optimizer, bound.lastEpoch);
    this.TMax = bound.TMax;
    this.etaMin = bound.etaMin;
    this.begin();
  }

  protected override rates(): number[] {
    const { TMax, etaMin, lastEpoch } = this;
    if (lastEpoch === 0) return this.current;
    if ((lastEpoch - 1 - TMax) % (2 * TMax) === 0) {
      return this.current.map((lr, i) => lr + ((this.baseLrs[i]! - etaMin) * (1 - Math.cos(Math.PI / TMax))) / 2);
    }
    const height = (epoch: number): number => 1 + Math.cos((Math.PI * epoch) / TMax);
    return this.current.map((lr) => (height(lastEpoch) / height(lastEpoch - 1)) * (lr - etaMin) + etaMin);
  }

  protected override closedForm(): number[] {
    const { TMax, etaMin, lastEpoch } = this;
    return this.baseLrs.map((lr) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * lastEpoch) / TMax))) / 2);
  }
}

const bindRestarts = signature("CosineAnnealingWarmRestarts", { T0: required, TMult: 1, etaMin: 0, lastEpoch: -1, verbose: false });

interface RestartOptions extends CosineOptions {
  TMult?: number;
}

/** Half cosines that begin anew: the first takes `T0` epochs, each next one `TMult` times as many. @see torch.optim.lr_scheduler.CosineAnnealingWarmRestarts */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly T0: number;
  readonly TMult: number;
  readonly etaMin: number;
  /** Length of this period, and how far it has gone. */
  Ti: number;
  TCur: number;

  /** @throws {RangeError} unless `T0` and `TMult` are positive integers */
  constructor(optimizer: AnyOptimizer, T0: number | (RestartOptions & { T0: number }), ...rest: readonly (number | RestartOptions)[]) {
    const bound = bindRestarts([T0, ...rest]);
    if (!Number.isInteger(bound.T0) || bound.T0 <= 0) throw new RangeError(`Expected positive integer T_0, but got ${bound.T0}`);
    if (!Number.isInteger(bound.TMult) || bound.TMult < 1) throw new RangeError(`Expected integer T_mult >= 1, but got ${bound.TMult}`);
    super(optimizer, bound.lastEpoch);
    this.T0 = bound.T0;
    this.TMult = bound.TMult;
    this.etaMin = bound.etaMin;
    this.Ti = bound.T0;
    this.TCur = bound.lastEpoch;
    this.begin();
  }

  protected override rates(): number[] {
    return this.baseLrs.map((lr) => this.etaMin + ((lr - this.etaMin) * (1 + Math.cos((Math.PI * this.TCur) / this.Ti))) / 2);
  }

  /** Goes to the next epoch, or to `epoch`, which may be fractional. @throws {RangeError} for a negative one */
  override step(epoch?: number): void {
    const target = epoch ?? (this.lastEpoch < 0 ? 0 : undefined);
    if (target === undefined) {
      this.lastEpoch++;
      this.TCur++;
      if (this.TCur >= this.Ti) {
        this.TCur -= this.Ti;
        this.Ti *= this.TMult;
      }
    } else {
      this.jump(target);
      this.lastEpoch = Math.floor(target);
    }
    this.setRates(this.rates());
  }

  private jump(epoch: number): void {
    if (epoch < 0) throw new RangeError(`Expected non-negative epoch, but got ${epoch}`);
    const { T0, TMult } = this;
    if (epoch < T0) {
      this.Ti = T0;
      this.TCur = epoch;
    } else if (TMult === 1) this.TCur = epoch % T0;
    else {
      const n = Math.floor(Math.log((epoch / T0) * (TMult - 1) + 1) / Math.log(TMult));
      this.TCur = epoch - (T0 * (TMult ** n - 1)) / (TMult - 1);
      this.Ti = T0 * TMult ** n;
    }
  }
}
