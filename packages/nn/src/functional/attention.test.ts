import { gradcheck, gradgradcheck } from "@bluedot/autograd";
import { arange, ones, randn, type Tensor, tensor, zeros } from "@bluedot/core";
import { expect, test } from "vitest";
import { MultiheadAttention } from "../modules/multihead-attention.ts";
import { scaledDotProductAttention } from "./attention.ts";

const close = (actual: Tensor, expected: Tensor, digits = 6): void => {
  expect(actual.shape).toEqual(expected.shape);
  expect(Number(actual.sub(expected).abs().max().item())).toBeLessThan(10 ** -digits);
};

test("attention with a mask, as PyTorch computes it", () => {
  const q = arange(6).reshape(1, 3, 2).div(4).requiresGrad_();
  const k = arange(8).reshape(1, 4, 2).div(-5).requiresGrad_();
  const v = arange(12).reshape(1, 4, 3).sin().requiresGrad_();
  const mask = tensor([
    [1, 0, 1, 1],
    [1, 1, 1, 0],
    [0, 1, 1, 1],
  ]).to("bool");
  const out = scaledDotProductAttention(q, k, v, mask);
  const expected = [0.0339106, 0.3630136, 0.3583635, -0.017619, 0.288801, 0.3296987, 0.0600624, -0.3103395, -0.3954167];
  close(out, tensor(expected).reshape(1, 3, 3));
  out.square().sum().backward();
  close(q.grad!, tensor([0.2936507, 0.2936507, 0.0485617, 0.0485617, 0.0853776, 0.0853775]).reshape(1, 3, 2));
  const ofKey = [0.1128643, 0.2181591, 0.1212517, 0.1103081, -0.3069503, -0.3337038, 0.0728343, 0.0052366];
  close(k.grad!, tensor(ofKey).reshape(1, 4, 2));
});

test("derivatives of one operator, with and without a causal order, and of that derivative", () => {
  const make = (...shape: number[]): Tensor => randn(...shape, { dtype: "float64" }).requiresGrad_();
  const inputs = [make(2, 2, 3, 2), make(2, 2, 3, 2), make(2, 2, 3, 4)];
  for (const isCausal of [false, true]) {
    const body = (...[q, k, v]: Tensor[]): Tensor => scaledDotProductAttention(q!, k!, v!, { isCausal });
    expect(gradcheck(body, inputs)).toBe(true);
    expect(gradgradcheck(body, inputs)).toBe(true);
  }
});

test("a module gives the same whether its weights are seen or not", () => {
  const attention = new MultiheadAttention(8, 2, { batchFirst: true });
  const x = randn(3, 5, 8).requiresGrad_();
  const keyPaddingMask = zeros(3, 5).to("bool");
  keyPaddingMask.narrow(1, 4, 1).fill_(true);
  const attnMask = ones(5, 5).triu(1).to("bool");
  const run = (needWeights: boolean): [Tensor, Tensor] => {
    x.grad = null;
    const [out] = attention.forward(x, x, x, { keyPaddingMask, attnMask, needWeights });
    out.sin().sum().backward();
    return [out.detach(), x.grad!];
  };
  const [seen, unseen] = [run(true), run(false)];
  close(unseen[0], seen[0]);
  close(unseen[1], seen[1]);
});

test("a learnt mask has a gradient", () => {
  const mask = zeros(3, 3).requiresGrad_();
  const q = randn(1, 3, 2);
  scaledDotProductAttention(q, q, q, mask).square().sum().backward();
  expect(Number(mask.grad!.abs().sum().item())).toBeGreaterThan(0);
});
