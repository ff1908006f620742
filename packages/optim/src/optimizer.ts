import { Tensor, tensor } from "@bluedot/core";
import { borrowGrad, FloatScalar, isOptions, keepStorage, unrecorded } from "@bluedot/core/extend";
import { camelCase, snakeCase } from "./key-case.ts";

/** What an optimizer remembers of one parameter. */
export type ParamState = Record<string, Tensor | number>;

/** Parameters that share settings. Settings may be changed between steps. */
export type ParamGroup<Settings> = Settings & { params: Tensor[] };

/** A group as it is given: settings that are left out are the optimizer's own. */
export type ParamGroupInput<Settings> = Partial<Settings> & { params: Tensor | Iterable<Tensor> };

/** What optimizers take first: parameters, or groups of them. */
export type Params<Settings> = Iterable<Tensor> | Iterable<ParamGroupInput<Settings>>;

/** Computes the loss anew: clears gradients, runs the model, calls `backward` and returns the loss. */
export type Closure = () => Tensor;

/** A state as {@link Optimizer.stateDict} gives it: PyTorch's names and order, parameters by number. */
export type OptimizerState = Map<string, unknown>;

/** Settings every optimizer has. */
export interface CommonSettings {
  /** Learning rate. */
  lr: number;
  /** What schedulers remember. */
  initialLr?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a hook takes the optimizer it is registered with, whatever its settings
type Hook = (optimizer: Optimizer<any>) => void;

/**
 * Base of all optimizers: parameter groups, state, and its saving. A subclass says how a group of parameters with gradients is updated.
 * @see torch.optim.Optimizer
 */
export abstract class Optimizer<Settings extends CommonSettings = CommonSettings> {
  /** Settings of groups that do not say otherwise. */
  readonly defaults: Settings;
  readonly paramGroups: ParamGroup<Settings>[] = [];
  readonly state = new Map<Tensor, ParamState>();
  /** Whether {@link update} lets go of the gradients before it returns, so that their memory serves again as soon as they are cleared. */
  protected readonly borrowsGradients: boolean = false;
  /** How often `step` was called. */
  stepCount = 0;
  private readonly preHooks = new Set<Hook>();
  private readonly postHooks = new Set<Hook>();

  /** @throws {TypeError} when `params` is one tensor, or holds something else @throws {RangeError} when there are none */
  constructor(params: Params<Settings>, defaults: Settings) {
    this.defaults = defaults;
    if (params instanceof Tensor) {
      throw new TypeError(`params argument given to the optimizer should be an iterable of Tensors or dicts, but got ${params.type()}`);
    }
    const given = [...(params as Iterable<unknown>)];
    if (given.length === 0) throw new RangeError("optimizer got an empty parameter list");
    if (isOptions(given[0])) for (const group of given as ParamGroupInput<Settings>[]) this.addParamGroup(group);
    else this.addParamGroup({ params: given as Tensor[] } as unknown as ParamGroupInput<Settings>);
  }

  /** Updates parameters from their gradients. `grads[i]` belongs to `params[i]`; recording is off. */
  protected abstract update(params: readonly Tensor[], grads: readonly Tensor[], group: ParamGroup<Settings>): void;

  /** Adds parameters with settings of their own. @throws {TypeError} @throws {RangeError} for parameters that are there already @see torch.optim.Optimizer.add_param_group */
  addParamGroup(group: ParamGroupInput<Settings>): void {
    const params = group.params instanceof Tensor ? [group.params] : [...group.params];
    for (const p of params) {
      if (!(p instanceof Tensor)) throw new TypeError(`optimizer can only optimize Tensors, but one of the params is ${kindOf(p)}`);
      if (!p.isLeaf) throw new RangeError("can't optimize a non-leaf Tensor");
    }
    const known = new Set(this.paramGroups.flatMap((g) => g.params));
    if (params.some((p) => known.has(p))) throw new RangeError("some parameters appear in more than one parameter group");
    if (new Set(params).size !== params.length) {
      throw new RangeError("optimizer contains a parameter group with duplicate parameters");
    }
    const settings = Object.entries({ ...this.defaults, ...group }).map(([key, value]) => [key, plain(value)] as const);
    this.paramGroups.push({ ...Object.fromEntries(settings), params } as ParamGroup<Settings>);
  }

  /** Clears the gradients: to null, or to zeros with `setToNone: false`. @see torch.optim.Optimizer.zero_grad */
  zeroGrad({ setToNone = true }: { setToNone?: boolean } = {}): void {
    for (const { params } of this.paramGroups) {
      for (const p of params) {
        if (setToNone) p.grad = null;
        else if (p.grad !== null) {
          p.grad.detach_();
          p.grad.zero_();
        }
      }
    }
  }

  /** Updates every parameter that has a gradient. With a closure, runs it first and returns its loss. @see torch.optim.Optimizer.step */
  step(closure?: Closure): Tensor | null {
    for (const hook of this.preHooks) hook(this);
    const loss = closure === undefined ? null : closure();
    unrecorded(() => this.updateGroups());
    this.stepCount++;
    for (const hook of this.postHooks) hook(this);
    return loss;
  }

  private updateGroups(): void {
    for (const group of this.paramGroups) {
      const params: Tensor[] = [];
      const grads: Tensor[] = [];
      for (const p of group.params) {
        const grad = this.borrowsGradients ? borrowGrad(p) : p.grad;
        if (grad === null) continue;
        params.push(p);
        grads.push(grad);
      }
      if (params.length > 0) this.update(params, grads, group);
    }
  }

  /** The state of a parameter, made by `initial` at the first step. */
  protected stateOf<S extends ParamState>(param: Tensor, initial: () => S): S {
    let state = this.state.get(param);
    if (state === undefined) {
      state = initial();
      for (const value of Object.values(state)) if (value instanceof Tensor) keepStorage(value.storage);
      this.state.set(param, state);
    }
    return state as S;
  }

  /** Calls `hook` before every step. @see torch.optim.Optimizer.register_step_pre_hook */
  registerStepPreHook(hook: (optimizer: this) => void): { remove(): void } {
    this.preHooks.add(hook as Hook);
    return { remove: () => void this.preHooks.delete(hook as Hook) };
  }

  /** Calls `hook` after every step. @see torch.optim.Optimizer.register_step_post_hook */
  registerStepPostHook(hook: (optimizer: this) => void): { remove(): void } {
    this.postHooks.add(hook as Hook);
    return { remove: () => void this.postHooks.delete(hook as Hook) };
  }

  /** The state by parameter number, and the settings of the groups, under PyTorch's names. @see torch.optim.Optimizer.state_dict */
  stateDict(): OptimizerState {
    const numbers = new Map<Tensor, number>();
    const groups = this.paramGroups.map(({ params, ...settings }) => {
      for (const p of params) if (!numbers.has(p)) numbers.set(p, numbers.size);
      const entries = Object.entries(settings).map(([key, value]) => [snakeCase(key), value] as const);
      return new Map<string, unknown>([...entries, ["params", params.map((p) => numbers.get(p))]]);
    });
    const state = new Map<number, Map<string, unknown>>();
    for (const [p, number] of numbers) {
      const own = this.state.get(p);
      if (own === undefined) continue;
      const entries = Object.entries(own).map(
        ([key, value]) => [snakeCase(key), countsAsTensor(key) && typeof value === "number" ? tensor(value) : value] as const,
      );
      state.set(number, new Map(entries));
    }
    return new Map<string, unknown>([
      ["state", state],
      ["param_groups", groups],
    ]);
  }

  /** Takes over a state that {@link stateDict}, or PyTorch, gave. @throws {RangeError} when groups do not fit @see torch.optim.Optimizer.load_state_dict */
  loadStateDict(saved: OptimizerState | Readonly<Record<string, unknown>>): void {
    const groups = [...(entriesOf(saved).get("param_groups") as Iterable<unknown>)].map(entriesOf);
    if (groups.length !== this.paramGroups.length) throw new RangeError("loaded state dict has a different number of parameter groups");
    const numbers = groups.map((group) => group.get("params") as number[]);
    if (numbers.some((list, i) => list.length !== this.paramGroups[i]!.params.length)) {
      throw new RangeError("loaded state dict contains a parameter group that doesn't match the size of optimizer's group");
    }
    const byNumber = new Map(numbers.flatMap((list, i) => list.map((number, k) => [number, this.paramGroups[i]!.params[k]!] as const)));
    const state = entriesOf(entriesOf(saved).get("state"));
    this.state.clear();
    for (const [number, own] of state) {
      const param = byNumber.get(Number(number));
      if (param === undefined) continue;
      const loaded = [...entriesOf(own)].map(([key, value]) => [camelCase(key), restore(key, value, param)] as const);
      this.state.set(param, Object.fromEntries(loaded));
    }
    groups.forEach((group, i) => {
      const settings = [...group].filter(([key]) => key !== "params").map(([key, value]) => [camelCase(key), value] as const);
      Object.assign(this.paramGroups[i]!, Object.fromEntries(settings));
    });
  }

  /** PyTorch's description: the groups with their settings. */
  toString(): string {
    const groups = this.paramGroups.map(({ params: _, ...settings }, i) => {
      const lines = Object.entries(settings).map(([key, value]) => [snakeCase(key), python(value)] as const);
      lines.sort(([a], [b]) => (a < b ? -1 : 1));
      return `Parameter Group ${i}\n${lines.map(([key, value]) => `    ${key}: ${value}\n`).join("")}`;
    });
    return `${this.constructor.name} (\n${groups.join("\n")})`;
  }
}

/** Settings hold plain numbers, also where `floatScalar(1)` was given. */
const plain = (value: unknown): unknown =>
  value instanceof FloatScalar ? value.value : Array.isArray(value) ? (value as readonly unknown[]).map(plain) : value;

/** What Python calls the kind of a value that is no tensor. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (typeof value === "string") return "str";
  return typeof value === "boolean" ? "bool" : Array.isArray(value) ? "list" : typeof value;
}

/** A map over a Map or a plain object. */
const entriesOf = (value: unknown): Map<string, unknown> =>
  value instanceof Map ? value : new Map(Object.entries(value as Readonly<Record<string, unknown>>));

/** Numbers that PyTorch keeps as float32 tensors: the step count, and what NAdam and ASGD carry from step to step. */
const countsAsTensor = (key: string): boolean => key === "step" || key === "muProduct" || key === "eta" || key === "mu";

/** A saved value in the dtype of its parameter; step counts and the like as numbers. */
function restore(key: string, value: unknown, param: Tensor): Tensor | number {
  if (!(value instanceof Tensor)) return value as number;
  if (countsAsTensor(camelCase(key))) return Number(value.item());
  return (param.isFloatingPoint() ? value.to({ dtype: param.dtype, device: param.device }) : value.to(param.device)).clone();
}

function python(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `(${value.map(python).join(", ")})`;
  return String(value);
}
