import { noGrad } from "@bluedot/autograd";
import { isTensor, ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { internals } from "../module/internals.ts";
import type { Module } from "../module/module.ts";
import { ModuleDict, ModuleList } from "../modules/container.ts";
import { Parameter, replaceData } from "../parameter.ts";

/** A parametrization may tell which unconstrained tensor, or tensors, give a value. */
interface Invertible {
  rightInverse(value: Tensor): Tensor | readonly Tensor[];
}
const invertible = (module: unknown): module is Invertible => typeof (module as Partial<Invertible>).rightInverse === "function";

type Fields = Record<string, unknown>;
const fields = (module: Module): Fields => module as unknown as Fields;

/** Puts `value` into the field as a parameter or, when it is none, as a buffer. */
function registerTensor(module: Module, name: string, value: Tensor): void {
  if (value instanceof Parameter) module.registerParameter(name, value);
  else module.registerBuffer(name, value);
}

/** What `rightInverse` throws where a value can't be assigned; the tensor that is there is then taken as it is. */
export class NotInvertibleError extends TensorError {}

/** The unconstrained tensors of one field and what is made of them. @see torch.nn.utils.parametrize.ParametrizationList */
export class ParametrizationList extends ModuleList {
  private readonly count: number;

  constructor(modules: Iterable<Module>, original: Tensor, unsafe = false) {
    super(modules);
    const { dtype, shape } = original;
    const inverse = noGrad(() => {
      let value: Tensor | readonly Tensor[] = original;
      for (const module of [...this].reverse()) {
        if (!invertible(module)) continue;
        try {
          value = module.rightInverse(value as Tensor);
        } catch (error) {
          if (!(error instanceof NotInvertibleError)) throw error;
        }
      }
      return value;
    });
    if (isTensor(inverse)) {
      this.count = 1;
      if (inverse.dtype !== dtype) {
        throw new TensorError(
          `When \`right_inverse\` outputs one tensor, it may not change the dtype.\noriginal.dtype: torch.${dtype}\nright_inverse(original).dtype: torch.${inverse.dtype}`,
        );
      }
      if (inverse !== original) replaceData(original, inverse.detach());
      registerTensor(this, "original", original);
    } else {
      this.count = inverse.length;
      inverse.forEach((part, i) => {
        const kept = original instanceof Parameter ? new Parameter(part.detach(), original.requiresGrad) : part;
        registerTensor(this, `original${i}`, kept);
      });
    }
    if (unsafe) return;
    const value = this.compute();
    if (!isTensor(value)) throw new TensorError(`A parametrization must return a tensor. Got ${typeof value}.`);
    if (value.dtype !== dtype) {
      throw new TensorError(
        `Registering a parametrization may not change the dtype of the tensor, unless \`unsafe\` flag is enabled.\nunparametrized dtype: torch.${dtype}\nparametrized dtype: torch.${value.dtype}`,
      );
    }
    if (value.shape.join() !== shape.join()) {
      const size = (s: readonly number[]): string => `torch.Size([${s.join(", ")}])`;
      throw new ShapeError(
        `Registering a parametrization may not change the shape of the tensor, unless \`unsafe\` flag is enabled.\nunparametrized shape: ${size(shape)}\nparametrized shape: ${size(value.shape)}`,
      );
    }
  }

  /** The unconstrained tensors. */
  originals(): Tensor[] {
    if (this.count === 1 && "original" in this) return [fields(this)["original"] as Tensor];
    return Array.from({ length: this.count }, (_, i) => fields(this)[`original${i}`] as Tensor);
  }

  /** Sets the unconstrained tensors so that they give `value`. @throws {TensorError} where a parametrization can't tell them */
  rightInverse(value: Tensor): void {
    noGrad(() => {
      let inverse: Tensor | readonly Tensor[] = value;
      for (const module of [...this].reverse()) {
        if (!invertible(module)) throw new TensorError(`parametrization ${module.typeName()} does not implement right_inverse.`);
        inverse = module.rightInverse(inverse as Tensor);
      }
      const parts = isTensor(inverse) ? [inverse] : inverse;
      this.originals().forEach((original, i) => replaceData(original, parts[i]!.detach()));
    });
  }

  /** The value the field has now. */
  compute(): Tensor {
    const [first, ...others] = this.children();
    let value = first!(...this.originals()) as Tensor;
    for (const module of others) value = module(value);
    return value;
  }

  override forward(): Tensor {
    return this.compute();
  }
}

let cache: Map<Module, Map<string, Tensor>> | null = null;

/** Runs `body`, in which every parametrized tensor is computed once. @see torch.nn.utils.parametrize.cached */
export function cached<T>(body: () => T): T {
  const outer = cache;
  cache ??= new Map();
  try {
    return body();
  } finally {
    cache = outer;
  }
}

function parametrizedValue(module: Module, name: string): Tensor {
  const list = listOf(module, name)!;
  if (cache === null) return list.compute();
  let known = cache.get(module);
  if (known === undefined) {
    known = new Map();
    cache.set(module, known);
  }
  let value = known.get(name);
  if (value === undefined) {
    value = list.compute();
    known.set(name, value);
  }
  return value;
}

const dictOf = (module: Module): ModuleDict | undefined => fields(module)["parametrizations"] as ModuleDict | undefined;
const listOf = (module: Module, name: string): ParametrizationList | undefined => {
  const dict = dictOf(module);
  return dict?.has(name) ? (dict.get(name) as ParametrizationList) : undefined;
};

/** Whether the module, or one of its tensors, is parametrized. @see torch.nn.utils.parametrize.is_parametrized */
export function isParametrized(module: Module, tensorName: string | null = null): boolean {
  const dict = dictOf(module);
  if (!(dict instanceof ModuleDict)) return false;
  return tensorName === null ? dict.size > 0 : dict.has(tensorName);
}

/**
 * From now on the field `tensorName` is `parametrization(original)`; the original is learnt in its place.
 * @throws {TensorError} when there is no such tensor, or dtype or shape would change @see torch.nn.utils.parametrize.register_parametrization
 */
export function registerParametrization<M extends Module>(
  module: M,
  tensorName: string,
  parametrization: Module,
  options: { unsafe?: boolean } = {},
): M {
  parametrization.train(module.training);
  const known = listOf(module, tensorName);
  if (known !== undefined) {
    if (options.unsafe !== true) checkAddition(module, tensorName, parametrization);
    known.append(parametrization);
    if (options.unsafe !== true && invertible(parametrization)) known.rightInverse(known.compute());
    return module;
  }
  const original = fields(module)[tensorName];
  const isBuffer = module[internals].buffers?.has(tensorName) ?? false;
  if (!(original instanceof Parameter) && !(isBuffer && isTensor(original))) {
    throw new TensorError(
      `Module '${String(module)}' does not have a parameter, a buffer, or a parametrized element with name '${tensorName}'`,
    );
  }
  const list = new ParametrizationList([parametrization], original as Tensor, options.unsafe ?? false);
  delete fields(module)[tensorName];
  module[internals].buffers?.delete(tensorName);
  if (dictOf(module) === undefined) {
    const name = `Parametrized${module.typeName()}`;
    Object.defineProperty(module, "typeName", { value: () => name, configurable: true, enumerable: false });
    fields(module)["parametrizations"] = new ModuleDict();
  }
  dictOf(module)!.set(tensorName, list);
  Object.defineProperty(module, tensorName, {
    get(this: Module) {
      return parametrizedValue(this, tensorName);
    },
    set(this: Module, value: Tensor) {
      listOf(this, tensorName)!.rightInverse(value);
    },
    configurable: true,
    enumerable: false,
  });
  return module;
}

function checkAddition(module: Module, name: string, parametrization: Module): void {
  const before = fields(module)[name] as Tensor;
  const after = parametrization(before) as Tensor;
  if (!isTensor(after)) throw new TensorError(`A parametrization must return a tensor. Got ${typeof after}.`);
  if (after.dtype !== before.dtype) {
    throw new TensorError(
      `Registering a parametrization may not change the dtype of the tensor, unless the \`unsafe\` flag is enabled.\nmodule.${name}.dtype: torch.${before.dtype}\nparametrization(module.${name}).dtype: torch.${after.dtype}`,
    );
  }
  if (after.shape.join() !== before.shape.join()) {
    const size = (s: readonly number[]): string => `torch.Size([${s.join(", ")}])`;
    throw new ShapeError(
      `Registering a parametrization may not change the shape of the tensor, unless the \`unsafe\` flag is enabled.\nmodule.${name}.shape: ${size(before.shape)}\nparametrization(module.${name}).shape: ${size(after.shape)}`,
    );
  }
}

/**
 * Makes the field an ordinary tensor again, with the value it has now (`leaveParametrized`, default) or that of the original.
 * @throws {TensorError} when it isn't parametrized @see torch.nn.utils.parametrize.remove_parametrizations
 */
export function removeParametrizations<M extends Module>(
  module: M,
  tensorName: string,
  leaveParametrized: boolean | { leaveParametrized?: boolean } = true,
): M {
  const list = listOf(module, tensorName);
  if (list === undefined) throw new TensorError(`Module ${String(module)} does not have a parametrization on ${tensorName}`);
  const leave = typeof leaveParametrized === "boolean" ? leaveParametrized : (leaveParametrized.leaveParametrized ?? true);
  const originals = list.originals();
  if (!leave && originals.length > 1) {
    throw new TensorError(
      "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of tensors.",
    );
  }
  const [first] = originals as [Tensor];
  let result: Tensor = first;
  if (leave) {
    const value = noGrad(() => list.compute()).detach();
    if (originals.length === 1) replaceData(first, value.clone());
    else result = first instanceof Parameter ? new Parameter(value.clone(), first.requiresGrad) : value.clone();
  }
  delete fields(module)[tensorName];
  registerTensor(module, tensorName, result);
  const dict = dictOf(module)!;
  dict.delete(tensorName);
  if (dict.size === 0) {
    delete fields(module)["parametrizations"];
    delete fields(module)["typeName"];
  }
  return module;
}

/** The class of the module. Parametrizing does not change it here, only its printed name. @see torch.nn.utils.parametrize.type_before_parametrizations */
export const typeBeforeParametrizations = (module: Module): unknown => module.constructor;

/**
 * Parametrizes `to` as `from` is, sharing its originals: all tensors, or `tensorName` alone. What `to` lacks is made.
 * @throws {TensorError} @see torch.nn.utils.parametrize.transfer_parametrizations_and_params
 */
export function transferParametrizationsAndParams<M extends Module>(from: Module, to: M, tensorName: string | null = null): M {
  if (!isParametrized(from)) return to;
  for (const name of tensorName === null ? dictOf(from)!.keys() : [tensorName]) {
    if (!(name in to)) fields(to)[name] = new Parameter((fields(from)[name] as Tensor).detach().clone());
    const given = listOf(from, name)!;
    for (const parametrization of given.children()) registerParametrization(to, name, parametrization);
    const own = listOf(to, name)!;
    for (const [key, original] of [...given.namedParameters("", false), ...given.namedBuffers("", false)]) fields(own)[key] = original;
  }
  return to;
}
