import { emptyTensor } from "../../dispatch/run.ts";
import { AutogradError, DTypeError } from "../../errors.ts";
import { toBigInts, toDoubles, writeBigInts, writeDoubles } from "../../reference/loops.ts";
import { dtypeInfo, isComplex } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { expand } from "../view/expand.ts";
import { copy_ } from "./clone.ts";

/** An element as a function of the program sees it: a bigint only of int64, and only where a number would be rounded. */
type Element = number | bigint;
const plain = (value: bigint): Element => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

const read = (t: Tensor): Element[] => (t.dtype === "int64" ? Array.from(toBigInts(t), plain) : Array.from(toDoubles(t)));

/** Calls `call` with the elements of all operands at each place, and writes what it returns over the first. */
function writeEach(name: string, call: (...values: Element[]) => Element | boolean, self: Tensor, others: readonly Tensor[]): Tensor {
  for (const t of [self, ...others]) {
    if (t.tracked) throw new AutogradError(`Can't call ${name}() on Variable that requires grad. Use var.detach().${name}() instead.`);
    if (isComplex(t.dtype)) throw new DTypeError(`${name}() is not implemented for complex tensors`);
    if (t.dtype !== self.dtype) {
      const [expected, given] = [self.dtype, t.dtype].map((dtype) => `torch.${dtypeInfo[dtype].scalarType}Tensor`);
      throw new DTypeError(`${name}: expected ${expected} for 'other' (got ${given})`);
    }
  }
  const operands = [self, ...others.map((t) => expand(t, self.shape))].map(read);
  const results = operands[0]!.map((_, i) => call(...operands.map((values) => values[i]!)));
  const out = emptyTensor(self.shape, self.dtype);
  if (self.dtype === "int64")
    writeBigInts(
      out,
      BigInt64Array.from(results, (v) => BigInt(typeof v === "number" ? Math.trunc(v) : v)),
    );
  else writeDoubles(out, results.map(Number));
  return copy_(self, out);
}

/** Replaces each element by what `callable` makes of it. Slow: for what no operator does. @throws {AutogradError} for a tensor that requires grad @see torch.Tensor.apply_ */
export const apply_ = (self: Tensor, callable: (value: Element) => Element | boolean): Tensor => writeEach("apply_", callable, self, []);
/** Replaces each element by `callable(element, element of tensor)`; `tensor` broadcasts. @throws {DTypeError} for another dtype @see torch.Tensor.map_ */
export const map_ = (self: Tensor, tensor: Tensor, callable: (a: Element, b: Element) => Element | boolean): Tensor =>
  writeEach("map_", callable as (...values: Element[]) => Element | boolean, self, [tensor]);
/** {@link map_} with two other tensors. @see torch.Tensor.map2_ */
export const map2_ = (self: Tensor, x: Tensor, y: Tensor, callable: (a: Element, b: Element, c: Element) => Element | boolean): Tensor =>
  writeEach("map2_", callable as (...values: Element[]) => Element | boolean, self, [x, y]);
