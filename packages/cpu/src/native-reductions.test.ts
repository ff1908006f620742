import type { DType } from "@bluedot/core/extend";
import { beforeAll, describe, expect, it } from "vitest";
import { check, compare, has, names, native, randomShape } from "./native-comparison.ts";
import { randomTensor, repeated } from "./random-tensors.ts";

describe.skipIf(!native)("native kernels against the reference: reductions, sorting, products", () => {
  beforeAll(() => expect(native).toBe(true));

  it.each(names("sum mean prod amax amin max min any all var std").filter(has))("%s", (name) => {
    check((source) => {
      const shape = randomShape(source);
      const dims = shape.map((_, i) => i).filter(() => source.unit() < 0.5);
      const dtype: DType = name === "any" || name === "all" ? source.pick(["bool", "uint8"]) : source.pick(["float32", "float64"]);
      if (name.length === 3 && name.startsWith("m") && dims.some((d) => shape[d] === 0)) return;
      const x =
        source.unit() < 0.3
          ? repeated(
              randomTensor(
                source,
                shape.map((n) => (source.unit() < 0.3 ? 1 : n)),
                dtype,
              ),
              shape,
            )
          : randomTensor(source, shape, dtype);
      compare(name, [x], { dims, keepdim: source.unit() < 0.5, correction: source.integer(0, 1) }, 3);
    }, 100);
  });
  it("sums in the reference's order, bit for bit", () => {
    check((source) => {
      const dtype = source.pick<DType>(["float32", "float64"]);
      const shape = randomShape(source, 5, 30000);
      const dims = shape.map((_, i) => i).filter(() => source.unit() < 0.5);
      const params = { dims, keepdim: source.unit() < 0.5 };
      compare("sum", [randomTensor(source, shape, dtype)], params, 0);
      compare("mean", [randomTensor(source, shape, dtype)], params, 0);
      const long = source.integer(1, 400000);
      compare("sum", [randomTensor(source, [long], dtype, { strided: false })], { dims: [0], keepdim: false }, 0);
    }, 40);
  });
  it("sums of many elements, of integers", () => {
    check((source) => {
      compare("sum", [randomTensor(source, [source.integer(1, 200000)], "float32", { strided: false })], { dims: [0], keepdim: false });
      compare("sum", [randomTensor(source, [source.integer(1, 3000), 3], "int64")], { dims: [0], keepdim: false });
      compare("mean", [randomTensor(source, [3, source.integer(1, 300), 70], "float32")], { dims: [1], keepdim: true });
    }, 10);
  });
  it("argmax, argmin, max and min along a dimension", () => {
    check((source) => {
      const shape = randomShape(source).map((n) => Math.max(n, 1));
      const x = randomTensor(source, shape, source.pick(["float32", "float64", "int64", "int32", "uint8"]), {
        strided: source.unit() < 0.3,
        special: true,
        range: [-2, 2],
      });
      const dim = shape.length === 0 ? 0 : source.integer(0, shape.length - 1);
      const one = shape.length === 0 ? [] : [dim];
      const dims = source.unit() < 0.2 ? shape.map((_, i) => i) : one;
      compare(source.pick(["argmax", "argmin"]), [x], { dims, keepdim: source.unit() < 0.5 });
      compare(source.pick(["maxDim", "minDim"]), [x], { dim, keepdim: source.unit() < 0.5 });
    }, 150);
  });
  it("sort and topk", () => {
    check((source) => {
      const shape = [...randomShape(source, 2), source.integer(1, 40)];
      const dim = source.integer(0, shape.length - 1);
      const x = randomTensor(source, shape, source.pick<DType>(["float32", "float64", "int64", "int32", "uint8"]), {
        special: true,
        range: [-2, 2],
      });
      compare("sort", [x], { dim, descending: source.unit() < 0.5, stable: source.unit() < 0.5 });
      compare("topk", [x], { dim, k: source.integer(0, shape[dim]!), largest: source.unit() < 0.5 });
    });
  });
  it("vectorNorm", () => {
    check((source) => {
      const shape = randomShape(source);
      const dims = shape.map((_, i) => i).filter(() => source.unit() < 0.5);
      compare("vectorNorm", [randomTensor(source, shape, "float32")], { p: source.pick([2, 1]), dims, keepdim: false }, 3);
    });
  });
  it.each(names("cumsum cumprod").filter(has))("%s", (name) => {
    check((source) => {
      const shape = [...randomShape(source, 2), source.integer(1, 9)];
      const dim = source.integer(0, shape.length - 1);
      const dtype = source.pick<DType>(["float32", "float64"]);
      compare(name, [randomTensor(source, shape, dtype)], dim, 2);
    });
  });

  it("matrix products", () => {
    check((source) => {
      const dtype = source.pick<DType>(["float32", "float64"]);
      const small = source.unit() < 0.7;
      const size = (): number => source.integer(small ? 0 : 1, small ? 20 : 150);
      const [M, N, K, B] = [size(), size(), size(), source.integer(0, 3)];
      compare("mm", [randomTensor(source, [M, K], dtype), randomTensor(source, [K, N], dtype)], undefined, 60);
      compare(
        "linear",
        [randomTensor(source, [M, K], dtype), randomTensor(source, [N, K], dtype), randomTensor(source, [N], dtype)],
        undefined,
        60,
      );
      compare("mv", [randomTensor(source, [M, K], dtype), randomTensor(source, [K], dtype)], undefined, 60);
      compare("dot", [randomTensor(source, [K], dtype), randomTensor(source, [K], dtype)], undefined, 60);
      compare("bmm", [repeated(randomTensor(source, [1, M, K], dtype), [B, M, K]), randomTensor(source, [B, K, N], dtype)], undefined, 60);
    }, 60);
  });
});
