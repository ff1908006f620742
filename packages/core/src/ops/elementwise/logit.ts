import { signature } from "../../dispatch/arguments.ts";
import { run, runInto } from "../../dispatch/run.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { asFloat, defineUnary, type UnaryOp } from "./pointwise.ts";
import { where } from "./where.ts";

/** Distance from 0 and 1 to which elements are moved; negative: none are. */
export interface Eps {
  readonly eps: number;
}

/** `log(x / (1 - x))` of elements moved into [eps, 1 - eps]. */
export const logitOp: UnaryOp<Eps> = defineUnary<Eps>({
  name: "logit",
  label: "logit_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self], params: { eps } }) => {
      const [low, high, outside] = eps < 0 ? [0, 1, Number.NaN] : [eps, 1 - eps, 0];
      return where(self.lt(low).logicalOr(self.gt(high)), outside, grad.div(self.mul(self.neg().add(1))));
    },
  ],
  compute: {
    real: (x, { eps }) => {
      const z = eps < 0 ? x : Math.min(Math.max(x, eps), 1 - eps);
      return Math.log(z / (1 - z));
    },
  },
});

export interface LogitOptions {
  /** Distance from 0 and 1 to which elements are moved. Default: none are. */
  eps?: number | null;
}
const bindLogit = signature("logit", { eps: null });
const epsOf = (args: readonly unknown[]): Eps => ({
  eps: (bindLogit(args.filter((v) => v !== undefined)) as { eps: number | null }).eps ?? -1,
});

/** `log(x / (1 - x))`, the inverse of the sigmoid; integers give floats. @throws {DTypeError} for complex @see torch.logit */
export const logit = (self: Tensor, eps?: number | null | LogitOptions, ...extra: []): Tensor =>
  run(logitOp, [asFloat(self)], epsOf([eps, ...extra]));
/** In-place {@link logit}. @see torch.Tensor.logit_ */
export const logit_ = (self: Tensor, eps?: number | null | LogitOptions, ...extra: []): Tensor =>
  runInto(logitOp, self, [asFloat(self)], epsOf([eps, ...extra]));
