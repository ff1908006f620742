import type { Tensor } from "@bluedot/core";
import { castOp, type DType, type Inputs, isRecording, keepStorage, run } from "@bluedot/core/extend";

/** A cast of a parameter, and the version of the parameter that it was made of. */
interface Cast {
  readonly tensor: Tensor;
  readonly version: number;
}

/** Mixed precision for one kind of device. */
export interface Casting {
  readonly deviceType: "cpu" | "cuda";
  /** The lower precision, null for none: inner scopes switch off outer ones. */
  readonly dtype: DType | null;
  /** Casts of parameters, made once; null where each use casts anew. */
  readonly cache: Map<Tensor, Cast> | null;
  readonly outer: Casting | null;
}

/** What an operator computes in: the lower precision, float32, or what it is given, as those do that aren't listed, with all that is in it. */
type Precision = "lower" | "float32" | "given";

/** Products are fast, and precise enough, in the lower precision. */
const products = ["linear", "mm", "bmm", "matmul", "addmm", "baddbmm", "addbmm", "convolution"];
/** On CUDA these too. */
const productsOnCuda = ["mv", "addmv", "addr", "convTranspose", "prelu"];

/** Losses, norms and what else loses digits are computed in float32. */
const precise = [
  "mseLoss",
  "smoothL1Loss",
  "huberLoss",
  "softMarginLoss",
  "binaryCrossEntropy",
  "binaryCrossEntropyWithLogits",
  "nllLoss",
  "crossEntropy",
  "ctcLoss",
  // Losses that are made of several operators ask by name.
  "l1Loss",
  "klDiv",
  "poissonNllLoss",
  "marginRankingLoss",
  "hingeEmbeddingLoss",
  "cosineEmbeddingLoss",
  "tripletMarginLoss",
  "multiMarginLoss",
  "multilabelMarginLoss",
  "batchNorm",
  "layerNorm",
  "groupNorm",
  "prod",
  "fftC2C",
  "choleskySolve",
  "geqrf",
];

/** On the CPU what has no kernel in the lower precision. */
const preciseOnCpu = [
  "convTranspose",
  ...["avgPool3d", "maxPool3d", "adaptiveAvgPool3d", "adaptiveMaxPool3d", "fractionalMaxPool2d", "fractionalMaxPool3d"],
  ...["reflectionPad", "replicationPad", "gridSample", "cdist", "trace", "quantile", "nanquantile", "inverse", "stft"],
];

/** On CUDA also sums, powers and exponentials. */
const preciseOnCuda = [
  ...["sum", "mean", "softmax", "logSoftmax", "vectorNorm", "cumsum", "cumprod", "logsumexp"],
  ...[
    "exp",
    "expm1",
    "log",
    "log10",
    "log1p",
    "log2",
    "pow",
    "reciprocal",
    "rsqrt",
    "sinh",
    "cosh",
    "tan",
    "acos",
    "asin",
    "softplus",
    "erfinv",
  ],
];

const table = (lower: readonly string[], float32: readonly string[]): ReadonlyMap<string, Precision> =>
  new Map([
    ["linalg.matrixExp", "given"],
    ...lower.map((name) => [name, "lower"] as const),
    ...float32.map((name) => [name, "float32"] as const),
  ]);

const policies = {
  cpu: table(products, [...precise, ...preciseOnCpu]),
  cuda: table([...products, ...productsOnCuda], [...precise, ...preciseOnCuda]),
};

const precisionOf = (name: string, deviceType: "cpu" | "cuda"): Precision | undefined =>
  policies[deviceType].get(name) ?? (/^(linalg|fft\.)/.test(name) ? "float32" : undefined);

/** Whether the dtype of a tensor may be changed: floating point, but not double. */
const isEligible = ({ dtype }: Tensor): boolean => dtype === "float32" || dtype === "bfloat16" || dtype === "float16";

function cast(tensor: Tensor, dtype: DType, { cache }: Casting): Tensor {
  if (tensor.dtype === dtype || !isEligible(tensor)) return tensor;
  const keeps = cache !== null && dtype !== "float32" && tensor.requiresGrad && tensor.isLeaf && isRecording();
  if (!keeps) return run(castOp, [tensor], dtype);
  const { version } = tensor.counter;
  const known = cache.get(tensor);
  if (known !== undefined && known.version === version) return known.tensor;
  const made = run(castOp, [tensor], dtype);
  keepStorage(made.storage);
  cache.set(tensor, { tensor: made, version });
  return made;
}

/** The inputs of the operator, or function, `name` in the precision that the innermost scope for their device asks for. */
export function castInputsBy(casting: Casting | null, name: string, inputs: Inputs): Inputs {
  const first = inputs.find((input) => input !== null && input !== undefined);
  if (casting === null || first == null) return inputs;
  const deviceType = first.storage.device === "cpu" ? "cpu" : "cuda";
  let scope: Casting | null = casting;
  while (scope !== null && scope.deviceType !== deviceType) scope = scope.outer;
  if (scope === null || scope.dtype === null) return inputs;
  const precision = precisionOf(name, deviceType);
  if (precision === undefined) return inputs;
  if (precision === "given") return [...inputs];
  const dtype = precision === "lower" ? scope.dtype : "float32";
  return inputs.map((input) => (input == null ? input : cast(input, dtype, scope)));
}
