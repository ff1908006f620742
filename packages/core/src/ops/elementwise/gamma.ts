import { required, signature } from "../../dispatch/arguments.ts";
import { checkWritable, run, runInto } from "../../dispatch/run.ts";
import { DTypeError, TensorError } from "../../errors.ts";
import { digamma as digammaOf, lgamma as lgammaOf, polygamma as polygammaOf } from "../../reference/gamma-function.ts";
import { igammac as igammacOf, igamma as igammaOf } from "../../reference/incomplete-gamma.ts";
import { floatType } from "../../tensor/promotion.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import {
  asFloat,
  type Binary,
  type BinaryInto,
  type BinaryOp,
  defineBinary,
  defineUnary,
  floatUnary,
  floatUnaryInto,
  requireTensor,
  tensorBinary,
  tensorBinaryInto,
  type Unary,
  type Unary1,
  type UnaryOp,
} from "./pointwise.ts";

/** Which derivative of digamma. */
export interface Order {
  readonly n: number;
  /** Whether poles look as they do in float32 arithmetic. */
  readonly single?: boolean;
}

export const polygammaOp: UnaryOp<Order> = defineUnary<Order>({
  name: "polygamma",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self], params: { n } }) => grad.mul(run(polygammaOp, [self], { n: n + 1, single: self.dtype === "float32" })),
  ],
  compute: { real: (x, { n, single }) => polygammaOf(n, x, single) },
});

export const digammaOp: UnaryOp = defineUnary({
  name: "digamma",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(run(polygammaOp, [self], { n: 1, single: self.dtype === "float32" }))],
  compute: { real: digammaOf },
});

export const lgammaOp: UnaryOp = defineUnary({
  name: "lgamma",
  label: "lgamma_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(run(digammaOp, [self], undefined))],
  compute: { real: lgammaOf },
});

/** The derivative of P(a, x) by x; by a, PyTorch has none. */
const density = (self: Tensor, other: Tensor): Tensor =>
  self
    .sub(1)
    .mul(other.log())
    .sub(other)
    .sub(run(lgammaOp, [self], undefined))
    .exp();

function noDerivative(name: string): never {
  throw new TensorError(`the derivative for '${name}: input' is not implemented.`);
}

export const igammaOp: BinaryOp = defineBinary({
  name: "igamma",
  label: "igamma_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [() => noDerivative("igamma"), ({ grad, inputs: [self, other] }) => grad.mul(density(self, other))],
  compute: { real: igammaOf },
});

export const igammacOp: BinaryOp = defineBinary({
  name: "igammac",
  label: "igammac_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [() => noDerivative("igammac"), ({ grad, inputs: [self, other] }) => grad.neg().mul(density(self, other))],
  compute: { real: igammacOf },
});

/** Logarithm of the absolute value of the gamma function; integers give floats. @see torch.lgamma */
export const lgamma: Unary = floatUnary(lgammaOp);
/** In-place {@link lgamma}. @see torch.Tensor.lgamma_ */
export const lgamma_: Unary1 = floatUnaryInto(lgammaOp);
/** Derivative of {@link lgamma}; integers give floats. @see torch.digamma */
export const digamma: Unary = floatUnary(digammaOp);
/** In-place {@link digamma}. @see torch.Tensor.digamma_ */
export const digamma_: Unary1 = floatUnaryInto(digammaOp);
/** Regularized lower incomplete gamma function P(self, other). @throws {DTypeError} unless floats @see torch.igamma */
export const igamma: Binary = tensorBinary(igammaOp);
/** In-place {@link igamma}. @see torch.Tensor.igamma_ */
export const igamma_: BinaryInto = tensorBinaryInto(igammaOp);
/** Regularized upper incomplete gamma function Q(self, other). @throws {DTypeError} unless floats @see torch.igammac */
export const igammac: Binary = tensorBinary(igammacOp);
/** In-place {@link igammac}. @see torch.Tensor.igammac_ */
export const igammac_: BinaryInto = tensorBinaryInto(igammacOp);

const bindN = signature("polygamma", { n: required });
function orderOf(self: Tensor, args: readonly unknown[]): Order {
  const { n } = bindN(args.filter((v) => v !== undefined)) as Order;
  if (n < 0) throw new TensorError("polygamma(n, x) does not support negative n.");
  return { n: Number(n), single: floatType(self.dtype) === "float32" };
}
const bindPolygamma = signature("polygamma", { n: required, input: required });

/** The `n`-th derivative of {@link digamma} at `input`; integers give floats. @throws {TensorError} for negative n @see torch.polygamma */
export function polygamma(n: number, input: Tensor | { input: Tensor }, ...extra: []): Tensor {
  const bound = bindPolygamma([n, input, ...extra]) as { n: number; input: Tensor };
  requireTensor("polygamma", "input", bound.input);
  return polygammaMethod(bound.input, bound.n);
}
/** The `n`-th derivative of {@link digamma} at `self`. @throws {TensorError} for negative n @see torch.Tensor.polygamma */
export const polygammaMethod = (self: Tensor, n: number | Order, ...extra: []): Tensor =>
  run(polygammaOp, [asFloat(self)], orderOf(self, [n, ...extra]));
/** In-place {@link polygammaMethod}. @see torch.Tensor.polygamma_ */
export const polygamma_ = (self: Tensor, n: number | Order, ...extra: []): Tensor =>
  runInto(polygammaOp, self, [asFloat(self)], orderOf(self, [n, ...extra]));

const bindP = signature("mvlgamma", { p: required });

/** Logarithm of the `p`-dimensional gamma function: `p (p - 1)/4 log π + Σ lgamma(x - j/2)`; integers give floats. @throws {TensorError} for p < 1 @see torch.mvlgamma */
export function mvlgamma(self: Tensor, p: number | { p: number }, ...extra: []): Tensor {
  const { p: dimensions } = bindP([p, ...extra]) as { p: number };
  if (self.dtype === "bool") throw new DTypeError("The input tensor may not be a boolean tensor.");
  if (dimensions < 1) throw new TensorError("p has to be greater than or equal to 1");
  const x = asFloat(self);
  let sum = lgamma(x);
  for (let j = 1; j < dimensions; j++) sum = sum.add(lgamma(x.sub(j / 2)));
  return sum.add(((dimensions * (dimensions - 1)) / 4) * Math.log(Math.PI));
}
/** In-place {@link mvlgamma}. @throws {DTypeError} for integers @see torch.Tensor.mvlgamma_ */
export function mvlgamma_(self: Tensor, p: number | { p: number }, ...extra: []): Tensor {
  checkWritable(self, { shape: self.shape, dtype: floatType(self.dtype) });
  return self.copy_(mvlgamma(self.clone(), p, ...extra));
}
