import { allOps, type DType, emptyTensor, type Op, type TensorSpec } from "@bluedot/core/extend";
import { beforeAll, describe, expect, it } from "vitest";
import { check, compare, native, randomShape } from "./native-comparison.ts";
import { randomTensor } from "./random-tensors.ts";

describe.skipIf(!native)("native kernels against the reference: indexing", () => {
  beforeAll(() => expect(native).toBe(true));

  it("gather and scatter", () => {
    check((source) => {
      const shape = randomShape(source, 3, 500).map((n) => Math.max(n, 1));
      if (shape.length === 0) return;
      const dim = source.integer(0, shape.length - 1);
      const dtype = source.pick<DType>(["float32", "float64", "int64", "uint8", "int16"]);
      const indexShape = shape.map((n, i) => (i === dim ? source.integer(1, 6) : source.integer(1, n)));
      const wrong = source.unit() < 0.1 ? 1 : 0;
      const index = randomTensor(source, indexShape, "int64", { strided: false, range: [0, shape[dim]! - 1 + wrong] });
      const layout = { strided: false };
      const self = randomTensor(source, shape, dtype, layout);
      compare("gather", [self, index], dim);
      const src = randomTensor(
        source,
        indexShape.map((n) => n + source.integer(0, 2)),
        dtype,
        layout,
      );
      compare("scatter", [self, index, src], dim);
      compare("scatterValue", [self, index, randomTensor(source, [], dtype, layout)], dim);
      if (dtype === "float32" || dtype === "int64") compare("scatterAdd", [self, index, src], dim, 10);
    }, 150);
  });
  it("indexSelect, indexAdd and indexCopy", () => {
    check((source) => {
      const shape = randomShape(source, 3, 500).map((n) => Math.max(n, 1));
      if (shape.length === 0) return;
      const dim = source.integer(0, shape.length - 1);
      const dtype = source.pick<DType>(["float32", "float64", "int64"]);
      const n = source.integer(1, 6);
      const index = randomTensor(source, [n], "int64", { strided: false, range: [0, shape[dim]! - (source.unit() < 0.1 ? 0 : 1)] });
      const self = randomTensor(source, shape, dtype, { strided: source.unit() < 0.2 });
      compare("indexSelect", [self, index], dim);
      const slices = randomTensor(source, shape.with(dim, n), dtype, { strided: source.unit() < 0.2 });
      compare("indexAdd", [self, index, slices], dim, 10);
      compare("indexCopy", [self, index, slices], dim);
    }, 100);
  });
  it("embedding", () => {
    check((source) => {
      const [V, D] = [source.integer(1, 9), source.integer(1, 40)];
      const layout = { strided: false };
      const index = randomTensor(source, randomShape(source, 2, 30), "int64", {
        strided: false,
        range: [0, V - 1 + (source.unit() < 0.1 ? 1 : 0)],
      });
      compare("embedding", [randomTensor(source, [V, D], "float32", layout), index], { paddingIdx: -1, scaleGradByFreq: false });
      const params = { paddingIdx: source.integer(-1, V - 1), scaleGradByFreq: source.unit() < 0.5, rows: V };
      compare("embeddingBackward", [randomTensor(source, [...index.shape, D], "float32", layout), index], params, 5);
    });
  });
  it("bags of rows", () => {
    check((source) => {
      const [R, D, rows, n] = [source.integer(1, 9), source.integer(1, 40), source.integer(1, 5), source.integer(1, 30)];
      const layout = { strided: false };
      const dtype = source.pick<DType>(["float32", "float64"]);
      const table = randomTensor(source, [R, D], dtype, layout);
      const wrong = source.unit() < 0.1 ? 1 : 0;
      const from = randomTensor(source, [n], "int64", { strided: false, range: [0, R - 1 + wrong] });
      const to = randomTensor(source, [n], "int64", { strided: false, range: [0, rows - 1] });
      compare("addWeightedRows", [table, from, to, randomTensor(source, [n], dtype, layout)], { rows }, 10);
      const middle = source.integer(0, n);
      const starts = randomTensor(source, [3], "int64", layout);
      (starts.elements as BigInt64Array).set([0n, BigInt(middle), BigInt(n)]);
      compare("bagArgmax", [table, from, starts], undefined);
    });
  });
  it("advanced indexing", () => {
    check((source) => {
      const shape = randomShape(source, 4, 2000).map((n) => Math.max(n, 1));
      if (shape.length === 0) return;
      const layout = { strided: false };
      const self = randomTensor(source, shape, source.pick<DType>(["float32", "float64", "int64", "uint8"]), layout);
      const first = source.integer(0, shape.length - 1);
      const many = source.integer(1, shape.length - first);
      const picked = randomShape(source, 2, 20);
      const wrong = source.unit() < 0.05 ? 1 : 0;
      const indices = shape.slice(0, first + many).map((n, d) => {
        if (d < first) return null;
        return randomTensor(source, source.unit() < 0.2 ? [1] : picked, "int64", { strided: false, range: [-n, n - 1 + wrong] });
      });
      compare("index", [self, ...indices], undefined);
      if (wrong) return;
      const op = allOps().get("index") as Op;
      const result = (op.infer([self, ...indices], undefined) as TensorSpec).shape;
      const values = randomTensor(source, source.unit() < 0.3 ? [] : result, self.dtype, layout);
      compare("indexPut", [self, values, ...indices], source.unit() < 0.5, 10);
    }, 150);
  });
  it("positions of what is not zero", () => {
    check((source) => {
      const mask = randomTensor(source, randomShape(source), "bool", { strided: source.unit() < 0.2 });
      compare("countNonzero", [mask], undefined);
      const count = emptyTensor([], "int64");
      (allOps().get("countNonzero") as Op).reference!([mask], [count], undefined);
      compare("nonzero", [mask], Number(count.item()));
    });
  });
});
