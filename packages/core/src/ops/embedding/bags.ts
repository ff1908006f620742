import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { indexSelect } from "../indexing/index-select.ts";

type Inputs = readonly [table: Tensor, from: Tensor, to: Tensor, factors: Tensor];

/**
 * Sums of rows: row `to[i]` of the result takes `factors[i]` times row `from[i]` of `table [R, D]`; `rows` is how many rows the result has. Its
 * derivative with respect to the table is itself with `from` and `to` exchanged.
 */
export const addWeightedRowsOp: Op<Inputs, { readonly rows: number }> = defineOp<Inputs, { readonly rows: number }>({
  name: "addWeightedRows",
  gradName: "EmbeddingBagBackward0",
  infer: ([table], { rows }) => ({ shape: [rows, table.shape[1]!], dtype: table.dtype }),
  saves: { inputs: "all", readBy: [[1, 2, 3], [], [], [0, 1, 2]] },
  contiguous: true,
  backward: [
    ({ grad, inputs: [, from, to, factors], specs: [table] }) =>
      run(addWeightedRowsOp, [grad, to, from, factors], { rows: table.shape[0]! }),
    null,
    null,
    ({ grad, inputs: [table, from, to] }) =>
      indexSelect(grad, 0, to)
        .mul(indexSelect(table, 0, from))
        .sum(1),
  ],
});

/**
 * Which row of `table [R, D]` has the largest element of each column among the rows `indices` of a bag; bag b begins at `starts[b]` and ends
 * before `starts[b + 1]`. 0 for an empty bag. Not differentiable: gather by it.
 */
export const bagArgmaxOp: Op<readonly [table: Tensor, indices: Tensor, starts: Tensor], undefined> = defineOp({
  name: "bagArgmax",
  infer: ([table, , starts]) => ({ shape: [starts.shape[0]! - 1, table.shape[1]!], dtype: "int64" }),
  contiguous: true,
});
