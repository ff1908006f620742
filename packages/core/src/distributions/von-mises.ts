import { empty, rand, where } from "../ops/functions.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, positive, real } from "./constraints.ts";
import { Distribution, type DistributionOptions, unchecked } from "./distribution.ts";
import { broadcastAll, filledLike, holdsEverywhere, type Parameter } from "./parameters.ts";

// Polynomials of Abramowitz and Stegun 9.8.1 to 9.8.4 for the modified Bessel functions of order 0 and 1, up to 3.75 and beyond.
const SMALL = [
  [1, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813],
  [0.5, 0.87890594, 0.51498869, 0.15084934, 0.02658733, 0.00301532, 0.00032411],
] as const;
const LARGE = [
  [0.39894228, 0.01328592, 0.00225319, -0.00157565, 0.00916281, -0.02057706, 0.02635537, -0.01647633, 0.00392377],
  [0.39894228, -0.03988024, -0.00362018, 0.00163801, -0.01031555, 0.02282967, -0.02895312, 0.01787654, -0.00420059],
] as const;

function polynomial(y: Tensor, coefficients: readonly number[]): Tensor {
  let result = filledLike(y, coefficients.at(-1)!);
  for (let i = coefficients.length - 2; i >= 0; i--) result = y.mul(result).add(coefficients[i]!);
  return result;
}

function logBessel(x: Tensor, order: 0 | 1): Tensor {
  const ratio = x.div(3.75);
  const near = polynomial(ratio.mul(ratio), SMALL[order]);
  const small = (order === 1 ? x.abs().mul(near) : near).log();
  const large = x.sub(x.log().mul(0.5)).add(polynomial(ratio.reciprocal(), LARGE[order]).log());
  return where(x.lt(3.75), small, large);
}

/** The normal distribution's counterpart on the circle, of a mean angle and a concentration. @see torch.distributions.VonMises */
export class VonMises extends Distribution {
  readonly loc: Tensor;
  readonly concentration: Tensor;

  constructor(loc: Parameter, concentration: Parameter, options: DistributionOptions = {}) {
    const [angle, kappa] = broadcastAll(loc, concentration);
    super(angle.shape, [], options);
    this.loc = angle;
    this.concentration = kappa;
    this.validateParameters();
  }
  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, concentration: positive };
  }
  get support(): Constraint {
    return real;
  }
  get mean(): Tensor {
    return this.loc;
  }
  override get mode(): Tensor {
    return this.loc;
  }
  /** The circular variance. */
  get variance(): Tensor {
    return logBessel(this.concentration, 1).sub(logBessel(this.concentration, 0)).exp().rsub(1);
  }
  expand(batchShape: Shape): VonMises {
    return this.keepChecks(new VonMises(this.loc.expand(batchShape), this.concentration.expand(batchShape), unchecked));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const aligned = this.concentration.mul(value.sub(this.loc).cos());
    return aligned.sub(Math.log(2 * Math.PI)).sub(logBessel(this.concentration, 0));
  }
  /** By rejection from a wrapped Cauchy distribution (Best and Fisher 1979). */
  override sample(sampleShape: Shape = []): Tensor {
    const loc = this.loc.detach();
    const kappa = this.concentration.detach();
    const tau = kappa.pow(2).mul(4).add(1).sqrt().add(1);
    const rho = tau.sub(tau.mul(2).sqrt()).div(kappa.mul(2));
    const r = rho.pow(2).add(1).div(rho.mul(2));
    const shape = this.extendedShape(sampleShape);
    let x = empty(shape, { dtype: loc.dtype, device: loc.device });
    let done = filledLike(x, 0).to("bool");
    while (!holdsEverywhere(done)) {
      const u = rand([3, ...shape], { dtype: loc.dtype, device: loc.device });
      const z = u.select(0, 0).mul(Math.PI).cos();
      const u2 = u.select(0, 1);
      const f = r.mul(z).add(1).div(r.add(z));
      const c = kappa.mul(r.sub(f));
      const accepted = c.mul(c.rsub(2)).sub(u2).gt(0).logicalOr(c.div(u2).log().add(1).sub(c).ge(0));
      x = where(accepted, u.select(0, 2).sub(0.5).sign().mul(f.acos()), x);
      done = done.logicalOr(accepted);
    }
    return x
      .add(Math.PI)
      .add(loc)
      .remainder(2 * Math.PI)
      .sub(Math.PI);
  }
}
