import { run, runInto } from "../../dispatch/run.ts";
import { IndexError, ShapeError } from "../../errors.ts";
import { isIntegral } from "../../tensor/dtype.ts";
import { isScalar, type Scalar } from "../../tensor/scalar.ts";
import { sameShape } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { scalarOf } from "../factory/scalar-tensor.ts";
import { type TensorData, tensor } from "../factory/tensor.ts";
import { alias } from "../view/alias.ts";
import { expandIfNeeded } from "../view/expand.ts";
import { select } from "../view/select.ts";
import { sliceAlong } from "../view/slice.ts";
import { unsqueeze } from "../view/squeeze.ts";
import { expandMasks, indexOp, indexPutOp } from "./advanced.ts";
import { parseSlice, Slice, type SliceString } from "./slice.ts";

/** Integers or booleans in nested arrays, as an index. */
export type IndexArray = readonly (number | bigint | boolean | Tensor | IndexArray)[];

/** What indexes a dimension: an integer, a slice, `"..."`, null for a new axis, a boolean, or integers or a mask in an array or tensor. */
export type Index = number | bigint | boolean | SliceString | "..." | Slice | null | Tensor | IndexArray;

const isMask = (t: Tensor): boolean => t.dtype === "bool" || t.dtype === "uint8";

function toIndexTensor(index: IndexArray, like: Tensor): Tensor {
  let first: unknown = index;
  while (Array.isArray(first)) first = first[0];
  const dtype = typeof first === "boolean" ? "bool" : first instanceof Tensor ? first.dtype : "int64";
  if (typeof first === "number" && !Number.isInteger(first))
    throw new IndexError("tensors used as indices must be long, byte or bool tensors");
  return tensor(index as TensorData, { dtype, device: like.device });
}

/** How many dimensions an index uses up. */
function consumed(index: Index | undefined): number {
  if (index === null || index === "..." || typeof index === "boolean") return 0;
  if (index instanceof Tensor && isMask(index)) return index.ndim;
  if (Array.isArray(index)) {
    let depth = 0;
    let first: unknown = index;
    for (; Array.isArray(first); first = first[0]) depth++;
    return typeof first === "boolean" ? depth : 1;
  }
  return 1;
}

function selectAt(self: Tensor, dim: number, index: number, named = dim): Tensor {
  if (self.ndim === 0 && index === 0) {
    throw new IndexError(
      "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number",
    );
  }
  if (!Number.isInteger(index)) {
    throw new IndexError("only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got float)");
  }
  const size = self.shape[dim] ?? 0;
  if (index < -size || index >= size) throw new IndexError(`index ${index} is out of bounds for dimension ${named} with size ${size}`);
  return select(self, dim, index);
}

function sliceAt(self: Tensor, dim: number, { start, stop, step }: Slice): Tensor {
  if (step === 0) throw new ShapeError("slice step cannot be zero");
  if (self.ndim === 0) throw new IndexError("slice() cannot be applied to a 0-dim tensor.");
  if (step !== null && step < 0) throw new ShapeError("step must be greater than zero");
  if (start === null && stop === null && (step ?? 1) === 1) return self;
  return sliceAlong(self, dim, start, stop, step ?? 1);
}

const asSlice = (index: string): Slice => {
  const parsed = parseSlice(index);
  if (parsed === null) {
    throw new IndexError(
      `only integers, slices (\`:\`), ellipsis (\`...\`), None and long or byte Variables are valid indices (got "${index}")`,
    );
  }
  return parsed;
};

/** The view that the basic part of an index takes, and the index tensors left to apply to it, by its dimensions. */
function basic(self: Tensor, given: readonly Index[]): { base: Tensor; indices: (Tensor | null)[] } {
  const indices = given.map((index) => (index === undefined ? null : index));
  const used = indices.reduce<number>((n, index) => n + consumed(index), 0);
  if (used > self.ndim && (indices.length > 1 || self.ndim > 0))
    throw new IndexError(`too many indices for tensor of dimension ${self.ndim}`);
  let base = self;
  let dim = 0;
  const advanced: (Tensor | null)[] = [];
  const record = (t: Tensor): void => {
    while (advanced.length < dim) advanced.push(null);
    advanced[dim] = t;
    dim++;
  };
  // The dimension of `self` that an index stands for, which messages name.
  let own = 0;
  for (const index of indices) {
    const named = own;
    own += index === "..." ? self.ndim - used : consumed(index);
    if (typeof index === "number" || typeof index === "bigint") base = selectAt(base, dim, Number(index), named);
    else if (index === "...") dim += self.ndim - used;
    else if (typeof index === "string") base = sliceAt(base, dim++, asSlice(index));
    else if (index instanceof Slice) base = sliceAt(base, dim++, index);
    else if (index === null) base = unsqueeze(base, dim++);
    else if (typeof index === "boolean") {
      base = unsqueeze(base, dim);
      record(tensor(index ? [0n] : [], { dtype: "int64", device: base.device }));
    } else {
      const t = index instanceof Tensor ? index : toIndexTensor(index as IndexArray, base);
      if (t.ndim === 0 && isIntegral(t.dtype)) {
        if (isMask(t)) {
          base = unsqueeze(base, dim);
          record(tensor(t.item() ? [0n] : [], { dtype: "int64", device: base.device }));
        } else base = selectAt(base, dim, Number(t.item()), named);
      } else record(t);
    }
  }
  return { base, indices: advanced };
}

/** Whether some index tensor is left to apply. */
const isAdvanced = (indices: readonly (Tensor | null)[]): boolean => indices.some((t) => t !== null);

/**
 * What `self[indices]` is in PyTorch. Integers, slices, `"..."` and null give a view; index arrays, masks and tensors a copy.
 *
 * ```ts
 * x.at(0)  x.at(":", -1)  x.at("1:3", "::2")  x.at("...", null)  x.at([0, 2])  x.at(x.gt(0))  x.at(slice(i, i + 4))
 * ```
 * @throws {IndexError} in PyTorch's words @see torch.Tensor.__getitem__
 */
export function at(self: Tensor, ...indices: Index[]): Tensor {
  if (indices.length === 1 && typeof indices[0] === "number" && self.ndim > 0) return selectAt(self, 0, indices[0]);
  const { base, indices: advanced } = basic(self, indices);
  if (isAdvanced(advanced)) return run(indexOp, [base, ...expandMasks(base, advanced)], undefined);
  return base === self ? alias(self) : base;
}

/** `value` without leading dimensions of size 1, as PyTorch fits it to what is assigned to. */
function withoutLeadingOnes(value: Tensor): Tensor {
  let lead = 0;
  while (lead < value.ndim && value.shape[lead] === 1) lead++;
  return lead === 0 ? value : value.reshape(value.shape.slice(lead));
}

/**
 * What `self[indices] = value` does in PyTorch: writes a number or a tensor, which broadcasts, where `at(...indices)` reads.
 * Views cast what they are assigned; index arrays and masks want the same dtype.
 * @throws {IndexError} @throws {ShapeError} @throws {DTypeError} in PyTorch's words @see torch.Tensor.__setitem__
 */
export function setAt(self: Tensor, indices: readonly Index[] | Index, value: Tensor | Scalar): void {
  const { base, indices: advanced } = basic(self, (Array.isArray(indices) ? indices : [indices]) as readonly Index[]);
  if (isAdvanced(advanced)) {
    const values = isScalar(value) ? scalarOf(value, self.dtype).to(self.device) : value;
    runInto(indexPutOp, base, [base, withoutLeadingOnes(values), ...expandMasks(base, advanced)], false);
  } else if (isScalar(value)) base.fill_(value);
  else if (value.ndim === 0) base.copy_(value);
  else base.copy_(expandIfNeeded(sameShape(value.shape, base.shape) ? value : withoutLeadingOnes(value), base.shape));
}
