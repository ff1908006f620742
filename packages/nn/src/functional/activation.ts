import * as torch from "@bluedot/core";
import { type DType, ShapeError, type Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";

export {
  celu,
  celu_,
  elu,
  elu_,
  gelu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  hardtanh_,
  leakyRelu,
  leakyRelu_,
  mish,
  relu_,
  relu6,
  rrelu_,
  selu,
  selu_,
  sigmoid,
  silu,
  softplus,
  tanh,
  threshold,
  threshold_,
} from "@bluedot/core";

const bindRelu = signature("relu", { inplace: false });
/** `max(0, x)`. @see torch.nn.functional.relu */
export function relu(input: Tensor, inplace: boolean | { inplace?: boolean } = false): Tensor {
  const over: boolean = typeof inplace === "boolean" ? inplace : bindRelu([inplace]).inplace;
  return over ? input.relu_() : input.relu();
}

const nothing = signature("activation", {});
type NoArguments = [options?: Readonly<Record<string, never>>];
/** `log(sigmoid(x))`, without overflow. @see torch.nn.functional.logsigmoid */
export function logsigmoid(input: Tensor, ...rest: NoArguments): Tensor {
  nothing(rest);
  return torch.logsigmoid(input);
}
/** `x / (1 + |x|)`. @see torch.nn.functional.softsign */
export function softsign(input: Tensor, ...rest: NoArguments): Tensor {
  nothing(rest);
  return torch.softsign(input);
}
/** `x - tanh(x)`. @see torch.nn.functional.tanhshrink */
export function tanhshrink(input: Tensor, ...rest: NoArguments): Tensor {
  nothing(rest);
  return torch.tanhshrink(input);
}
const bindGlu = signature("glu", { dim: -1 });
/** The first half along `dim`, times the sigmoid of the second. @throws {ShapeError} for an odd size @see torch.nn.functional.glu */
export function glu(input: Tensor, ...rest: Rest<[dim: number], { dim?: number }>): Tensor {
  return torch.glu(input, bindGlu(rest).dim);
}
const bindSoftshrink = signature("softshrink", { lambd: 0.5 });
/** 0 within `lambd` of 0, else `x` moved towards 0 by `lambd`. @throws {TensorError} for a negative `lambd` @see torch.nn.functional.softshrink */
export function softshrink(input: Tensor, ...rest: Rest<[lambd: number], { lambd?: number }>): Tensor {
  return torch.softshrink(input, bindSoftshrink(rest).lambd);
}
const bindPrelu = signature("prelu", { weight: required });
/** `x` above zero, else `weight * x`, with one weight or one a channel. @throws {ShapeError} @see torch.nn.functional.prelu */
export function prelu(input: Tensor, ...args: [weight: Tensor] | [options: { weight: Tensor }]): Tensor {
  return torch.prelu(input, bindPrelu(args).weight);
}

export interface RreluOptions {
  /** Least slope. Default 1/8. */
  lower?: number;
  /** Greatest slope. Default 1/3. */
  upper?: number;
  /** Draw the slopes rather than use their mean. Default false. */
  training?: boolean;
  inplace?: boolean;
}
const bindRrelu = signature("rrelu", { lower: 1 / 8, upper: 1 / 3, training: false, inplace: false });
/** Leaky relu whose slopes are drawn at random in training (Xu et al., 2015). @throws {DTypeError} @see torch.nn.functional.rrelu */
export function rrelu(
  input: Tensor,
  ...rest: Rest<[lower: number, upper: number, training: boolean, inplace: boolean], RreluOptions>
): Tensor {
  const { lower, upper, training, inplace } = bindRrelu(rest);
  return inplace ? torch.rrelu_(input, lower, upper, training) : torch.rrelu(input, lower, upper, training);
}

export interface SoftmaxOptions {
  /** The dimension whose elements add up to 1. */
  dim?: number | null;
  /** Cast the input to this first. */
  dtype?: DType | null;
}
type SoftmaxRest = Rest<[dim: number | null, stacklevel: number, dtype: DType | null], SoftmaxOptions & { stacklevel?: number }>;
const parameters = { dim: null, stacklevel: 3, dtype: null };
const bindSoftmax = signature("softmax", parameters);
const bindLogSoftmax = signature("logSoftmax", parameters);
const bindSoftmin = signature("softmin", parameters);

/** The dimension meant when none is given: the first of 0, 1 and 3 dimensions, else the second. */
const impliedDim = (ndim: number): number => (ndim === 0 || ndim === 1 || ndim === 3 ? 0 : 1);

/** `exp(x) / sum(exp(x))` along a dimension. @throws {IndexError} @see torch.nn.functional.softmax */
export function softmax(input: Tensor, ...rest: SoftmaxRest): Tensor {
  const { dim, dtype } = bindSoftmax(rest);
  return torch.softmax(input, dim ?? impliedDim(input.ndim), dtype === null ? {} : { dtype });
}
/** `log(softmax(x))`, without overflow. @throws {IndexError} @see torch.nn.functional.log_softmax */
export function logSoftmax(input: Tensor, ...rest: SoftmaxRest): Tensor {
  const { dim, dtype } = bindLogSoftmax(rest);
  return torch.logSoftmax(input, dim ?? impliedDim(input.ndim), dtype === null ? {} : { dtype });
}
/** `softmax(-x)`. @throws {IndexError} @see torch.nn.functional.softmin */
export function softmin(input: Tensor, ...rest: SoftmaxRest): Tensor {
  const { dim, dtype } = bindSoftmin(rest);
  return torch.softmax(input.neg(), dim ?? impliedDim(input.ndim), dtype === null ? {} : { dtype });
}

export interface GumbelSoftmaxOptions {
  /** Temperature. Default 1. */
  tau?: number;
  /** Give one-hot samples, differentiated as if they were soft. Default false. */
  hard?: boolean;
  eps?: number;
  /** Default -1. */
  dim?: number;
}
const bindGumbel = signature("gumbelSoftmax", { tau: 1, hard: false, eps: 1e-10, dim: -1 });
/** Draws from the Gumbel-softmax distribution of unnormalised log-probabilities (Jang et al., 2017). @see torch.nn.functional.gumbel_softmax */
export function gumbelSoftmax(
  logits: Tensor,
  ...rest: Rest<[tau: number, hard: boolean, eps: number, dim: number], GumbelSoftmaxOptions>
): Tensor {
  const { tau, hard, dim } = bindGumbel(rest);
  const gumbels = torch.emptyLike(logits).exponential_().log().neg();
  const soft = logits.add(gumbels).div(tau).softmax(dim);
  if (!hard) return soft;
  const index = soft.argmax(dim, true);
  const oneHot = torch.zerosLike(logits).scatter(dim, index, 1);
  return oneHot.sub(soft.detach()).add(soft);
}

const bindOneHot = signature("oneHot", { numClasses: -1 });
/** A 1 at each class index, in a new last dimension: `[...] -> [..., C]`, int64. @throws {ShapeError} for indices out of range @see torch.nn.functional.one_hot */
export function oneHot(input: Tensor, ...args: [numClasses?: number | { numClasses?: number }]): Tensor {
  const { numClasses: given } = bindOneHot(args);
  if (input.dtype !== "int64") throw new torch.DTypeError("one_hot is only applicable to index tensor.");
  if (input.count === 0) {
    if (given <= 0) throw new ShapeError("Can not infer total number of classes from empty tensor.");
    return torch.empty([...input.shape, given], { dtype: "int64" });
  }
  if (Number(input.min().item()) < 0) throw new ShapeError("Class values must be non-negative.");
  const most = Number(input.max().item());
  if (given === 0 || given < -1) throw new ShapeError("Class values must be smaller than num_classes.");
  if (given !== -1 && most >= given) throw new ShapeError("Class values must be smaller than num_classes.");
  const classes = given === -1 ? most + 1 : given;
  return torch.zeros([...input.shape, classes], { dtype: "int64" }).scatter_(-1, input.unsqueeze(-1), 1);
}
