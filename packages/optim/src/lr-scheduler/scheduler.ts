import { camelCase, snakeCase } from "../key-case.ts";
import { type CommonSettings, Optimizer } from "../optimizer.ts";

/** Any optimizer. */
// biome-ignore lint/suspicious/noExplicitAny: settings of an optimizer are its own affair; schedulers use the common ones
export type AnyOptimizer = Optimizer<any>;

/** A saved scheduler, under PyTorch's names. */
export type SchedulerState = Map<string, unknown>;

/**
 * Base of schedulers: sets the learning rate of every group after each `step`, beginning with one of its own.
 * @see torch.optim.lr_scheduler.LRScheduler
 */
export abstract class LRScheduler {
  readonly optimizer: AnyOptimizer;
  /** Rates the schedule begins from, one a group. */
  baseLrs: number[] = [];
  /** How many steps were taken. */
  lastEpoch: number;
  protected lastLr: number[] = [];

  /** @throws {TypeError} unless `optimizer` is one @throws {RangeError} when resuming one that no scheduler had */
  constructor(optimizer: AnyOptimizer, lastEpoch = -1) {
    if (!(optimizer instanceof Optimizer)) throw new TypeError(`${typeof optimizer} is not an Optimizer`);
    this.optimizer = optimizer;
    this.lastEpoch = lastEpoch;
  }

  /** For constructors of subclasses, once their settings are in place: notes the first rates and takes the first step. */
  protected begin(): void {
    const groups: CommonSettings[] = this.optimizer.paramGroups;
    groups.forEach((group, i) => {
      if (this.lastEpoch === -1) group.initialLr ??= group.lr;
      else if (group.initialLr === undefined) {
        throw new RangeError(`param 'initial_lr' is not specified in param_groups[${i}] when resuming an optimizer`);
      }
    });
    this.baseLrs = groups.map((group) => group.initialLr!);
    this.step();
  }

  /** The rate of each group at `lastEpoch`, from the rates now in force. */
  protected abstract rates(): number[];

  /** The rate of each group at `lastEpoch` alone, for a step to a given epoch. */
  protected closedForm(): number[] {
    return this.rates();
  }

  /** The rates in force, one a group. */
  protected get current(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr as number);
  }

  protected setRates(rates: readonly number[]): void {
    this.optimizer.paramGroups.forEach((group, i) => {
      group.lr = rates[i]!;
    });
    this.lastLr = [...rates];
  }

  /** Goes to the next epoch, or to `epoch`, and sets the rates. @see torch.optim.lr_scheduler.LRScheduler.step */
  step(epoch?: number): void {
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    this.setRates(epoch === undefined ? this.rates() : this.closedForm());
  }

  /** The rates of the step that is being taken. @see torch.optim.lr_scheduler.LRScheduler.get_lr */
  getLr(): number[] {
    return this.rates();
  }

  /** Prints the rate of a group, if asked. @see torch.optim.lr_scheduler.LRScheduler.print_lr */
  printLr(isVerbose: boolean, group: number, lr: number, epoch: number | null = null): void {
    if (!isVerbose) return;
    const rate = lr.toExponential(4).replace(/e([+-])(\d)$/, "e$10$2");
    const place =
      epoch === null ? "Adjusting" : `Epoch ${Number.isInteger(epoch) ? String(epoch).padStart(5, "0") : epoch.toFixed(2)}: adjusting`;
    console.log(`${place} learning rate of group ${group} to ${rate}.`);
  }

  /** The rates that the last step set. @see torch.optim.lr_scheduler.LRScheduler.get_last_lr */
  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** All numbers the schedule depends on, under PyTorch's names. Functions are left out. */
  stateDict(): SchedulerState {
    const entries = Object.entries(this).filter(([key, value]) => key !== "optimizer" && typeof value !== "function");
    return new Map(entries.map(([key, value]) => [key === "lastLr" ? "_last_lr" : snakeCase(key), value as unknown]));
  }

  /** Takes over what {@link stateDict} gave. */
  loadStateDict(saved: SchedulerState | Readonly<Record<string, unknown>>): void {
    const entries = saved instanceof Map ? saved : Object.entries(saved);
    for (const [key, value] of entries) Object.assign(this, { [key === "_last_lr" ? "lastLr" : camelCase(key)]: value });
  }
}

/** One value for each group. @throws {RangeError} on another number of values */
export function forGroups<T>(name: string, optimizer: AnyOptimizer, value: T | readonly T[]): T[] {
  const n = optimizer.paramGroups.length;
  if (!Array.isArray(value)) return new Array<T>(n).fill(value as T);
  if (value.length !== n) throw new RangeError(`expected ${n} values for ${name}, got ${value.length}`);
  return [...(value as readonly T[])];
}
