import { beforeEach, describe, expect, test } from "vitest";
import { distributions, manualSeed, type Tensor, tensor } from "../index.ts";

const {
  Bernoulli,
  Beta,
  Binomial,
  Categorical,
  Cauchy,
  Dirichlet,
  Exponential,
  Gamma,
  Geometric,
  Gumbel,
  Independent,
  klDivergence,
  LogNormal,
  MixtureSameFamily,
  Multinomial,
  MultivariateNormal,
  Normal,
  OneHotCategorical,
  Poisson,
  StudentT,
  TransformedDistribution,
  Uniform,
  TanhTransform,
  AffineTransform,
  ComposeTransform,
  StickBreakingTransform,
} = distributions;

const close = (actual: Tensor, expected: number | readonly unknown[], digits = 4): void => {
  const flat = (x: unknown): number[] => (Array.isArray(x) ? x.flatMap(flat) : [Number(x)]);
  const [a, b] = [flat(actual.tolist()), flat(expected)];
  expect(a.length).toBe(b.length);
  a.forEach((value, i) => {
    if (Number.isFinite(b[i]!)) expect(value).toBeCloseTo(b[i]!, digits);
    else expect(value).toBe(b[i]);
  });
};

beforeEach(() => {
  manualSeed(7);
});

describe("log probabilities", () => {
  test("normal: -x^2 / 2 - log(sqrt(2 pi))", () => {
    close(new Normal(0, 1).logProb(tensor([0, 1])), [-0.91894, -1.41894]);
  });
  test("counts", () => {
    // 10! / (3! 7!) / 2^10
    close(new Binomial(10, 0.5).logProb(tensor(3)).exp(), 120 / 1024);
    close(new Poisson(2).logProb(tensor(3)).exp(), (8 / 6) * Math.exp(-2));
    close(new Geometric(0.25).logProb(tensor(2)).exp(), 0.75 * 0.75 * 0.25);
    close(new Multinomial(3, tensor([0.5, 0.25, 0.25])).logProb(tensor([1, 1, 1])).exp(), 6 / 32);
  });
  test("categorical ones normalize what they are given", () => {
    const byWeight = new Categorical(tensor([1, 3]));
    close(byWeight.logProb(tensor([0n, 1n])).exp(), [0.25, 0.75]);
    close(new Categorical({ logits: tensor([0, Math.log(3)]) }).probs, [0.25, 0.75]);
    close(new OneHotCategorical(tensor([1, 3])).logProb(tensor([0, 1])).exp(), 0.75);
  });
  test("beta and Dirichlet: 6 x (1 - x)", () => {
    close(new Beta(2, 2).logProb(tensor(0.5)).exp(), 1.5);
    close(new Dirichlet(tensor([2, 2])).logProb(tensor([0.5, 0.5])).exp(), 1.5);
  });
  test("transformed ones change volume", () => {
    // d tanh(x) / dx = 1 - y^2
    const squashed = new TransformedDistribution(new Normal(0, 1), new TanhTransform());
    const y = Math.tanh(0.5);
    close(squashed.logProb(tensor(y)).exp(), Math.exp(-0.125) / Math.sqrt(2 * Math.PI) / (1 - y * y));
    close(new LogNormal(0, 1).logProb(tensor(1)), -0.91894);
  });
  test("vectors of normals: the distance in the metric of the covariance", () => {
    const d = new MultivariateNormal(
      tensor([0, 0]),
      tensor([
        [2, 1],
        [1, 2],
      ]),
    );
    // det 3, and (1, 1) has squared length 2/3.
    close(d.logProb(tensor([1, 1])), -Math.log(2 * Math.PI) - Math.log(3) / 2 - 1 / 3);
    close(d.precisionMatrix, [
      [2 / 3, -1 / 3],
      [-1 / 3, 2 / 3],
    ]);
    close(new MultivariateNormal(tensor([0, 0]), { precisionMatrix: d.precisionMatrix }).covarianceMatrix, [
      [2, 1],
      [1, 2],
    ]);
  });
});

describe("draws are PyTorch's after the same seed", () => {
  test.each([
    [() => new Normal(tensor([0, 1]), tensor([1, 2])), "tensor([[-0.1468,  2.5723],\n        [ 0.9468, -1.2287]])"],
    [() => new Gamma(tensor([0.5, 2]), tensor([1, 3])), "tensor([[0.4549, 1.9062],\n        [0.0212, 1.2725]])"],
    [() => new Beta(tensor([0.5, 2]), tensor([1, 3])), "tensor([[0.1042, 0.5804],\n        [0.1027, 0.3119]])"],
    [() => new Gumbel(tensor([0, 1]), tensor([1, 0.5])), "tensor([[0.4690, 0.7602],\n        [0.8754, 1.4335]])"],
    [() => new StudentT(tensor([1, 3])), "tensor([[-1.0224,  1.2894],\n        [ 2.2386, -1.1897]])"],
    [() => new Cauchy(tensor([0, 1]), tensor([1, 2])), "tensor([[-0.8306, -0.7224],\n        [ 2.1619,  2.0726]])"],
    [() => new Exponential(tensor([0.5, 2])), "tensor([[0.6553, 0.1599],\n        [3.9624, 0.5346]])"],
    [() => new Bernoulli(tensor([0.3, 0.9])), "tensor([[0., 1.],\n        [0., 1.]])"],
    [() => new Multinomial(5, tensor([1, 2, 3])), "tensor([[0., 2., 3.],\n        [0., 1., 4.]])"],
  ] as const)("%#", (make, expected) => {
    expect(String(make().sample([2]))).toBe(expected);
  });
});

describe("shapes", () => {
  test("sample shape, batch, event", () => {
    const d = new Independent(
      new Normal(
        tensor([
          [0, 0, 0],
          [1, 1, 1],
        ]),
        1,
      ),
      1,
    );
    expect([d.batchShape, d.eventShape]).toEqual([[2], [3]]);
    expect(d.sample([4]).shape).toEqual([4, 2, 3]);
    expect(d.logProb(d.sample([4])).shape).toEqual([4, 2]);
    expect(new Normal(0, 1).expand([2, 3]).sample().shape).toEqual([2, 3]);
  });
  test("values of a discrete distribution", () => {
    expect(new Bernoulli(tensor([0.1, 0.2])).enumerateSupport().tolist()).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(new Categorical(tensor([1, 1, 1])).enumerateSupport({ expand: false }).tolist()).toEqual([0, 1, 2]);
  });
});

describe("moments and entropy", () => {
  test("mean, variance, entropy", () => {
    close(new Uniform(0, 2).variance, 1 / 3);
    close(new Gamma(4, 2).mean, 2);
    close(new Bernoulli(0.5).entropy(), Math.LN2);
    const mixture = new MixtureSameFamily(new Categorical(tensor([1, 1])), new Normal(tensor([0, 2]), tensor([1, 1])));
    // Within: 1; between: 1.
    close(mixture.mean, 1);
    close(mixture.variance, 2);
  });
  test("cumulative probabilities and their inverses", () => {
    const d = new Normal(1, 2);
    close(d.cdf(tensor(1)), 0.5);
    close(d.icdf(d.cdf(tensor([-1, 0.5, 4]))), [-1, 0.5, 4], 3);
  });
});

describe("divergences", () => {
  test("of one family, across families, infinite", () => {
    close(klDivergence(new Normal(0, 1), new Normal(1, 1)), 0.5);
    close(klDivergence(new Bernoulli(0.5), new Bernoulli(0.25)), 0.5 * Math.log(2) + 0.5 * Math.log(2 / 3));
    close(klDivergence(new Normal(0, 1), new Exponential(1)), Number.POSITIVE_INFINITY);
    close(klDivergence(new Categorical(tensor([1, 1])), new Categorical(tensor([1, 0]))), Number.POSITIVE_INFINITY);
    close(klDivergence(new LogNormal(0, 1), new LogNormal(1, 1)), 0.5);
  });
  test("none known", () => {
    expect(() => klDivergence(new Normal(0, 1), new Poisson(1))).toThrow(
      "No KL(p || q) is implemented for p type Normal and q type Poisson",
    );
  });
});

describe("checks", () => {
  test("parameters", () => {
    expect(() => new Normal(0, -1)).toThrow(
      "Expected parameter scale (Tensor of shape ()) of distribution Normal(loc: 0.0, scale: -1.0) to satisfy the constraint GreaterThan(lower_bound=0.0), but found invalid values:\n-1.0",
    );
    expect(() => new Bernoulli()).toThrow("Either `probs` or `logits` must be specified, but not both.");
    expect(() => new Uniform(1, 0)).toThrow("Uniform is not defined when low>= high");
    expect(
      () =>
        new MultivariateNormal(
          tensor([0, 0]),
          tensor([
            [1, 2],
            [2, 1],
          ]),
        ),
    ).toThrow("to satisfy the constraint PositiveDefinite()");
    expect(new Normal(0, -1, { validateArgs: false }).scale.item()).toBe(-1);
  });
  test("values", () => {
    expect(() => new Exponential(1).logProb(tensor(-1))).toThrow(
      "Expected value argument (Tensor of shape ()) to be within the support (GreaterThanEq(lower_bound=0.0)) of the distribution Exponential(rate: 1.0), but found invalid values:\n-1.0",
    );
    expect(() => new Dirichlet(tensor([1, 1])).logProb(tensor([0.5, 0.1, 0.4]))).toThrow(
      "The right-most size of value must match event_shape: torch.Size([3]) vs torch.Size([2]).",
    );
    expect(() => new Normal(tensor([0, 1]), 1).logProb(tensor([1, 2, 3]))).toThrow(
      "Value is not broadcastable with batch_shape+event_shape",
    );
  });
});

describe("transforms invert", () => {
  test("compositions and stick breaking", () => {
    const transform = new ComposeTransform([new TanhTransform(), new AffineTransform(1, 2)]);
    const x = tensor([-0.5, 0.25]);
    close(transform.inv.forward(transform.forward(x)), [-0.5, 0.25]);
    const sticks = new StickBreakingTransform();
    const y = sticks.forward(x);
    close(y.sum(), 1);
    close(sticks.inv.forward(y), [-0.5, 0.25]);
  });
});
