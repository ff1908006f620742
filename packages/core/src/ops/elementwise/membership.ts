import { required, signature } from "../../dispatch/arguments.ts";
import { emptyTensor } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { toBigInts, toDoubles, writeDoubles } from "../../reference/loops.ts";
import { dtypeInfo, isComplex } from "../../tensor/dtype.ts";
import { resultTypeOf } from "../../tensor/promotion.ts";
import type { Scalar } from "../../tensor/scalar.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { newScalarTensor } from "../factory/scalar-tensor.ts";
import { requireTensor } from "./pointwise.ts";
import { to } from "./to.ts";

export interface IsinOptions {
  /** The elements are known to differ from each other; only speed depends on it. Default false. */
  assumeUnique?: boolean;
  /** Whether elements are absent instead. Default false. */
  invert?: boolean;
}
type Operand = Tensor | Scalar;
const bindIsin = signature("isin", { elements: required, testElements: required, assumeUnique: false, invert: false });

/** Whether each of `elements` is among `testElements`; one of both may be a number. bool result of the shape of `elements`. @throws {DTypeError} for bool and complex @see torch.isin */
export function isin(
  elements: Operand | (IsinOptions & { elements: Operand; testElements: Operand }),
  testElements?: Operand | (IsinOptions & { testElements: Operand }),
  ...options: readonly (boolean | IsinOptions | undefined)[]
): Tensor {
  const bound = bindIsin([elements, testElements, ...options].filter((v) => v !== undefined)) as Required<IsinOptions> & {
    elements: Operand;
    testElements: Operand;
  };
  if (!(bound.elements instanceof Tensor)) requireTensor("isin", "test_elements", bound.testElements);
  for (const t of [bound.elements, bound.testElements]) {
    if (t instanceof Tensor && (t.dtype === "bool" || isComplex(t.dtype))) {
      throw new DTypeError(`Unsupported input type encountered for isin(): ${dtypeInfo[t.dtype].scalarType}`);
    }
  }
  const dtype = resultTypeOf([bound.elements, bound.testElements]);
  const given = asTensor(bound.elements, dtype);
  const tests = asTensor(bound.testElements, dtype);
  const read = (t: Tensor): (number | bigint)[] => Array.from<number | bigint>((dtype === "int64" ? toBigInts : toDoubles)(t));
  const known = new Set(read(tests));
  // A set takes NaN for equal to NaN, which no comparison does.
  const found = read(given).map((v) => Number((known.has(v) && v === v) !== bound.invert));
  const out = emptyTensor(given.shape, "bool");
  writeDoubles(out, found);
  return out;
}

const asTensor = (value: Operand, dtype: Tensor["dtype"]): Tensor =>
  value instanceof Tensor ? to(value, dtype) : newScalarTensor(value, dtype);
