import { allOps, type Kernel, type KernelEntry, registerCpuKernels } from "@bluedot/core/extend";
import { attentionKernels } from "./kernels/attention.ts";
import { convKernels } from "./kernels/conv.ts";
import { copyKernels } from "./kernels/copy.ts";
import { indexingKernels } from "./kernels/indexing.ts";
import { softmaxKernels } from "./kernels/loss.ts";
import { matmulKernels } from "./kernels/matmul.ts";
import { normKernels } from "./kernels/norm.ts";
import { optimizerKernels } from "./kernels/optimizer.ts";
import { pointwiseKernel, type WriteScalars } from "./kernels/pointwise.ts";
import { poolKernels } from "./kernels/pool.ts";
import { randomKernels } from "./kernels/random.ts";
import { recurrentKernels } from "./kernels/recurrent.ts";
import { reduceKernels } from "./kernels/reduce.ts";
import { resampleKernels } from "./kernels/resample.ts";
import type { Addon } from "./native.ts";

const fields =
  (...names: readonly string[]): WriteScalars =>
  (D, at, params: Record<string, number>) => {
    for (let i = 0; i < names.length; i++) D[at + i] = params[names[i]!]!;
  };

/** Pointwise operators whose native kernel has another name. */
const renamed: Readonly<Record<string, string>> = {
  clampMin: "maximum",
  clampMax: "minimum",
  hardtanh: "clamp",
  boolNot: "logicalNot",
  sgn: "sign",
};

/** Parameters of the pointwise operators that have some. */
const scalars: Readonly<Record<string, WriteScalars>> = {
  clamp: fields("min", "max"),
  nanToNum: fields("nan", "posinf", "neginf"),
  logit: fields("eps"),
  powScalar: fields("exponent"),
  addScaled: fields("alpha"),
  addcmul: fields("value"),
  addcdiv: fields("value"),
  leakyRelu: fields("negativeSlope"),
  leakyReluBackward: fields("negativeSlope"),
  elu: fields("alpha", "scale", "inputScale"),
  eluBackward: fields("alpha", "scale", "inputScale"),
  softplus: fields("beta", "threshold"),
  softplusBackward: fields("beta", "threshold"),
  threshold: fields("threshold", "value"),
  thresholdBackward: fields("threshold"),
  hardtanh: fields("min", "max"),
  hardtanhBackward: fields("min", "max"),
  hardshrink: fields("lambd"),
  softshrink: fields("lambd"),
  shrinkBackward: fields("lambd"),
};

/** Pointwise operators served as they are. */
const pointwise: readonly string[] = [
  ..."add addScaled sub mul div maximum minimum fmax fmin clampMin clampMax pow atan2 fmod hypot remainder".split(" "),
  ..."bitwiseAnd bitwiseOr bitwiseXor bitwiseNot boolNot addcmul addcdiv lerp eq ne lt le gt ge logicalAnd logicalOr logicalXor logicalNot".split(
    " ",
  ),
  ..."reluBackward sigmoidBackward tanhBackward clampTensor".split(" "),
  ..."exp exp2 expm1 log log2 log10 log1p sqrt rsqrt reciprocal sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh".split(" "),
  ..."sigmoid floor ceil trunc round frac erf erfc lgamma neg square relu sign abs isnan isinf isfinite".split(" "),
  ..."clamp powScalar leakyRelu leakyReluBackward elu eluBackward softplus softplusBackward threshold thresholdBackward".split(" "),
  ..."hardtanh hardtanhBackward hardshrink softshrink shrinkBackward hardsigmoid hardsigmoidBackward hardswish hardswishBackward".split(
    " ",
  ),
  ..."silu siluBackward gelu geluBackward geluTanh geluTanhBackward mish logSigmoid prelu floorDivide divTrunc".split(" "),
  ..."sgn sinc erfinv nanToNum logit xlogy logaddexp copysign heaviside".split(" "),
];

const notServed = new Error("not served");
const unserved = (): never => {
  throw notServed;
};

/** A native kernel, given the kernel that it is laid over. */
type Factory = (reference: Kernel) => Kernel;

const families: readonly ((addon: Addon) => Readonly<Record<string, Factory>>)[] = [
  pointwiseKernels,
  copyKernels,
  matmulKernels,
  reduceKernels,
  convKernels,
  poolKernels,
  softmaxKernels,
  normKernels,
  optimizerKernels,
  indexingKernels,
  randomKernels,
  recurrentKernels,
  attentionKernels,
  resampleKernels,
];

function pointwiseKernels(addon: Addon): Record<string, Factory> {
  const all: Record<string, Factory> = {
    where: (reference) => pointwiseKernel(addon, "where", reference, null, true),
    maskedFill: (reference) => {
      const where = pointwiseKernel(addon, "where", () => unserved(), null, true);
      return ([self, mask, value], outputs, params) => {
        try {
          where([mask!, value!, self!], outputs, params);
        } catch (error) {
          if (error !== notServed) throw error;
          reference([self!, mask!, value!], outputs, params);
        }
      };
    },
  };
  for (const name of pointwise) {
    all[name] = (reference) => pointwiseKernel(addon, renamed[name] ?? name, reference, scalars[name] ?? null);
  }
  return all;
}

/**
 * Lays the native kernels over the reference ones. An addon that was built before a kernel was added serves what it has: operators whose kernel asks for
 * something that it lacks keep the reference kernel.
 * @returns what was asked for and is not there
 */
export function registerKernels(addon: Addon): ReadonlySet<string> {
  const absent = new Set<string>();
  let complete = true;
  const kernels = new Proxy(addon.kernels, {
    get(all, name: string) {
      const native = all[name];
      if (native !== undefined) return native;
      absent.add(name);
      complete = false;
      return () => undefined;
    },
  });
  const watched: Addon = { ...addon, kernels };
  const attempt = <T>(make: () => T): T | null => {
    complete = true;
    const made = make();
    return complete ? made : null;
  };
  const operators = allOps();
  const entries: KernelEntry[] = [];
  for (const family of families) {
    for (const [name, factory] of Object.entries(attempt(() => family(watched)) ?? {})) {
      const op = operators.get(name);
      const reference = op?.reference;
      if (op === undefined || reference === null || reference === undefined) continue;
      const run = attempt(() => factory(reference));
      if (run !== null) entries.push({ op, run });
    }
  }
  registerCpuKernels(entries, (buffer) => {
    // Memory shared between workers is typed as any other, and reached through an array.
    return (buffer as ArrayBufferLike) instanceof SharedArrayBuffer ? addon.addressOf(new Uint8Array(buffer)) : addon.addressOf(buffer);
  });
  return absent;
}
