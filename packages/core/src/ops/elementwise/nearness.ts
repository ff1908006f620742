import { signature } from "../../dispatch/arguments.ts";
import { emptyTensor } from "../../dispatch/run.ts";
import { DTypeError, TensorError } from "../../errors.ts";
import { toBigInts, toComplexDoubles, toDoubles, writeDoubles } from "../../reference/loops.ts";
import { dtypeInfo, getDefaultDtype, isComplex, isIntegral } from "../../tensor/dtype.ts";
import { promoteTensors } from "../../tensor/promotion.ts";
import { isScalar, type Scalar, scalarDType } from "../../tensor/scalar.ts";
import { sameShape } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { newScalarTensor } from "../factory/scalar-tensor.ts";
import { requireTensor } from "./pointwise.ts";
import { to } from "./to.ts";

export interface CloseOptions {
  /** Relative tolerance. Default 1e-5. */
  rtol?: number;
  /** Absolute tolerance. Default 1e-8. */
  atol?: number;
  /** Take NaN for equal to NaN. Default false. */
  equalNan?: boolean;
}
type CloseArgument = number | boolean | CloseOptions | undefined;
const bindClose = signature("isclose", { rtol: 1e-5, atol: 1e-8, equalNan: false });

function closeness(self: Tensor, other: Tensor, args: readonly CloseArgument[]): Tensor {
  requireTensor("isclose", "input", self);
  requireTensor("isclose", "other", other);
  const { rtol, atol, equalNan } = bindClose(args.filter((v) => v !== undefined)) as Required<CloseOptions>;
  if (self.dtype !== other.dtype) {
    throw new DTypeError(`${dtypeInfo[self.dtype].scalarType} did not match ${dtypeInfo[other.dtype].scalarType}`);
  }
  if (!(rtol >= 0)) throw new TensorError(`rtol must be greater than or equal to zero, but got ${rtol}`);
  if (!(atol >= 0)) throw new TensorError(`atol must be greater than or equal to zero, but got ${atol}`);
  let close = self.eq(other);
  if (equalNan && !isIntegral(self.dtype)) close = close.logicalOr(self.isnan().logicalAnd(other.isnan()));
  if (rtol === 0 && atol === 0) return close;
  const expected = isIntegral(other.dtype) ? to(other, getDefaultDtype()) : other;
  const allowed = expected.mul(rtol).abs().add(atol);
  const actual = (isIntegral(self.dtype) ? to(self, getDefaultDtype()) : self).sub(expected).abs();
  return close.logicalOr(actual.isfinite().logicalAnd(actual.le(allowed)));
}

/** Whether elements are within `atol + rtol |other|` of `other`. bool result. @throws {DTypeError} for operands of different dtypes @see torch.isclose */
export const isclose = (self: Tensor, other: Tensor, ...args: readonly CloseArgument[]): Tensor => closeness(self, other, args);

/** Whether all elements are close; see {@link isclose}. @throws {DTypeError} for operands of different dtypes @see torch.allclose */
export const allclose = (self: Tensor, other: Tensor, ...args: readonly CloseArgument[]): boolean =>
  toDoubles(closeness(self, other, args)).every((v) => v !== 0);

/** Whether shapes and all elements are equal (NaN is not). @see torch.equal */
export function equal(self: Tensor, other: Tensor | { other: Tensor }): boolean {
  const second = other instanceof Tensor ? other : other.other;
  requireTensor("equal", "input", self);
  requireTensor("equal", "other", second);
  if (!sameShape(self.shape, second.shape)) return false;
  const dtype = promoteTensors(self, second);
  const read = isComplex(dtype) ? toComplexDoubles : dtype === "int64" ? toBigInts : toDoubles;
  const a: ArrayLike<number | bigint> = read(to(self, dtype));
  const b: ArrayLike<number | bigint> = read(to(second, dtype));
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export interface IsinOptions {
  elements?: Tensor | Scalar;
  testElements?: Tensor | Scalar;
  testElement?: Tensor | Scalar;
  element?: Tensor | Scalar;
  /** The elements are known to differ from each other; only speed depends on it. Default false. */
  assumeUnique?: boolean;
  /** Whether elements are absent instead. Default false. */
  invert?: boolean;
}
const bindIsin = signature("isin", {
  elements: null,
  testElements: null,
  assumeUnique: false,
  invert: false,
  element: null,
  testElement: null,
});

/** Whether each of `elements` is among `testElements`; one of both may be a number. bool result of the shape of `elements`. @throws {DTypeError} for bool and complex @see torch.isin */
export function isin(...args: readonly (Tensor | Scalar | IsinOptions | boolean)[]): Tensor {
  const bound = bindIsin(args) as Required<IsinOptions>;
  const elements = bound.elements ?? bound.element;
  const among = bound.testElements ?? bound.testElement;
  const tensorOf = (v: Tensor | Scalar): Tensor => (isScalar(v) ? newScalarTensor(v, scalarDType(v)) : v);
  if (isScalar(elements)) requireTensor("isin", "test_elements", among);
  const given = tensorOf(elements);
  const tests = tensorOf(among);
  for (const t of [given, tests]) {
    if (t.dtype === "bool" || isComplex(t.dtype)) {
      throw new DTypeError(`Unsupported input type encountered for isin(): ${dtypeInfo[t.dtype].scalarType}`);
    }
  }
  const dtype = promoteTensors(given, tests);
  const read = (t: Tensor): (number | bigint)[] => Array.from<number | bigint>((dtype === "int64" ? toBigInts : toDoubles)(to(t, dtype)));
  const known = new Set(read(tests));
  // A set takes NaN for equal to NaN, which no comparison does.
  const found = read(given).map((v) => Number(Number(known.has(v) && v === v) !== Number(bound.invert)));
  const out = emptyTensor(given.shape, "bool");
  writeDoubles(out, found);
  return out;
}

/** Whether elements are real: all of a real tensor, those without imaginary part of a complex one. bool result. @see torch.isreal */
export const isreal = (self: Tensor): Tensor => (isComplex(self.dtype) ? self.imag.eq(0) : self.eq(self).logicalOr(self.isnan()));
