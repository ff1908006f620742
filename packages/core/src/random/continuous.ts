import { fma64 } from "./fused-multiply-add.ts";
import type { Generator } from "./generator.ts";
import { fillWith, type Stretch } from "./sink.ts";

/** Fills with exponentially distributed numbers of rate `lambda`, by inversion. @see torch.Tensor.exponential_ */
export function fillExponential(stretch: Stretch, lambda: number, generator: Generator): void {
  const scale = -1 / lambda;
  fillWith(stretch, () => scale * Math.log(1 - generator.uniformDouble()));
}

/** Fills with Cauchy distributed numbers, by inversion. @see torch.Tensor.cauchy_ */
export function fillCauchy(stretch: Stretch, median: number, sigma: number, generator: Generator): void {
  fillWith(stretch, () => fma64(sigma, Math.tan(Math.PI * (generator.uniformDouble() - 0.5)), median));
}

/** Fills with the exponentials of normal numbers. @see torch.Tensor.log_normal_ */
export function fillLogNormal(stretch: Stretch, mean: number, std: number, generator: Generator): void {
  fillWith(stretch, () => Math.exp(fma64(generator.normalDouble(), std, mean)));
}

/** Fills with the number of trials up to the first success of probability `p`. @see torch.Tensor.geometric_ */
export function fillGeometric(stretch: Stretch, p: number, generator: Generator): void {
  const logFailure = Math.log(1 - p);
  fillWith(stretch, () => Math.ceil(Math.log(generator.uniformDouble()) / logFailure));
}
