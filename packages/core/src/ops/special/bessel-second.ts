import {
  airyAi as airyAiOf,
  besselJ0 as besselJ0Of,
  besselJ1 as besselJ1Of,
  besselK0,
  besselK0e,
  besselK1,
  besselK1e,
  besselY0 as besselY0Of,
  besselY1 as besselY1Of,
  i0,
  i1,
  sphericalJ0,
} from "../../reference/bessel-functions.ts";
import { defineUnary, floatUnary, type Unary } from "../elementwise/pointwise.ts";

// Bessel and Airy functions that PyTorch does not differentiate.

const flat = (name: string, label: string, real: (x: number) => number): Unary =>
  floatUnary(defineUnary({ name, label, result: "same", compute: { real: (x) => real(x) } }));

/** Airy function Ai; integers give floats. @see torch.special.airy_ai */
export const airyAi: Unary = flat("airyAi", "airy_ai_cpu", airyAiOf);
/** Bessel function of the first kind, order 0. @see torch.special.bessel_j0 */
export const besselJ0: Unary = flat("besselJ0", "bessel_j0_cpu", besselJ0Of);
/** Bessel function of the first kind, order 1. @see torch.special.bessel_j1 */
export const besselJ1: Unary = flat("besselJ1", "bessel_j1_cpu", besselJ1Of);
/** Bessel function of the second kind, order 0: -∞ at zero, NaN below. @see torch.special.bessel_y0 */
export const besselY0: Unary = flat("besselY0", "bessel_y0_cpu", besselY0Of);
/** Bessel function of the second kind, order 1: -∞ at zero, NaN below. @see torch.special.bessel_y1 */
export const besselY1: Unary = flat("besselY1", "bessel_y1_cpu", besselY1Of);
/** Modified Bessel function of the first kind, order 0. @see torch.special.modified_bessel_i0 */
export const modifiedBesselI0: Unary = flat("modifiedBesselI0", "modified_bessel_i0_cpu", i0);
/** Modified Bessel function of the first kind, order 1. @see torch.special.modified_bessel_i1 */
export const modifiedBesselI1: Unary = flat("modifiedBesselI1", "modified_bessel_i1_cpu", i1);
/** Modified Bessel function of the second kind, order 0: ∞ at zero, NaN below. @see torch.special.modified_bessel_k0 */
export const modifiedBesselK0: Unary = flat("modifiedBesselK0", "modified_bessel_k0_cpu", besselK0);
/** Modified Bessel function of the second kind, order 1: ∞ at zero, NaN below. @see torch.special.modified_bessel_k1 */
export const modifiedBesselK1: Unary = flat("modifiedBesselK1", "modified_bessel_k1_cpu", besselK1);
/** {@link modifiedBesselK0} times exp(x). @see torch.special.scaled_modified_bessel_k0 */
export const scaledModifiedBesselK0: Unary = flat("scaledModifiedBesselK0", "scaled_modified_bessel_k0_cpu", besselK0e);
/** {@link modifiedBesselK1} times exp(x). @see torch.special.scaled_modified_bessel_k1 */
export const scaledModifiedBesselK1: Unary = flat("scaledModifiedBesselK1", "scaled_modified_bessel_k1_cpu", besselK1e);
/** sin(x) / x: the spherical Bessel function of order 0. @see torch.special.spherical_bessel_j0 */
export const sphericalBesselJ0: Unary = flat("sphericalBesselJ0", "spherical_bessel_j0_cpu", sphericalJ0);
