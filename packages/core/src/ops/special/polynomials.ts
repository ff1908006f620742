import { run } from "../../dispatch/run.ts";
import {
  chebyshevT,
  chebyshevU,
  chebyshevV,
  chebyshevW,
  type Family,
  hermiteH,
  hermiteHe,
  laguerreL,
  legendreP,
  polynomial,
  shiftedChebyshevT,
  shiftedChebyshevU,
  shiftedChebyshevV,
  shiftedChebyshevW,
} from "../../reference/orthogonal-polynomials.ts";
import { floatType } from "../../tensor/promotion.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { defineBinary, type Operand, operandOf, promoted } from "../elementwise/pointwise.ts";

/** The polynomial of degree `n` at `input`; either may be a number, and they broadcast. Not differentiable. */
type Polynomial = (input: Operand, n: Operand | { n: Operand }) => Tensor;

function definePolynomial(name: string, label: string, family: Family): Polynomial {
  const op = defineBinary({ name, label, result: "same", compute: { real: (x, n) => polynomial(family, x, n) } });
  const degree = operandOf(name, "n");
  return (input, n, extra?: unknown) => run(op, promoted(input, degree(n, extra), floatType), undefined);
}

/** Chebyshev polynomial of the first kind. @see torch.special.chebyshev_polynomial_t */
export const chebyshevPolynomialT: Polynomial = definePolynomial("chebyshevPolynomialT", "chebyshev_polynomial_t_cpu", chebyshevT);
/** Chebyshev polynomial of the second kind. @see torch.special.chebyshev_polynomial_u */
export const chebyshevPolynomialU: Polynomial = definePolynomial("chebyshevPolynomialU", "chebyshev_polynomial_u_cpu", chebyshevU);
/** Chebyshev polynomial of the third kind. @see torch.special.chebyshev_polynomial_v */
export const chebyshevPolynomialV: Polynomial = definePolynomial("chebyshevPolynomialV", "chebyshev_polynomial_v_cpu", chebyshevV);
/** Chebyshev polynomial of the fourth kind. @see torch.special.chebyshev_polynomial_w */
export const chebyshevPolynomialW: Polynomial = definePolynomial("chebyshevPolynomialW", "chebyshev_polynomial_w_cpu", chebyshevW);
/** {@link chebyshevPolynomialT} on [0, 1]. @see torch.special.shifted_chebyshev_polynomial_t */
export const shiftedChebyshevPolynomialT: Polynomial = definePolynomial(
  "shiftedChebyshevPolynomialT",
  "shifted_chebyshev_polynomial_t_cpu",
  shiftedChebyshevT,
);
/** {@link chebyshevPolynomialU} on [0, 1]. @see torch.special.shifted_chebyshev_polynomial_u */
export const shiftedChebyshevPolynomialU: Polynomial = definePolynomial(
  "shiftedChebyshevPolynomialU",
  "shifted_chebyshev_polynomial_u_cpu",
  shiftedChebyshevU,
);
/** {@link chebyshevPolynomialV} on [0, 1]. @see torch.special.shifted_chebyshev_polynomial_v */
export const shiftedChebyshevPolynomialV: Polynomial = definePolynomial(
  "shiftedChebyshevPolynomialV",
  "shifted_chebyshev_polynomial_v_cpu",
  shiftedChebyshevV,
);
/** {@link chebyshevPolynomialW} on [0, 1]. @see torch.special.shifted_chebyshev_polynomial_w */
export const shiftedChebyshevPolynomialW: Polynomial = definePolynomial(
  "shiftedChebyshevPolynomialW",
  "shifted_chebyshev_polynomial_w_cpu",
  shiftedChebyshevW,
);
/** Physicist's Hermite polynomial. @see torch.special.hermite_polynomial_h */
export const hermitePolynomialH: Polynomial = definePolynomial("hermitePolynomialH", "hermite_polynomial_h_cpu", hermiteH);
/** Probabilist's Hermite polynomial. @see torch.special.hermite_polynomial_he */
export const hermitePolynomialHe: Polynomial = definePolynomial("hermitePolynomialHe", "hermite_polynomial_he_cpu", hermiteHe);
/** Laguerre polynomial. @see torch.special.laguerre_polynomial_l */
export const laguerrePolynomialL: Polynomial = definePolynomial("laguerrePolynomialL", "laguerre_polynomial_l_cpu", laguerreL);
/** Legendre polynomial. @see torch.special.legendre_polynomial_p */
export const legendrePolynomialP: Polynomial = definePolynomial("legendrePolynomialP", "legendre_polynomial_p_cpu", legendreP);
