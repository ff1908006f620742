import type { Tensor } from "@bluedot/core";
import { allOps, type DType, dtypeInfo, emptyTensor, type Op, type TensorSpec } from "@bluedot/core/extend";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { registerCpuBackend } from "./index.ts";
import { difference, type Layout, randomTensor, repeated, Source } from "./random-tensors.ts";

const native = registerCpuBackend();

/** Runs both kernels of an operator on the same inputs and compares every output. */
function compare(name: string, inputs: readonly (Tensor | null)[], params: unknown, factor = 1, prepare?: () => readonly Tensor[]): void {
  const op = allOps().get(name) as Op | undefined;
  if (op === undefined) throw new Error(`no operator ${name}`);
  if (op.cpu === op.reference) throw new Error(`${name} has no native kernel`);
  const infer = (): readonly Tensor[] => {
    const specs = op.infer(inputs, params);
    return (Array.isArray(specs) ? specs : [specs]).map((s: TensorSpec) => emptyTensor(s.shape, s.dtype));
  };
  let expected: readonly Tensor[];
  let actual: readonly Tensor[];
  try {
    expected = (prepare ?? infer)();
    op.reference!(inputs, expected, params);
  } catch (error) {
    const outputs = (prepare ?? infer)();
    expect(() => op.cpu!(inputs, outputs, params)).toThrow((error as Error).message);
    return;
  }
  actual = (prepare ?? infer)();
  op.cpu!(inputs, actual, params);
  expected.forEach((e, i) => {
    const found = difference(actual[i]!, e, factor);
    if (found !== null) {
      const operands = inputs.map((t) => (t === null ? "null" : `${t.dtype}[${t.shape}] strides [${t.strides}]`)).join(", ");
      throw new Error(`${name}(${operands}; ${JSON.stringify(params)}) output ${i}: ${found}`);
    }
  });
}

const sizes = [0, 1, 1, 2, 3, 5, 7, 8, 9, 16, 17, 33];
function randomShape(source: Source, maxDims = 4, limit = 4000): number[] {
  const shape: number[] = [];
  const ndim = source.integer(0, maxDims);
  let n = 1;
  for (let i = 0; i < ndim; i++) {
    const size = source.pick(sizes);
    if (n * Math.max(size, 1) > limit) break;
    n *= Math.max(size, 1);
    shape.push(size);
  }
  return shape;
}
/** An operand that broadcasts to `shape`: some dimensions are 1, some repeated by stride 0, some leading ones missing. */
function randomOperand(source: Source, shape: readonly number[], dtype: DType, options: Layout = {}): Tensor {
  const kind = source.integer(0, 5);
  if (kind === 0) return randomTensor(source, [], dtype, options);
  if (kind <= 2) return randomTensor(source, shape, dtype, options);
  const cut = kind === 3 ? source.integer(0, shape.length) : 0;
  const own = shape.slice(cut).map((n) => (source.unit() < 0.4 ? 1 : n));
  const t = randomTensor(source, own, dtype, options);
  return kind === 5 ? repeated(t, shape.slice(cut)) : t;
}

const floats: readonly DType[] = ["float32", "float64", "float16", "bfloat16"];
const integers: readonly DType[] = ["int8", "uint8", "int16", "int32", "int64"];
const names = (text: string): string[] => text.split(" ");
const check = (body: (source: Source) => void, numRuns = 60): void =>
  fc.assert(
    fc.property(fc.integer(), (seed) => body(new Source(seed))),
    { numRuns },
  );
const has = (name: string): boolean => allOps().has(name);

describe.skipIf(!native)("native kernels against the reference", () => {
  beforeAll(() => expect(native).toBe(true));

  const unary = names(
    "exp exp2 expm1 log log2 log10 log1p sqrt rsqrt reciprocal sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sigmoid erf erfc lgamma floor ceil trunc round frac neg abs square relu sign isnan isinf isfinite logicalNot hardsigmoid hardswish silu gelu geluTanh mish logSigmoid",
  ).filter(has);
  it.each(unary)("%s", (name) => {
    check((source) => {
      const dtype = source.pick(floats);
      // Poles of lgamma and cancellation near 1 amplify the rounding of the operand.
      compare(
        name,
        [randomTensor(source, randomShape(source), dtype, { special: name !== "lgamma" })],
        undefined,
        name === "lgamma" ? 4 : 1,
      );
    });
  });
  it.each(names("neg abs square relu sign logicalNot").filter(has))("%s of integers", (name) => {
    check((source) => compare(name, [randomTensor(source, randomShape(source), source.pick(integers))], undefined), 30);
  });

  const binary = names(
    "add sub mul div maximum minimum fmax fmin pow atan2 fmod hypot remainder eq ne lt le gt ge logicalAnd logicalOr logicalXor reluBackward sigmoidBackward tanhBackward clampMin clampMax hardsigmoidBackward hardswishBackward siluBackward geluBackward geluTanhBackward prelu floorDivide divTrunc",
  ).filter(has);
  it.each(binary)("%s", (name) => {
    check((source) => {
      const dtype = source.pick(/pow|fmod|remainder|floorDivide|divTrunc/.test(name) ? floats.slice(0, 2) : floats);
      const shape = randomShape(source);
      const special = { special: !name.endsWith("Backward") };
      compare(name, [randomOperand(source, shape, dtype, special), randomOperand(source, shape, dtype, special)], undefined);
    });
  });
  it.each(names("add sub mul maximum minimum eq ne lt le gt ge logicalAnd bitwiseAnd bitwiseOr bitwiseXor").filter(has))(
    "%s of integers",
    (name) => {
      check((source) => {
        const shape = randomShape(source);
        const dtype = source.pick(integers);
        compare(name, [randomOperand(source, shape, dtype), randomOperand(source, shape, dtype)], undefined);
      }, 40);
    },
  );

  it("where", () => {
    check((source) => {
      const shape = randomShape(source);
      const dtype = source.pick([...floats.slice(0, 2), ...integers]);
      compare(
        "where",
        [randomOperand(source, shape, "bool"), randomOperand(source, shape, dtype), randomOperand(source, shape, dtype)],
        undefined,
      );
    });
  });
  it.skipIf(!has("addcmul"))("functions of three operands", () => {
    check((source) => {
      const shape = randomShape(source);
      const dtype = source.pick(floats.slice(0, 2));
      const three = (special = false): Tensor[] => [0, 1, 2].map(() => randomOperand(source, shape, dtype, { special }));
      compare("addcmul", three(), { value: 0.7 }, 3);
      compare("addcdiv", three(), { value: 0.7 }, 3);
      compare("lerp", three(), undefined, 4);
      compare("clampTensor", three(true), undefined);
      compare("bitwiseNot", [randomTensor(source, shape, source.pick(integers))], undefined);
      compare("boolNot", [randomTensor(source, shape, "bool")], undefined);
    });
  });
  it("clamp and powScalar", () => {
    check((source) => {
      const x = randomTensor(source, randomShape(source), source.pick(floats), { special: true });
      compare("clamp", [x], { min: source.pick([-1, Number.NEGATIVE_INFINITY]), max: source.pick([0.5, Number.POSITIVE_INFINITY]) });
      compare("powScalar", [x], { exponent: source.pick([2, 3, 0.5, -0.5, -1, 0, 1, 1.7, -2]) });
    });
  });

  it("activations with parameters", () => {
    check((source) => {
      const dtype = source.pick(floats);
      const x = randomTensor(source, randomShape(source), dtype);
      const grad = randomTensor(source, x.shape, dtype);
      const both = (name: string, params: unknown, backward = `${name}Backward`): void => {
        compare(name, [x], params, 2);
        if (backward) compare(backward, [grad, x], params, 2);
      };
      both("leakyRelu", { negativeSlope: 0.1 });
      both("elu", { alpha: 1.3, scale: 1.1, inputScale: 0.9 });
      both("softplus", { beta: 1.5, threshold: 3 });
      both("threshold", { threshold: 0.5, value: -2 });
      both("hardtanh", { min: -1, max: 0.5 });
      both("hardshrink", { lambd: 0.5 }, "shrinkBackward");
      both("softshrink", { lambd: 0.5 }, "");
    });
  });

  it("writes into strided outputs", () => {
    check((source) => {
      const shape = randomShape(source);
      const seed = source.integer(1, 1e9);
      const a = randomOperand(source, shape, "float32");
      const b = randomTensor(source, shape, "float32");
      compare("add", [a, b], undefined, 1, () => [randomTensor(new Source(seed), shape, "float32")]);
    });
  });

  it("copies with casts", () => {
    const all = Object.keys(dtypeInfo).filter((d) => !d.startsWith("complex")) as DType[];
    check((source) => {
      const shape = randomShape(source);
      const to = source.pick(all);
      const seed = source.integer(1, 1e9);
      const x = randomOperand(source, shape, source.pick(all), { range: [-3, 100] });
      compare("copy", [x], undefined, 1, () => [randomTensor(new Source(seed), shape, to)]);
    }, 400);
  });
  it("cat and stack", () => {
    check((source) => {
      const shape = randomShape(source, 3, 500);
      const dtype = source.pick<DType>(["float32", "float64", "int64", "bool", "bfloat16"]);
      const layout = { strided: false };
      const count = source.integer(1, 4);
      const stacked = Array.from({ length: count }, () => randomTensor(source, shape, dtype, layout));
      compare("stack", stacked, source.integer(0, shape.length));
      if (shape.length === 0) return;
      const dim = source.integer(0, shape.length - 1);
      const joined = Array.from({ length: count }, () => randomTensor(source, shape.with(dim, source.integer(0, 4)), dtype, layout));
      compare("cat", joined, dim);
    });
  });
  it("maskedFill", () => {
    check((source) => {
      const shape = randomShape(source);
      const dtype = source.pick<DType>(["float32", "int64", "bool", "float16"]);
      compare(
        "maskedFill",
        [randomTensor(source, shape, dtype), randomOperand(source, shape, "bool"), randomTensor(source, [], dtype)],
        undefined,
      );
    });
  });
  it("transposed copies", () => {
    check((source) => {
      const x = randomTensor(source, [source.integer(1, 70), source.integer(1, 70)], source.pick(["float32", "float64", "uint8", "int16"]));
      compare("clone", [x.t()], undefined);
    });
  });
  it("fill", () => {
    check((source) => {
      const shape = randomShape(source);
      const dtype = source.pick([...floats, ...integers, "bool"] as DType[]);
      const seed = source.integer(1, 1e9);
      const target = randomTensor(new Source(seed), shape, dtype);
      compare("fill", [target], source.pick([0, 1, 7, -3.5]), 1, () => [randomTensor(new Source(seed), shape, dtype)]);
    });
  });

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

  it("convolutions", () => {
    check((source) => {
      const n = source.integer(1, 3);
      const groups = source.pick([1, 1, 1, 2, 3]);
      const dtype = source.pick<DType>(["float32", "float64"]);
      const each = (low: number, high: number): number[] => Array.from({ length: n }, () => source.integer(low, high));
      const [stride, padding, dilation, kernel] = [each(1, 3), each(0, 2), each(1, 2), each(1, 3)];
      const [C, O, N] = [groups * source.integer(1, 3), groups * source.integer(1, source.pick([4, 20])), source.integer(0, 3)];
      const input = each(1, n === 3 ? 6 : 14);
      const params = { stride, padding, dilation, transposed: false, outputPadding: each(0, 0), groups };
      const layout = { strided: false };
      if (input.some((size, i) => size + 2 * padding[i]! < dilation[i]! * (kernel[i]! - 1) + 1)) return;
      const x = randomTensor(source, [N, C, ...input], dtype, layout);
      const w = randomTensor(source, [O, C / groups, ...kernel], dtype, layout);
      const bias = source.unit() < 0.5 ? null : randomTensor(source, [O], dtype, layout);
      compare("convolution", [x, w, bias], params, 20);
      const outputPadding = stride.map((s, i) => source.integer(0, Math.max(s, dilation[i]!) - 1));
      const up = randomTensor(source, [N, O, ...input], dtype, layout);
      const upBias = source.unit() < 0.5 ? null : randomTensor(source, [C], dtype, layout);
      const bare = input.map(
        (size, i) => (size - 1) * stride[i]! - 2 * padding[i]! + dilation[i]! * (kernel[i]! - 1) + 1 + outputPadding[i]!,
      );
      if (bare.every((size) => size > 0)) {
        compare("convolution", [up, w, upBias], { ...params, transposed: true, outputPadding }, 20);
        // The gradients of a transposed convolution, whose wide side may be wider than its taps reach.
        const wide = randomTensor(source, [N, C, ...bare], dtype, layout);
        compare("convolution", [wide, w, null], params, 20);
        compare("convolutionWeightGrad", [wide, up], { ...params, weightShape: w.shape }, 20);
      }
      const out = input.map((size, i) => Math.floor((size + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]!) + 1);
      const grad = randomTensor(source, [N, O, ...out], dtype, layout);
      compare("convolutionWeightGrad", [x, grad], { ...params, weightShape: w.shape }, 20);
    }, 120);
  });

  it("pooling", () => {
    check((source) => {
      const n = source.integer(1, 3);
      const dtype = source.pick<DType>(["float32", "float64"]);
      const each = (low: number, high: number): number[] => Array.from({ length: n }, () => source.integer(low, high));
      const kernelSize = each(1, 3);
      const two = source.unit() < 0.3;
      const window = {
        kernelSize: two ? each(2, 2) : kernelSize,
        stride: two ? each(2, 2) : each(1, 3),
        padding: two ? each(0, 0) : kernelSize.map((k) => source.integer(0, Math.floor(k / 2))),
        dilation: two ? each(1, 1) : each(1, 2),
        ceilMode: source.unit() < 0.3,
      };
      const input = each(5, n === 3 ? 7 : 13);
      const x = randomTensor(source, [source.integer(1, 2), source.integer(1, 3), ...input], dtype, {
        strided: false,
        special: true,
        range: [-2, 2],
      });
      const op = allOps().get("maxPool") as Op;
      let shape: readonly number[];
      try {
        shape = (op.infer([x], window) as readonly TensorSpec[])[0]!.shape;
      } catch {
        return;
      }
      compare("maxPool", [x], window);
      const y = emptyTensor(shape, dtype);
      const places = emptyTensor(shape, "int64");
      op.reference!([x], [y, places], window);
      const grad = randomTensor(source, shape, dtype, { strided: false });
      compare("maxPoolBackward", [grad, places], x.shape);
      const plain = randomTensor(source, x.shape, dtype, { strided: false });
      const average = {
        ...window,
        dilation: each(1, 1),
        countIncludePad: source.unit() < 0.5,
        divisorOverride: source.unit() < 0.2 ? 3 : null,
      };
      compare("avgPool", [plain], average, 3);
      const narrow = ((allOps().get("avgPool") as Op).infer([plain], average) as TensorSpec).shape;
      compare("avgPoolBackward", [randomTensor(source, narrow, dtype, { strided: false })], { ...average, shape: plain.shape }, 3);
      const parts = each(1, 4);
      compare("adaptiveAvgPool", [plain], parts, 3);
      compare(
        "adaptiveAvgPoolBackward",
        [randomTensor(source, [...plain.shape.slice(0, 2), ...parts], dtype, { strided: false })],
        plain.shape,
        3,
      );
      compare("adaptiveMaxPool", [plain], parts);
    }, 120);
  });

  it("losses of pairs and of classes", () => {
    check((source) => {
      const dtype = source.pick<DType>(["float32", "float64"]);
      const layout = { strided: false };
      const reduction = source.pick(["mean", "sum", "none"]);
      const shape = randomShape(source);
      for (const name of ["mseLoss", "smoothL1Loss", "huberLoss", "softMarginLoss", "binaryCrossEntropyWithLogits"]) {
        compare(
          name,
          [randomTensor(source, shape, dtype, layout), randomTensor(source, shape, dtype, layout)],
          { reduction, knee: 0.7 },
          4,
        );
      }
      const C = source.integer(1, 5);
      const places = randomShape(source, 2, 40);
      const single = places.length === 0 && source.unit() < 0.5;
      const input = single ? [C] : [source.integer(0, 4), C, ...places];
      const targets = single ? [] : [input[0]!, ...places];
      const target = randomTensor(source, targets, "int64", { strided: false, range: [0, source.unit() < 0.1 ? C : C - 1] });
      const weight = source.unit() < 0.5 ? null : randomTensor(source, [C], dtype, { strided: false, range: [0.5, 1] });
      const params = { reduction, ignoreIndex: source.pick([-100, 0]), shape: input };
      compare("nllLoss", [randomTensor(source, input, dtype, layout), target, weight], params, 4);
      const grad = randomTensor(source, reduction === "none" ? targets : [], dtype, layout);
      compare("nllLossBackward", [grad, target, weight, randomTensor(source, [], dtype, { strided: false, range: [1, 9] })], params, 4);
    });
  });
  it("cross-entropy", () => {
    check((source) => {
      const [N, C] = [source.integer(1, 9), source.integer(1, 40)];
      const dtype = source.pick<DType>(["float32", "float64"]);
      const params = { reduction: source.pick(["mean", "sum", "none"]), ignoreIndex: source.pick([-100, 0]) };
      const layout = { strided: false, range: [-9, 9] as const };
      const target = randomTensor(source, [N], "int64", { strided: false, range: [0, source.unit() < 0.1 ? C : C - 1] });
      compare("crossEntropy", [randomTensor(source, [N, C], dtype, layout), target], params, 3);
      const grad = randomTensor(source, params.reduction === "none" ? [N] : [], dtype, layout);
      const logs = randomTensor(source, [N, C], dtype, { strided: false, range: [-6, 0] });
      compare("crossEntropyBackward", [grad, logs, target, randomTensor(source, [], dtype, { strided: false, range: [1, N] })], params, 3);
    });
  });
  it.each(names("softmax logSoftmax").filter(has))("%s and its derivative", (name) => {
    check((source) => {
      const shape = randomShape(source);
      if (shape.length === 0) return;
      const dim = source.integer(0, shape.length - 1);
      const dtype = source.pick<DType>(["float32", "float64"]);
      const x = randomTensor(source, shape, dtype, { strided: false, range: [-9, 9] });
      const op = allOps().get(name) as Op;
      compare(name, [x], dim, 3);
      const y = emptyTensor(shape, dtype);
      op.reference!([x], [y], dim);
      compare(`${name}Backward`, [randomTensor(source, shape, dtype, { strided: false }), y], dim, 10);
    });
  });

  it("normalisation", () => {
    check((source) => {
      const dtype = source.pick<DType>(["float32", "float64"]);
      const groups = source.integer(1, 3);
      const C = groups * source.integer(1, 4);
      const places = Array.from({ length: source.integer(0, 2) }, () => source.integer(1, 7));
      const shape = [source.integer(2, 6), C, ...places];
      const layout = { strided: false };
      const x = randomTensor(source, shape, dtype, layout);
      const grad = randomTensor(source, shape, dtype, layout);
      const affine = (sizes: readonly number[]): (Tensor | null)[] => {
        const weight = source.unit() < 0.3 ? null : randomTensor(source, sizes, dtype, layout);
        return [weight, weight === null || source.unit() < 0.3 ? null : randomTensor(source, sizes, dtype, layout)];
      };
      const both = (name: string, sizes: readonly number[], params: object): void => {
        const [weight, bias] = affine(sizes) as [Tensor | null, Tensor | null];
        compare(name, [x, weight, bias], params, 40);
        const op = allOps().get(name) as Op;
        const outputs = (op.infer([x, weight, bias], params) as readonly TensorSpec[]).map((s) => emptyTensor(s.shape, s.dtype));
        op.reference!([x, weight, bias], outputs, params);
        compare(`${name}Backward`, [grad, x, weight, outputs[1]!, outputs[2]!], params, 40);
      };
      const ndim = source.integer(1, shape.length - 1);
      both("layerNorm", shape.slice(shape.length - ndim), { eps: 1e-3, ndim });
      both("groupNorm", [C], { eps: 1e-3, groups });
      both("batchNorm", [C], { eps: 1e-3, momentum: 0.1, runningMean: null, runningVar: null });
    }, 80);
  });
  it("running statistics of batch norm", () => {
    check((source) => {
      const C = source.integer(1, 5);
      const layout = { strided: false };
      const x = randomTensor(source, [4, C, 3], "float32", layout);
      const seed = source.integer(1, 1e9);
      const op = allOps().get("batchNorm") as Op;
      const results = [op.reference!, op.cpu!].map((run) => {
        const again = new Source(seed);
        const [runningMean, runningVar] = [randomTensor(again, [C], "float32", layout), randomTensor(again, [C], "float32", layout)];
        const params = { eps: 1e-5, momentum: 0.3, runningMean, runningVar };
        const outputs = (op.infer([x, null, null], params) as readonly TensorSpec[]).map((s) => emptyTensor(s.shape, s.dtype));
        run([x, null, null], outputs, params);
        return [runningMean, runningVar];
      });
      expect(difference(results[1]![0]!, results[0]![0]!)).toBeNull();
      expect(difference(results[1]![1]!, results[0]![1]!, 3)).toBeNull();
    }, 20);
  });

  it.skipIf(!has("lstmCell"))("recurrent cells", () => {
    check((source) => {
      const dtype = source.pick<DType>(["float32", "float64"]);
      const [N, H] = [source.integer(1, 5), source.integer(1, 40)];
      const make = (width: number, low = -3): Tensor => randomTensor(source, [N, width], dtype, { strided: false, range: [low, 3] });
      const optional = (): Tensor | null => (source.unit() < 0.3 ? null : make(H));
      compare("lstmCell", [make(4 * H), make(4 * H), make(H)], undefined, 3);
      compare("lstmCellBackward", [optional(), optional(), make(H), make(H), make(4 * H)], undefined, 30);
      compare("gruCell", [make(3 * H), make(3 * H), make(H)], undefined, 3);
      compare("gruCellBackward", [make(H), make(H), make(4 * H)], undefined, 30);
    });
  });
  it("optimizer steps", () => {
    check((source) => {
      const dtype = source.pick<DType>(["float32", "float64"]);
      const shapes = Array.from({ length: source.integer(1, 4) }, () => randomShape(source));
      const flag = (): boolean => source.unit() < 0.5;
      const gradients = shapes.map((s) => randomTensor(source, s, dtype, { strided: false }));
      const seed = source.integer(1, 1e9);
      const lists = (states: number) => () => {
        const again = new Source(seed);
        return Array.from({ length: 1 + states }, (_, k) =>
          shapes.map((s) => randomTensor(again, s, dtype, { strided: false, range: k === 0 ? [-1, 1] : [0.5, 1] })),
        ).flat();
      };
      const momentum = source.pick([0, 0.9]);
      compare(
        "sgdStep",
        gradients,
        {
          lr: 0.1,
          momentum,
          dampening: source.pick([0, 0.3]),
          weightDecay: source.pick([0, 0.1]),
          nesterov: flag(),
          maximize: flag(),
          first: flag(),
        },
        3,
        lists(momentum === 0 ? 0 : 1),
      );
      const amsgrad = flag();
      compare(
        "adamStep",
        gradients,
        {
          lr: 0.01,
          beta1: 0.9,
          beta2: 0.99,
          eps: 1e-8,
          weightDecay: source.pick([0, 0.1]),
          decoupled: flag(),
          amsgrad,
          maximize: flag(),
          step: source.integer(1, 9),
        },
        3,
        lists(amsgrad ? 3 : 2),
      );
      const centered = false;
      compare(
        "rmspropStep",
        gradients,
        { lr: 0.01, alpha: 0.9, eps: 1e-8, weightDecay: source.pick([0, 0.1]), momentum, centered, maximize: flag() },
        3,
        lists(1 + (momentum > 0 ? 1 : 0)),
      );
    });
  });

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
