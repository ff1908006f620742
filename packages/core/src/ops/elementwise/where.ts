import { required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { forEachRow } from "../../reference/loops.ts";
import { dtypeInfo, isComplex } from "../../tensor/dtype.ts";
import { resultTypeOf } from "../../tensor/promotion.ts";
import type { Scalar } from "../../tensor/scalar.ts";
import { broadcastShapes, broadcastStrides } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { scalarTensor } from "../factory/scalar-tensor.ts";
import { requireTensor } from "./pointwise.ts";
import { to } from "./to.ts";

/** Elements of the second operand where the first (bool) is true, else of the third. */
export const whereOp: Op<readonly [Tensor, Tensor, Tensor], undefined> = defineOp<readonly [Tensor, Tensor, Tensor]>({
  name: "where",
  infer: ([condition, self, other]) => ({
    shape: broadcastShapes(condition.shape, broadcastShapes(self.shape, other.shape)),
    dtype: self.dtype,
  }),
  elementwise: true,
  saves: { inputs: [0] },
  backward: [
    null,
    ({ grad, inputs: [condition] }) => where(condition, grad, 0),
    ({ grad, inputs: [condition] }) => where(condition, 0, grad),
  ],
});

registerReferenceKernels([
  kernel(whereOp, (inputs, [out]) => {
    const operands = [out!, ...inputs];
    const strides = operands.map((t) => broadcastStrides(t.shape, t.strides, out!.shape));
    const [to, test, yes, no] = operands.map((t) => t.elements as Float64Array);
    const width = isComplex(out!.dtype) ? 2 : 1;
    forEachRow(
      out!.shape,
      strides,
      operands.map((t) => t.offset),
      ([p, q, r, s], [u, v, w, x], n) => {
        for (let i = 0; i < n; i++) {
          const o = (p! + i * u!) * width;
          const [from, at] = test![q! + i * v!] ? [yes!, (r! + i * w!) * width] : [no!, (s! + i * x!) * width];
          to![o] = from[at]!;
          if (width === 2) to![o + 1] = from[at + 1]!;
        }
      },
    );
  }),
]);

type Choice = Tensor | Scalar;
interface WhereOptions {
  condition?: Tensor;
  input?: Choice;
  self?: Choice;
  other?: Choice;
}

/**
 * Elements of `input` where `condition` holds, else of `other`; both may be numbers. Shapes broadcast, dtypes promote.
 * Without `input` and `other`: the indices where `condition` holds, a tensor for each dimension.
 * @throws {DTypeError} unless the condition is bool (or uint8) @see torch.where
 */
export function where(condition: Tensor): Tensor[];
export function where(condition: Tensor, input: Choice | WhereOptions, other?: Choice | WhereOptions): Tensor;
export function where(condition: Tensor, input?: Choice | WhereOptions, other?: Choice | WhereOptions, extra?: unknown): Tensor | Tensor[] {
  requireTensor("where", "condition", condition);
  if (extra === undefined && isChoice(input) && isChoice(other)) return select(condition, input, other);
  const bound = bindWhere([input, other, extra].filter((v) => v !== undefined)) as WhereOptions;
  const first = bound.input ?? bound.self;
  if (first == null && bound.other == null) return nonzeroByDimension(condition);
  if (first == null || bound.other == null) throw new TypeError("where() takes both input and other, or neither");
  return select(condition, first, bound.other);
}
const isChoice = (value: unknown): value is Choice => value instanceof Tensor || typeof value === "number";
const bindWhere = signature("where", { input: null, other: null, self: null });

function nonzeroByDimension(condition: Tensor): Tensor[] {
  const indices = condition.nonzero();
  return indices.shape[1] === 0 ? [] : Array.from({ length: indices.shape[1]! }, (_, d) => indices.select(1, d));
}

function select(condition: Tensor, first: Choice, second: Choice): Tensor {
  if (condition.dtype !== "bool" && condition.dtype !== "uint8") {
    throw new DTypeError(
      `where expected condition to be a boolean tensor, but got a tensor with dtype ${dtypeInfo[condition.dtype].scalarType}`,
    );
  }
  if (first instanceof Tensor && second instanceof Tensor && first.dtype === second.dtype) {
    return run(whereOp, [condition, first, second], undefined);
  }
  const dtype = resultTypeOf([first, second]);
  const cast = (value: Choice): Tensor => (value instanceof Tensor ? to(value, dtype) : scalarTensor(value, dtype));
  return run(whereOp, [condition, cast(first), cast(second)], undefined);
}

/** Elements of `self` where `condition` holds, else of `other`. @throws {DTypeError} unless the condition is bool @see torch.Tensor.where */
export function whereMethod(self: Tensor, condition: Tensor | WhereOptions, other?: Choice | WhereOptions, ...extra: []): Tensor {
  const bound = bindMethod([condition, other, ...extra].filter((v) => v !== undefined)) as Required<WhereOptions>;
  requireTensor("where", "condition", bound.condition);
  return select(bound.condition, self, bound.other);
}
const bindMethod = signature("where", { condition: required, other: required });
