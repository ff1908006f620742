import type { Tensor } from "@bluedot/core";
import { type DType, dtypeInfo } from "@bluedot/core/extend";
import { beforeAll, describe, expect, it } from "vitest";
import { check, compare, floats, has, integers, names, native, randomOperand, randomShape } from "./native-comparison.ts";
import { randomTensor, Source } from "./random-tensors.ts";

describe.skipIf(!native)("native kernels against the reference: elementwise and copies", () => {
  beforeAll(() => expect(native).toBe(true));

  const unary = names(
    "exp exp2 expm1 log log2 log10 log1p sqrt rsqrt reciprocal sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sigmoid erf erfc lgamma floor ceil trunc round frac neg abs square relu sign isnan isinf isfinite logicalNot hardsigmoid hardswish silu gelu geluTanh mish logSigmoid sgn sinc",
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
    "add sub mul div maximum minimum fmax fmin pow atan2 fmod hypot remainder eq ne lt le gt ge logicalAnd logicalOr logicalXor reluBackward sigmoidBackward tanhBackward clampMin clampMax hardsigmoidBackward hardswishBackward siluBackward geluBackward geluTanhBackward prelu floorDivide divTrunc xlogy logaddexp copysign heaviside",
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

  it("nanToNum, logit and erfinv", () => {
    check((source) => {
      const dtype = source.pick(floats);
      compare("nanToNum", [randomTensor(source, randomShape(source), dtype, { special: true })], { nan: 1, posinf: 3, neginf: -2 });
      const x = randomTensor(source, randomShape(source), dtype, { range: [0, 1] });
      compare("logit", [x], { eps: source.pick([-1, 0.25]) }, 4);
      compare("erfinv", [randomTensor(source, randomShape(source), dtype, { range: [-1, 1] })], undefined, 2);
    });
  });

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
});
