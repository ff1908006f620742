import "@bluedot/autograd";
import { beforeEach, expect, test } from "vitest";
import { distributions, manualSeed, type Tensor, tensor } from "../index.ts";

// Expected gradients are PyTorch's after the same seed.

beforeEach(() => {
  manualSeed(3);
});

const close = (actual: Tensor | null, expected: readonly number[]): void => {
  const values = actual!.tolist() as number[];
  expected.forEach((e, i) => expect(values[i]! / e).toBeCloseTo(1, 3));
};

test("gradients reach the parameters of gamma numbers", () => {
  const a = tensor([0.3, 1, 20], { requiresGrad: true });
  const b = tensor([1, 2, 3], { requiresGrad: true });
  new distributions.Gamma(a, b).rsample().sum().backward();
  close(a.grad, [2.10569, 0.99264, 0.313803]);
  close(b.grad, [-0.560071, -0.796365, -1.93996]);
});

test("gradients reach the parameters of Dirichlet points", () => {
  const c = tensor([0.3, 1, 20], { requiresGrad: true });
  manualSeed(3);
  new distributions.Dirichlet(c)
    .rsample()
    .mul(tensor([1, 2, 3]))
    .sum()
    .backward();
  close(c.grad, [-0.180894, -0.075951, 0.0091378]);
});

test("samples carry no gradient", () => {
  const loc = tensor([0, 1], { requiresGrad: true });
  const normal = new distributions.Normal(loc, 1);
  expect(normal.sample().requiresGrad).toBe(false);
  expect(normal.rsample().requiresGrad).toBe(true);
});

test("gradients of log probabilities of normal vectors: the inverse covariance times the distance", () => {
  const loc = tensor([0, 0], { requiresGrad: true });
  new distributions.MultivariateNormal(
    loc,
    tensor([
      [2, 0],
      [0, 4],
    ]),
  )
    .logProb(tensor([1, 1]))
    .backward();
  close(loc.grad, [0.5, 0.25]);
});
