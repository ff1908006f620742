import type { ComplexOut } from "../../reference/pointwise.ts";
import { type Binary, type BinaryInto, type BinaryOp, defineBinary, predicateInto, promotedBinary } from "./pointwise.ts";

export const eqOp: BinaryOp = defineBinary({
  name: "eq",
  label: "eq_cpu",
  result: "bool",
  compute: {
    real: (a, b) => (a === b ? 1 : 0),
    int64: (a: bigint, b: bigint) => (a === b ? 1 : 0),
    complex: (a: number, b: number, c: number, d: number, out: ComplexOut) => {
      out[0] = a === c && b === d ? 1 : 0;
    },
  },
});

export const neOp: BinaryOp = defineBinary({
  name: "ne",
  label: "ne_cpu",
  result: "bool",
  compute: {
    real: (a, b) => (a !== b ? 1 : 0),
    int64: (a: bigint, b: bigint) => (a !== b ? 1 : 0),
    complex: (a: number, b: number, c: number, d: number, out: ComplexOut) => {
      out[0] = a !== c || b !== d ? 1 : 0;
    },
  },
});

export const ltOp: BinaryOp = defineBinary({
  name: "lt",
  label: "lt_cpu",
  result: "bool",
  compute: {
    real: (a, b) => (a < b ? 1 : 0),
    int64: (a: bigint, b: bigint) => (a < b ? 1 : 0),
  },
});

export const leOp: BinaryOp = defineBinary({
  name: "le",
  label: "le_cpu",
  result: "bool",
  compute: {
    real: (a, b) => (a <= b ? 1 : 0),
    int64: (a: bigint, b: bigint) => (a <= b ? 1 : 0),
  },
});

export const gtOp: BinaryOp = defineBinary({
  name: "gt",
  label: "gt_cpu",
  result: "bool",
  compute: {
    real: (a, b) => (a > b ? 1 : 0),
    int64: (a: bigint, b: bigint) => (a > b ? 1 : 0),
  },
});

export const geOp: BinaryOp = defineBinary({
  name: "ge",
  label: "ge_cpu",
  result: "bool",
  compute: {
    real: (a, b) => (a >= b ? 1 : 0),
    int64: (a: bigint, b: bigint) => (a >= b ? 1 : 0),
  },
});

/** Whether elements are equal to those of `other`, which broadcasts. bool result. @see torch.eq */
export const eq: Binary = promotedBinary(eqOp);
/** In-place {@link eq}: 1 and 0 in the dtype of `self`. @see torch.Tensor.eq_ */
export const eq_: BinaryInto = predicateInto(eq);
/** Whether elements are different from those of `other`, which broadcasts. bool result. @see torch.ne */
export const ne: Binary = promotedBinary(neOp);
/** In-place {@link ne}: 1 and 0 in the dtype of `self`. @see torch.Tensor.ne_ */
export const ne_: BinaryInto = predicateInto(ne);
/** Another name of {@link ne}. @see torch.not_equal */
export const notEqual: Binary = ne;
/** Another name of {@link ne_}. @see torch.Tensor.not_equal_ */
export const notEqual_: BinaryInto = ne_;
/** Whether elements are below those of `other`, which broadcasts. bool result. @throws {DTypeError} for complex @see torch.lt */
export const lt: Binary = promotedBinary(ltOp);
/** In-place {@link lt}: 1 and 0 in the dtype of `self`. @see torch.Tensor.lt_ */
export const lt_: BinaryInto = predicateInto(lt);
/** Another name of {@link lt}. @see torch.less */
export const less: Binary = lt;
/** Another name of {@link lt_}. @see torch.Tensor.less_ */
export const less_: BinaryInto = lt_;
/** Whether elements are at most those of `other`, which broadcasts. bool result. @throws {DTypeError} for complex @see torch.le */
export const le: Binary = promotedBinary(leOp);
/** In-place {@link le}: 1 and 0 in the dtype of `self`. @see torch.Tensor.le_ */
export const le_: BinaryInto = predicateInto(le);
/** Another name of {@link le}. @see torch.less_equal */
export const lessEqual: Binary = le;
/** Another name of {@link le_}. @see torch.Tensor.less_equal_ */
export const lessEqual_: BinaryInto = le_;
/** Whether elements are above those of `other`, which broadcasts. bool result. @throws {DTypeError} for complex @see torch.gt */
export const gt: Binary = promotedBinary(gtOp);
/** In-place {@link gt}: 1 and 0 in the dtype of `self`. @see torch.Tensor.gt_ */
export const gt_: BinaryInto = predicateInto(gt);
/** Another name of {@link gt}. @see torch.greater */
export const greater: Binary = gt;
/** Another name of {@link gt_}. @see torch.Tensor.greater_ */
export const greater_: BinaryInto = gt_;
/** Whether elements are at least those of `other`, which broadcasts. bool result. @throws {DTypeError} for complex @see torch.ge */
export const ge: Binary = promotedBinary(geOp);
/** In-place {@link ge}: 1 and 0 in the dtype of `self`. @see torch.Tensor.ge_ */
export const ge_: BinaryInto = predicateInto(ge);
/** Another name of {@link ge}. @see torch.greater_equal */
export const greaterEqual: Binary = ge;
/** Another name of {@link ge_}. @see torch.Tensor.greater_equal_ */
export const greaterEqual_: BinaryInto = ge_;
