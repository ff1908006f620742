import { noGrad } from "@bluedot/autograd";
import * as torch from "@bluedot/core";
import { type Tensor, TensorError } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import { normalize } from "../functional/distance.ts";
import { internals, type RemovableHandle } from "../module/internals.ts";
import type { Module } from "../module/module.ts";
import { isLazy, Parameter } from "../parameter.ts";
import { asMatrix, normExceptDim, outputDim } from "./parametrizations.ts";

type Fields = Record<string, unknown>;
const fields = (module: Module): Fields => module as unknown as Fields;

interface Reparametrized {
  readonly handle: RemovableHandle;
  readonly compute: () => Tensor;
}
/** Weights that are recomputed before every call, by module, kind and name. */
const reparametrized = new WeakMap<Module, Map<string, Reparametrized>>();

function install(module: Module, key: string, name: string, compute: (module: Module) => Tensor): void {
  const own = reparametrized.get(module) ?? new Map<string, Reparametrized>();
  reparametrized.set(module, own);
  const handle = module.registerForwardPreHook((called: Module) => {
    fields(called)[name] = compute(called);
  });
  own.set(key, { handle, compute: () => compute(module) });
}

function uninstall(module: Module, key: string, name: string, parts: readonly string[], kind: string): void {
  const entry = reparametrized.get(module)?.get(key);
  if (entry === undefined) throw new TensorError(`${kind} of '${name}' not found in ${String(module)}`);
  const weight = noGrad(entry.compute).detach();
  entry.handle.remove();
  reparametrized.get(module)!.delete(key);
  for (const part of [name, ...parts]) {
    delete fields(module)[part];
    module[internals].buffers?.delete(part);
  }
  module.registerParameter(name, new Parameter(weight.clone()));
}

function weightOf(module: Module, name: string, what: string): Tensor {
  const weight = fields(module)[name] as Tensor;
  if (isLazy(weight)) {
    throw new TensorError(
      `The module passed to \`${what}\` can't have uninitialized parameters. Make sure to run the dummy forward before applying ${what === "WeightNorm" ? "weight" : "spectral"} normalization`,
    );
  }
  return weight;
}

export interface WeightNormHookOptions {
  /** Default "weight". */
  name?: string;
  /** Dimension along which lengths differ; null for one length. Default 0. */
  dim?: number | null;
}
const bindWeightNorm = signature("weightNorm", { name: "weight", dim: 0 });

/** Learns direction `weight_v` and length `weight_g` of a weight apart (Salimans and Kingma, 2016). @throws {TensorError} when done twice @see torch.nn.utils.weight_norm */
export function weightNorm<M extends Module>(module: M, ...args: Rest<[name: string, dim: number | null], WeightNormHookOptions>): M {
  const { name, dim } = bindWeightNorm(args) as Required<WeightNormHookOptions>;
  const key = `weightNorm:${name}`;
  if (reparametrized.get(module)?.has(key)) {
    throw new TensorError(`Cannot register two weight_norm hooks on the same parameter ${name}`);
  }
  const along = dim ?? -1;
  const weight = weightOf(module, name, "WeightNorm");
  delete fields(module)[name];
  module.registerParameter(`${name}_g`, new Parameter(normExceptDim(weight.detach(), along)));
  module.registerParameter(`${name}_v`, new Parameter(weight.detach()));
  const compute = (called: Module): Tensor => {
    const g = fields(called)[`${name}_g`] as Tensor;
    const v = fields(called)[`${name}_v`] as Tensor;
    return v.mul(g.div(normExceptDim(v, along)));
  };
  fields(module)[name] = compute(module);
  install(module, key, name, compute);
  return module;
}

/** Makes the weight an ordinary parameter again. @throws {TensorError} when it is one @see torch.nn.utils.remove_weight_norm */
export function removeWeightNorm<M extends Module>(module: M, name = "weight"): M {
  uninstall(module, `weightNorm:${name}`, name, [`${name}_g`, `${name}_v`], "weight_norm");
  return module;
}

export interface SpectralNormHookOptions {
  /** Default "weight". */
  name?: string;
  nPowerIterations?: number;
  eps?: number;
  dim?: number | null;
}
const bindSpectralNorm = signature("spectralNorm", { name: "weight", nPowerIterations: 1, eps: 1e-12, dim: null });

/** Keeps the largest singular value of a weight at 1 (Miyato et al., 2018); learns `weight_orig`. @throws {TensorError} when done twice @see torch.nn.utils.spectral_norm */
export function spectralNorm<M extends Module>(
  module: M,
  ...args: Rest<[name: string, nPowerIterations: number, eps: number, dim: number | null], SpectralNormHookOptions>
): M {
  const { name, nPowerIterations, eps, dim } = bindSpectralNorm(args) as Required<SpectralNormHookOptions>;
  const key = `spectralNorm:${name}`;
  if (reparametrized.get(module)?.has(key)) {
    throw new TensorError(`Cannot register two spectral_norm hooks on the same parameter ${name}`);
  }
  const along = dim ?? outputDim(module);
  const weight = weightOf(module, name, "SpectralNorm");
  const matrix = asMatrix(weight.detach(), along);
  const drawn = (n: number): Tensor =>
    normalize(torch.empty([n], { dtype: weight.dtype, device: weight.device }).normal_(0, 1), { dim: 0, eps });
  const u = drawn(matrix.shape[0]!);
  const v = drawn(matrix.shape[1]!);
  delete fields(module)[name];
  module.registerParameter(`${name}_orig`, weight as Parameter);
  module.registerBuffer(`${name}_u`, u);
  module.registerBuffer(`${name}_v`, v);
  const compute = (called: Module): Tensor => {
    const original = fields(called)[`${name}_orig`] as Tensor;
    const [left, right] = [fields(called)[`${name}_u`] as Tensor, fields(called)[`${name}_v`] as Tensor];
    const rows = asMatrix(original, along);
    if (called.training) {
      noGrad(() => {
        for (let i = 0; i < nPowerIterations; i++) {
          right.copy_(normalize(torch.mv(rows.t(), left), { dim: 0, eps }));
          left.copy_(normalize(torch.mv(rows, right), { dim: 0, eps }));
        }
      });
    }
    return original.div(torch.dot(left.clone(), torch.mv(rows, right.clone())));
  };
  fields(module)[name] = weight.detach();
  install(module, key, name, compute);
  return module;
}

/** Makes the weight an ordinary parameter again. @throws {TensorError} when it is one @see torch.nn.utils.remove_spectral_norm */
export function removeSpectralNorm<M extends Module>(module: M, name = "weight"): M {
  uninstall(module, `spectralNorm:${name}`, name, [`${name}_orig`, `${name}_u`, `${name}_v`], "spectral_norm");
  return module;
}
