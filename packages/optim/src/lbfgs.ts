import { enableGrad, noGrad } from "@bluedot/autograd";
import { cat, type DType, Tensor, zerosLike } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import { snakeCase } from "./key-case.ts";
import { type Closure, type CommonSettings, Optimizer, type OptimizerState, type Params } from "./optimizer.ts";
import { strongWolfe } from "./strong-wolfe.ts";

export interface LBFGSSettings extends CommonSettings {
  /** Iterations of one step. Default 20. */
  maxIter: number;
  /** Evaluations of one step. Default `maxIter * 1.25`. */
  maxEval: number | null;
  /** Ends when no gradient is larger. Default 1e-7. */
  toleranceGrad: number;
  /** Ends when loss or parameters change less. Default 1e-9. */
  toleranceChange: number;
  /** Updates remembered. Default 100. */
  historySize: number;
  /** Search along the direction, or null for steps of the learning rate. */
  lineSearchFn: "strong_wolfe" | null;
}

const bind = signature("LBFGS", {
  lr: 1,
  maxIter: 20,
  maxEval: null,
  toleranceGrad: 1e-7,
  toleranceChange: 1e-9,
  historySize: 100,
  lineSearchFn: null,
});

/** What one step hands to the next, under PyTorch's names. */
interface Memory {
  func_evals: number;
  n_iter: number;
  /** Direction and rate of the last move. */
  d: Tensor | null;
  t: number;
  /** Changes of the gradient and of the parameters, oldest first, and reciprocals of their products. */
  old_dirs: Tensor[];
  old_stps: Tensor[];
  ro: number[];
  /** Scale of the first guess at the inverse Hessian. */
  H_diag: number;
  prev_flat_grad: Tensor | null;
  prev_loss: number;
}

const fresh = (): Memory => ({
  func_evals: 0,
  n_iter: 0,
  d: null,
  t: 0,
  old_dirs: [],
  old_stps: [],
  ro: [],
  H_diag: 1,
  prev_flat_grad: null,
  prev_loss: 0,
});

/**
 * Limited-memory quasi-Newton method over all parameters as one vector. `step` needs a closure and may call it many times.
 * @see torch.optim.LBFGS (Nocedal & Wright, Numerical Optimization, algorithms 7.4, 7.5)
 */
export class LBFGS extends Optimizer<LBFGSSettings> {
  private memory = fresh();

  /** @throws {RangeError} with more than one parameter group */
  constructor(
    params: Params<LBFGSSettings>,
    lr?: number | Partial<LBFGSSettings>,
    ...rest: readonly (number | string | null | Partial<LBFGSSettings>)[]
  ) {
    const settings = { ...bind([lr, ...rest]) } as LBFGSSettings;
    settings.maxEval ??= Math.floor((settings.maxIter * 5) / 4);
    super(params, settings);
    if (this.paramGroups.length !== 1) throw new RangeError("LBFGS doesn't support per-parameter options (parameter groups)");
  }

  /** One step of up to `maxIter` iterations; returns the loss it began with. @throws {TypeError} without a closure */
  override step(closure?: Closure): Tensor | null {
    if (closure === undefined) throw new TypeError("step() missing 1 required positional argument: 'closure'");
    this.stepCount++;
    return noGrad(() => this.minimize(() => enableGrad(closure)));
  }

  protected override update(): void {
    throw new Error("LBFGS updates all parameters together, in step()");
  }

  private minimize(closure: Closure): Tensor {
    const { lr, maxIter, maxEval, toleranceGrad, toleranceChange, lineSearchFn } = this.paramGroups[0]!;
    if (lineSearchFn !== null && lineSearchFn !== "strong_wolfe") throw new RangeError("only 'strong_wolfe' is supported");
    const { memory } = this;
    const first = closure();
    let loss = first.item();
    let gradient = this.gatherGradient();
    let evaluations = 1;
    memory.func_evals++;
    const rounded = roundingOf(gradient.dtype);
    if (largest(gradient) <= toleranceGrad) return first;

    for (let iteration = 1; iteration <= maxIter; iteration++) {
      memory.n_iter++;
      const direction = this.nextDirection(gradient);
      memory.d = direction;
      memory.prev_flat_grad = gradient;
      memory.prev_loss = loss;
      memory.t = memory.n_iter === 1 ? rounded(Math.min(1, 1 / gradient.abs().sum().item()) * lr) : lr;
      const slope = gradient.dot(direction).item();
      if (slope > -toleranceChange) break;

      let used = 0;
      if (lineSearchFn === "strong_wolfe") {
        const found = strongWolfe(
          (rate) => this.evaluateAt(rate, direction, closure),
          direction,
          memory.t,
          { loss, gradient, slope },
          rounded,
        );
        ({ loss, gradient } = found);
        memory.t = found.rate;
        used = found.evaluations;
        this.move(memory.t, direction);
      } else {
        this.move(memory.t, direction);
        if (iteration !== maxIter) {
          loss = closure().item();
          gradient = this.gatherGradient();
          used = 1;
        }
      }
      evaluations += used;
      memory.func_evals += used;
      if (iteration === maxIter || evaluations >= maxEval! || largest(gradient) <= toleranceGrad) break;
      if (largest(direction.mul(memory.t)) <= toleranceChange || Math.abs(loss - memory.prev_loss) < toleranceChange) break;
    }
    return first;
  }

  /** The quasi-Newton direction, by the two-loop recursion over what is remembered. */
  private nextDirection(gradient: Tensor): Tensor {
    const { memory } = this;
    if (memory.n_iter === 1) {
      memory.old_dirs = [];
      memory.old_stps = [];
      memory.ro = [];
      memory.H_diag = 1;
      return gradient.neg();
    }
    const change = gradient.sub(memory.prev_flat_grad!);
    const moved = memory.d!.mul(memory.t);
    const rounded = roundingOf(gradient.dtype);
    const product = change.dot(moved).item();
    if (product > 1e-10) {
      if (memory.old_dirs.length === this.paramGroups[0]!.historySize) {
        memory.old_dirs.shift();
        memory.old_stps.shift();
        memory.ro.shift();
      }
      memory.old_dirs.push(change);
      memory.old_stps.push(moved);
      memory.ro.push(rounded(1 / product));
      memory.H_diag = rounded(product / change.dot(change).item());
    }
    const { old_dirs: changes, old_stps: steps, ro } = memory;
    const alphas = new Array<number>(changes.length);
    const q = gradient.neg();
    for (let i = changes.length - 1; i >= 0; i--) {
      alphas[i] = rounded(steps[i]!.dot(q).item() * ro[i]!);
      q.add_(changes[i]!, { alpha: -alphas[i]! });
    }
    const direction = q.mul(memory.H_diag);
    for (let i = 0; i < changes.length; i++) {
      const beta = rounded(changes[i]!.dot(direction).item() * ro[i]!);
      direction.add_(steps[i]!, { alpha: alphas[i]! - beta });
    }
    return direction;
  }

  /** Loss and gradient at a distance along the direction; the parameters come back to where they were. */
  private evaluateAt(rate: number, direction: Tensor, closure: Closure): readonly [number, Tensor] {
    const params = this.paramGroups[0]!.params;
    const before = params.map((p) => p.detach().clone());
    this.move(rate, direction);
    const loss = closure().item();
    const gradient = this.gatherGradient();
    params.forEach((p, i) => {
      p.copy_(before[i]!);
    });
    return [loss, gradient];
  }

  /** The gradients as one vector. */
  private gatherGradient(): Tensor {
    return cat(this.paramGroups[0]!.params.map((p) => (p.grad === null ? zerosLike(p) : p.grad).detach().reshape(-1)));
  }

  /** Moves the parameters by `rate * direction`. */
  private move(rate: number, direction: Tensor): void {
    let at = 0;
    for (const p of this.paramGroups[0]!.params) {
      p.add_(direction.narrow(0, at, p.numel()).viewAs(p), { alpha: rate });
      at += p.numel();
    }
  }

  /** The memory stands under the first parameter, as in PyTorch. */
  override stateDict(): OptimizerState {
    const saved = super.stateDict();
    if (this.memory.func_evals > 0) saved.set("state", new Map([[0, new Map(Object.entries(this.memory))]]));
    return saved;
  }

  override loadStateDict(saved: OptimizerState | Readonly<Record<string, unknown>>): void {
    super.loadStateDict(saved);
    const own = this.state.get(this.paramGroups[0]!.params[0]!);
    this.memory = fresh();
    if (own === undefined) return;
    for (const [key, value] of Object.entries(own)) {
      const name = memoryKey(key);
      Object.assign(this.memory, { [name]: isVector(name) ? value : plainNumbers(value) });
    }
  }
}

/** PyTorch keeps its numbers as tensors of the parameters' dtype. */
const roundingOf = (dtype: DType): ((x: number) => number) => (dtype === "float64" ? (x) => x : Math.fround);

const largest = (t: Tensor): number => t.abs().max().item();

/** What is remembered as tensors; the rest is numbers, some of which PyTorch saves as tensors. */
const isVector = (name: string): boolean => ["d", "old_dirs", "old_stps", "prev_flat_grad"].includes(name);

function plainNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return (value as readonly unknown[]).map(plainNumbers);
  return value instanceof Tensor ? Number(value.item()) : value;
}

/** The base class loads keys in camelCase. */
const memoryKey = (key: string): string => (key === "HDiag" || key === "H_diag" ? "H_diag" : snakeCase(key));
