import { noGrad } from "@bluedot/autograd";
import { AutogradError, isTensor, type Tensor } from "@bluedot/core";
import { borrowGrad, signature } from "@bluedot/core/extend";
import type { AnyOptimizer } from "./lr-scheduler/scheduler.ts";

export interface GradScalerOptions {
  /** Device of the model. Default `"cuda"`; every device works. */
  device?: string;
  /** First factor. Default 65536. */
  initScale?: number;
  /** Of the factor, after `growthInterval` steps without infinite gradients. Default 2. */
  growthFactor?: number;
  /** Of the factor, after infinite gradients. Default 0.5. */
  backoffFactor?: number;
  /** Default 2000. */
  growthInterval?: number;
  /** Without it, `step` is the optimizer's own and everything else does nothing. Default true. */
  enabled?: boolean;
}

/** Where an optimizer stands between two updates of the factor. */
interface Progress {
  stage: "unscaled" | "stepped";
  foundInfinite: boolean;
}

const bind = signature("GradScaler", {
  device: "cuda",
  initScale: 65536,
  growthFactor: 2,
  backoffFactor: 0.5,
  growthInterval: 2000,
  enabled: true,
});

/**
 * Scales losses so that small gradients don't vanish in float16, and skips steps whose gradients overflowed.
 *
 * ```ts
 * scaler.scale(loss).backward();
 * scaler.step(optimizer);
 * scaler.update();
 * ```
 * @throws {RangeError} for factors out of range @see torch.amp.GradScaler (Micikevicius et al., 2018, arXiv:1710.03740)
 */
export class GradScaler {
  private readonly enabled: boolean;
  private factor: number;
  private growthFactor: number;
  private backoffFactor: number;
  private growthInterval: number;
  /** Steps since the factor changed. */
  private growthTracker = 0;
  private used = false;
  private readonly progress = new Map<AnyOptimizer, Progress>();

  constructor(...settings: readonly (string | number | boolean | GradScalerOptions)[]) {
    const { initScale, growthFactor, backoffFactor, growthInterval, enabled } = bind(settings) as Required<GradScalerOptions>;
    if (enabled && !(growthFactor > 1)) throw new RangeError("The growth factor must be > 1.0.");
    if (enabled && !(backoffFactor < 1)) throw new RangeError("The backoff factor must be < 1.0.");
    this.enabled = enabled;
    this.factor = initScale;
    this.growthFactor = growthFactor;
    this.backoffFactor = backoffFactor;
    this.growthInterval = growthInterval;
  }

  /** Multiplies a tensor, or each of a list, by the factor. @see torch.amp.GradScaler.scale */
  scale<T extends Tensor | readonly Tensor[]>(outputs: T): T {
    if (!this.enabled) return outputs;
    this.used = true;
    const scaled = (output: Tensor): Tensor => {
      if (!isTensor(output)) throw new RangeError("outputs must be a Tensor or an iterable of Tensors");
      return output.mul(this.factor);
    };
    return (isTensor(outputs) ? scaled(outputs) : (outputs as readonly Tensor[]).map(scaled)) as T;
  }

  private checkUsed(what: string): void {
    if (this.used) return;
    throw new AutogradError(
      `Attempted ${what} but _scale is None.  This may indicate your script did not use scaler.scale(loss or outputs) earlier in the iteration.`,
    );
  }

  /** Divides the gradients by the factor, which `step` does where this was not called: for clipping. @throws {AutogradError} when called twice @see torch.amp.GradScaler.unscale_ */
  unscale_(optimizer: AnyOptimizer): void {
    if (!this.enabled) return;
    this.checkUsed("unscale_");
    const stage = this.progress.get(optimizer)?.stage;
    if (stage === "unscaled") throw new AutogradError("unscale_() has already been called on this optimizer since the last update().");
    if (stage === "stepped") throw new AutogradError("unscale_() is being called after step().");
    const grads = optimizer.paramGroups.flatMap(({ params }) => params.map(borrowGrad)).filter((grad) => grad !== null);
    if (grads.some(({ dtype }) => dtype === "float16")) throw new RangeError("Attempting to unscale FP16 gradients.");
    let foundInfinite = false;
    noGrad(() => {
      for (const grad of grads) {
        if (!grad.isfinite().all().item()) foundInfinite = true;
        grad.mul_(1 / this.factor);
      }
    });
    this.progress.set(optimizer, { stage: "unscaled", foundInfinite });
  }

  /** Takes a step of the optimizer with unscaled gradients, unless one of them is infinite or NaN. @throws {AutogradError} when called twice @see torch.amp.GradScaler.step */
  step(optimizer: AnyOptimizer): Tensor | null {
    if (!this.enabled) return optimizer.step();
    this.checkUsed("step");
    if (this.progress.get(optimizer)?.stage === "stepped") {
      throw new AutogradError("step() has already been called since the last update().");
    }
    if (!this.progress.has(optimizer)) this.unscale_(optimizer);
    const own = this.progress.get(optimizer)!;
    const result = own.foundInfinite ? null : optimizer.step();
    own.stage = "stepped";
    return result;
  }

  /** Grows or shrinks the factor as this round's gradients suggest, or sets it. Ends a round. @throws {AutogradError} without a step before it @see torch.amp.GradScaler.update */
  update(newScale: number | null = null): void {
    if (!this.enabled) return;
    this.checkUsed("update");
    if (newScale !== null) this.factor = newScale;
    else {
      if (this.progress.size === 0) throw new AutogradError("No inf checks were recorded prior to update.");
      if ([...this.progress.values()].some(({ foundInfinite }) => foundInfinite)) {
        this.factor *= this.backoffFactor;
        this.growthTracker = 0;
      } else if (++this.growthTracker === this.growthInterval) {
        this.factor *= this.growthFactor;
        this.growthTracker = 0;
      }
    }
    this.progress.clear();
  }

  /** The factor; 1 when not enabled. @see torch.amp.GradScaler.get_scale */
  getScale(): number {
    return this.enabled ? this.factor : 1;
  }

  /** @see torch.amp.GradScaler.get_growth_factor */
  getGrowthFactor(): number {
    return this.growthFactor;
  }

  /** @see torch.amp.GradScaler.set_growth_factor */
  setGrowthFactor(growthFactor: number): void {
    this.growthFactor = growthFactor;
  }

  /** @see torch.amp.GradScaler.get_backoff_factor */
  getBackoffFactor(): number {
    return this.backoffFactor;
  }

  /** @see torch.amp.GradScaler.set_backoff_factor */
  setBackoffFactor(backoffFactor: number): void {
    this.backoffFactor = backoffFactor;
  }

  /** @see torch.amp.GradScaler.get_growth_interval */
  getGrowthInterval(): number {
    return this.growthInterval;
  }

  /** @see torch.amp.GradScaler.set_growth_interval */
  setGrowthInterval(growthInterval: number): void {
    this.growthInterval = growthInterval;
  }

  /** @see torch.amp.GradScaler.is_enabled */
  isEnabled(): boolean {
    return this.enabled;
  }

  /** The factor and its rules, under PyTorch's names; empty when not enabled. @see torch.amp.GradScaler.state_dict */
  stateDict(): Map<string, number> {
    if (!this.enabled) return new Map();
    return new Map([
      ["scale", this.factor],
      ["growth_factor", this.growthFactor],
      ["backoff_factor", this.backoffFactor],
      ["growth_interval", this.growthInterval],
      ["_growth_tracker", this.growthTracker],
    ]);
  }

  /** Takes over what {@link stateDict}, or PyTorch, gave. @throws {RangeError} for an empty one @see torch.amp.GradScaler.load_state_dict */
  loadStateDict(saved: ReadonlyMap<string, number> | Readonly<Record<string, number>>): void {
    if (!this.enabled) return;
    const state = saved instanceof Map ? (saved as ReadonlyMap<string, number>) : new Map(Object.entries(saved));
    if (state.size === 0) {
      throw new RangeError("The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler.");
    }
    this.factor = state.get("scale")!;
    this.growthFactor = state.get("growth_factor")!;
    this.backoffFactor = state.get("backoff_factor")!;
    this.growthInterval = state.get("growth_interval")!;
    this.growthTracker = state.get("_growth_tracker")!;
  }
}
