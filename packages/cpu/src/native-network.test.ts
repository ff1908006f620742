import type { Tensor } from "@bluedot/core";
import { allOps, type DType, emptyTensor, type Op, type TensorSpec } from "@bluedot/core/extend";
import { beforeAll, describe, expect, it } from "vitest";
import { check, compare, has, names, native, randomShape } from "./native-comparison.ts";
import { difference, randomTensor, repeated, Source } from "./random-tensors.ts";

describe.skipIf(!native)("native kernels against the reference: layers, losses and optimizers", () => {
  beforeAll(() => expect(native).toBe(true));

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
        compare("convolutionWeightGrad", [wide, up], { ...params, weightShape: w.shape }, 20 + up.count / O);
      }
      const out = input.map((size, i) => Math.floor((size + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]!) + 1);
      const grad = randomTensor(source, [N, O, ...out], dtype, layout);
      // A sum of so many products is as uncertain as they are many.
      compare("convolutionWeightGrad", [x, grad], { ...params, weightShape: w.shape }, 20 + grad.count / O);
    }, 120);
  });

  it("convolutions of many channels with 3 x 3 kernels", () => {
    check((source) => {
      const groups = source.pick([1, 1, 2]);
      const [C, O, N] = [source.integer(48, 70), source.integer(48, 70), source.integer(1, 3)];
      const padding = [source.integer(0, 3), source.integer(0, 3)];
      const input = [source.integer(3, 20), source.integer(3, 34)];
      const params = { stride: [1, 1], padding, dilation: [1, 1], transposed: false, outputPadding: [0, 0], groups };
      const layout = { strided: false };
      const x = randomTensor(source, [N, C * groups, ...input], "float32", layout);
      const w = randomTensor(source, [O * groups, C, 3, 3], "float32", layout);
      const out = input.map((size, i) => size + 2 * padding[i]! - 2);
      const grad = randomTensor(source, [N, O * groups, ...out], "float32", layout);
      // Now and then something that is not finite, which must reach the same outputs.
      if (source.unit() < 0.3) x.elements[source.integer(0, x.count - 1)] = source.pick([Number.NaN, Number.POSITIVE_INFINITY]);
      const bias = source.unit() < 0.5 ? null : randomTensor(source, [O * groups], "float32", layout);
      const sums = 1000; // of a thousand products of up to 16
      compare("convolution", [x, w, bias], params, sums);
      compare("convolution", [grad, w, null], { ...params, transposed: true }, sums);
      compare("convolutionWeightGrad", [x, grad], { ...params, weightShape: w.shape }, sums);
    }, 12);
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
        const grad = randomTensor(source, reduction === "none" ? shape : [], dtype, layout);
        const pair = [randomTensor(source, shape, dtype, layout), randomTensor(source, shape, dtype, layout)];
        compare(`${name}Backward`, [grad, ...pair], { reduction, knee: 0.7 }, 4);
      }
      const probability = (): Tensor => randomTensor(source, shape, dtype, { strided: false, range: [0.01, 0.99] });
      compare("binaryCrossEntropy", [probability(), probability()], { reduction, knee: 1 }, 4);
      const weights = randomTensor(source, reduction === "none" ? shape : [], dtype, layout);
      compare("binaryCrossEntropyBackward", [weights, probability(), probability()], { reduction, knee: 1 }, 4);
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
  it("sums of exponentials", () => {
    check((source) => {
      const dtype = source.pick<DType>(["float32", "float64"]);
      const shape = [source.integer(1, 5), source.integer(1, 300), source.integer(1, 4)];
      const dims = source.pick([[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]]);
      const x = randomTensor(source, shape, dtype, { strided: false, special: source.unit() < 0.3 });
      compare("logsumexp", [x], { dims, keepdim: source.unit() < 0.5 }, 4);
    }, 60);
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

  it("layers of LSTM", () => {
    check((source) => {
      const dtype = source.pick<DType>(["float32", "float64"]);
      const [T, N, H] = [source.integer(1, 5), source.integer(1, 15), source.integer(1, 35)];
      const make = (...shape: number[]): Tensor => randomTensor(source, shape, dtype, { strided: false, range: [-1, 1] });
      const params = { reverse: source.unit() < 0.5 };
      const inputs = [make(T, N, 4 * H), make(4 * H, H), source.unit() < 0.5 ? null : make(4 * H), make(N, H), make(N, H)] as const;
      compare("lstmLayer", inputs, params, 20);
      const op = allOps().get("lstmLayer") as Op;
      const [out, , kept, cells] = (op.infer(inputs, params) as TensorSpec[]).map((spec) => emptyTensor(spec.shape, spec.dtype));
      op.reference!(inputs, [out!, emptyTensor([N, H], dtype), kept!, cells!], params);
      const [, weight, , hidden, cell] = inputs;
      const grads = [source.unit() < 0.2 ? null : make(T, N, H), source.unit() < 0.5 ? null : make(N, H)] as const;
      compare("lstmLayerBackward", [...grads, weight, hidden, cell, out!, kept!, cells!], params, 40);
    });
  });

  it("interpolation along a dimension", () => {
    check((source) => {
      const dtype = source.pick<DType>(["float32", "float64"]);
      const [inputSize, outputSize, taps] = [source.integer(1, 20), source.integer(1, 20), source.integer(1, 4)];
      const dim = source.integer(0, 2);
      const places = Int32Array.from({ length: outputSize * taps }, () => source.integer(0, inputSize - 1));
      const weights = Float64Array.from(places, () => (source.unit() < 0.2 ? 0 : source.unit()));
      const params = { dim, inputSize, outputSize, taps, places, weights };
      const make = (size: number): Tensor => randomTensor(source, [3, 5, source.integer(1, 30)].with(dim, size), dtype, { strided: false });
      compare("resample", [make(inputSize)], { ...params, transposed: false }, 10);
      compare("resample", [make(outputSize)], { ...params, transposed: true }, 10);
    });
  });

  it("attention", () => {
    check((source) => {
      const dtype = source.pick<DType>(["float32", "float64"]);
      const [B, H, L, S] = [source.integer(1, 3), source.integer(1, 3), source.integer(1, 30), source.integer(1, 30)];
      const [E, V] = [source.integer(1, 20), source.integer(1, 20)];
      const sequenceFirst = source.unit() < 0.5;
      const params = { scale: source.unit(), causal: source.unit() < 0.4, sequenceFirst };
      const make = (n: number, size: number): Tensor =>
        randomTensor(source, sequenceFirst ? [n, B, H, size] : [B, H, n, size], dtype, { range: [-1, 1] });
      const mask = source.unit() < 0.5 ? null : repeated(randomTensor(source, [source.pick([1, B]), 1, L, S], dtype), [B, H, L, S]);
      const inputs = [make(L, E), make(S, E), make(S, V), mask] as const;
      compare("scaledDotProductAttention", inputs, params, 10);
      compare("scaledDotProductAttentionBackward", [make(L, V), ...inputs], params, 20);
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
});
