import { required, signature } from "@bluedot/core/extend";
import { type AnyOptimizer, LRScheduler, type SchedulerState } from "./scheduler.ts";

const bind = signature("SequentialLR", { schedulers: required, milestones: required, lastEpoch: -1, verbose: false });

/** Saves and loads schedulers within schedulers. */
const saveAll = (own: SchedulerState, schedulers: readonly LRScheduler[]): SchedulerState => {
  own.delete("schedulers");
  return own.set(
    "_schedulers",
    schedulers.map((s) => s.stateDict()),
  );
};

const entries = (saved: SchedulerState | Readonly<Record<string, unknown>>): Map<string, unknown> =>
  saved instanceof Map ? new Map(saved) : new Map(Object.entries(saved));

/** Schedulers one after the other: each runs until its milestone. @see torch.optim.lr_scheduler.SequentialLR */
export class SequentialLR extends LRScheduler {
  readonly schedulers: readonly LRScheduler[];
  readonly milestones: readonly number[];

  /** @throws {RangeError} when schedulers have other optimizers, or milestones are not one fewer */
  constructor(
    optimizer: AnyOptimizer,
    schedulers: readonly LRScheduler[] | { schedulers: readonly LRScheduler[]; milestones: readonly number[]; lastEpoch?: number },
    ...rest: readonly (readonly number[] | number | { milestones?: readonly number[]; lastEpoch?: number })[]
  ) {
    const o = bind([schedulers, ...rest]) as { schedulers: readonly LRScheduler[]; milestones: readonly number[]; lastEpoch: number };
    o.schedulers.forEach((scheduler, i) => {
      if (scheduler.optimizer !== optimizer) {
        throw new RangeError(
          `Sequential Schedulers expects all schedulers to belong to the same optimizer, but got schedulers at index ${i} to be different than the optimizer passed in.`,
        );
      }
    });
    if (o.milestones.length !== o.schedulers.length - 1) {
      throw new RangeError(
        `Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers ${o.schedulers.length} and the number of milestones to be equal to ${o.milestones.length}`,
      );
    }
    super(optimizer, o.lastEpoch + 1);
    this.schedulers = o.schedulers;
    this.milestones = o.milestones;
    for (const group of optimizer.paramGroups) group.lr = group.initialLr!;
    // Each scheduler took a first step when it was made; only the first one's counts.
    for (const scheduler of this.schedulers) scheduler.lastEpoch--;
    this.schedulers[0]!.step();
    this.lastLr = this.schedulers[0]!.getLastLr();
  }

  protected override rates(): number[] {
    return this.current;
  }

  override step(): void {
    this.lastEpoch++;
    const at = this.milestones.filter((m) => m <= this.lastEpoch).length;
    const scheduler = this.schedulers[at]!;
    if (at > 0 && this.milestones[at - 1] === this.lastEpoch) scheduler.step(0);
    else scheduler.step();
    this.lastLr = scheduler.getLastLr();
  }

  override stateDict(): SchedulerState {
    return saveAll(super.stateDict(), this.schedulers);
  }

  override loadStateDict(saved: SchedulerState | Readonly<Record<string, unknown>>): void {
    const own = entries(saved);
    const inner = own.get("_schedulers") as readonly SchedulerState[];
    own.delete("_schedulers");
    super.loadStateDict(own);
    this.schedulers.forEach((scheduler, i) => {
      scheduler.loadStateDict(inner[i]!);
    });
  }
}

/** Schedulers that act on the same rates, all at every step. @see torch.optim.lr_scheduler.ChainedScheduler */
export class ChainedScheduler extends LRScheduler {
  readonly schedulers: readonly LRScheduler[];

  /** @throws {RangeError} when schedulers have different optimizers */
  constructor(schedulers: readonly LRScheduler[] | { schedulers: readonly LRScheduler[] }) {
    const all = Array.isArray(schedulers)
      ? (schedulers as readonly LRScheduler[])
      : (schedulers as { schedulers: readonly LRScheduler[] }).schedulers;
    const [first] = all;
    const other = all.findIndex((scheduler) => scheduler.optimizer !== first!.optimizer);
    if (other > 0) {
      throw new RangeError(
        `ChainedScheduler expects all schedulers to belong to the same optimizer, but got schedulers at index 0 and ${other} to be different`,
      );
    }
    super(first!.optimizer, 0);
    this.schedulers = all;
    this.lastLr = this.current;
  }

  protected override rates(): number[] {
    return this.current;
  }

  override step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
    this.lastEpoch++;
    this.lastLr = this.current;
  }

  override stateDict(): SchedulerState {
    return saveAll(super.stateDict(), this.schedulers);
  }

  override loadStateDict(saved: SchedulerState | Readonly<Record<string, unknown>>): void {
    const own = entries(saved);
    const inner = own.get("_schedulers") as readonly SchedulerState[];
    own.delete("_schedulers");
    super.loadStateDict(own);
    this.schedulers.forEach((scheduler, i) => {
      scheduler.loadStateDict(inner[i]!);
    });
  }
}
