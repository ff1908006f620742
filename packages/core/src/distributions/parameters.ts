import { TensorError } from "../errors.ts";
import { full, tensor } from "../ops/functions.ts";
import { toDoubles } from "../reference/loops.ts";
import { type DType, getDefaultDtype } from "../tensor/dtype.ts";
import { pythonRepr } from "../tensor/print-number.ts";
import { broadcastShapes, type Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";

/** A parameter of a distribution as it is given: a number stands for a 0-d tensor. */
export type Parameter = Tensor | number;

/** Numbers as tensors (of the dtype of the first tensor, else the default one), all expanded to their common shape. @throws {TypeError} */
export function broadcastAll<A extends readonly Parameter[]>(...values: A): { -readonly [K in keyof A]: Tensor } {
  const first = values.find((value) => value instanceof Tensor) as Tensor | undefined;
  const dtype = first?.dtype ?? getDefaultDtype();
  const device = first?.device ?? "cpu";
  const tensors = values.map((value) => {
    if (value instanceof Tensor) return value;
    if (typeof value === "number") return tensor(value, { dtype, device });
    throw new TypeError(
      "Input arguments must all be instances of numbers.Number, torch.Tensor or objects implementing __torch_function__.",
    );
  });
  const shape = tensors.reduce<Shape>((all, t) => broadcastShapes(all, t.shape), []);
  return tensors.map((t) => t.expand(shape)) as never;
}

/** What machine numbers of a floating dtype are like. @see torch.finfo */
interface FloatLimits {
  /** The gap after 1. */
  readonly eps: number;
  /** The smallest positive number of full precision. */
  readonly tiny: number;
  readonly max: number;
}

const limits: Partial<Record<DType, FloatLimits>> = {
  float64: { eps: 2 ** -52, tiny: 2 ** -1022, max: Number.MAX_VALUE },
  float32: { eps: 2 ** -23, tiny: 2 ** -126, max: 3.4028234663852886e38 },
  float16: { eps: 2 ** -10, tiny: 2 ** -14, max: 65504 },
  bfloat16: { eps: 2 ** -7, tiny: 2 ** -126, max: 3.3895313892515355e38 },
};

/** @throws {TensorError} for dtypes that are not floating point */
export function floatLimits(dtype: DType): FloatLimits {
  const found = limits[dtype];
  if (found === undefined)
    throw new TensorError(`torch.finfo() requires a floating point input type. Use torch.iinfo to handle '${dtype}'`);
  return found;
}

/** Sums over the last `dims` dimensions. */
export const sumRightmost = (value: Tensor, dims: number): Tensor =>
  dims === 0 ? value : value.reshape([...value.shape.slice(0, value.ndim - dims), -1]).sum(-1);

/** Probabilities kept off 0 and 1, so that their logarithms are finite. */
export function clampProbs(probs: Tensor): Tensor {
  const { eps } = floatLimits(probs.dtype);
  return probs.clamp(eps, 1 - eps);
}

/** Log odds of probabilities, or with `binary` false log probabilities. */
export function probsToLogits(probs: Tensor, binary: boolean): Tensor {
  const clamped = clampProbs(probs);
  return binary ? clamped.log().sub(clamped.neg().log1p()) : clamped.log();
}

/** Probabilities from log odds, or with `binary` false from unnormalized log probabilities along the last dimension. */
export const logitsToProbs = (logits: Tensor, binary: boolean): Tensor => (binary ? logits.sigmoid() : logits.softmax(-1));

/** Negative log likelihood of 0 or 1 (or something between) under log odds, without overflow. */
export function binaryCrossEntropy(logits: Tensor, target: Tensor): Tensor {
  const shift = logits.neg().clamp(0);
  const logSum = shift.neg().exp().add(logits.neg().sub(shift).exp()).log();
  return target.rsub(1).mul(logits).add(shift).add(logSum);
}

/** Keeps a value computed once as a property of the object, as if it had been given. */
export function remember<T>(owner: object, name: string, value: T): T {
  Object.defineProperty(owner, name, { value, enumerable: true, configurable: true, writable: true });
  return value;
}

/** A tensor like another one, of one value. */
export const filledLike = (like: Tensor, value: number, shape: Shape = like.shape): Tensor =>
  full(shape, value, { dtype: like.dtype, device: like.device });

/** Whether a bool tensor holds everywhere. */
export const holdsEverywhere = (condition: Tensor): boolean => toDoubles(condition).every((value) => value !== 0);

/** A tensor inside a message, as Python formats it: a 0-d one as its number. */
export function textOf(value: Tensor | number): string {
  if (typeof value === "number") return pythonRepr(value);
  if (value.ndim > 0) return String(value);
  const item = value.item();
  if (typeof item === "boolean") return item ? "True" : "False";
  return typeof item === "number" && !value.dtype.includes("int") ? pythonRepr(item) : String(item);
}

/** A Python tuple of sizes. */
export const tupleText = (shape: Shape): string => (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`);

/** The text of a `torch.Size`. */
export const sizeText = (shape: Shape): string => `torch.Size([${shape.join(", ")}])`;

/** PyTorch's spelling of a name in texts. */
export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
