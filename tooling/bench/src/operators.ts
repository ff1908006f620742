import * as torch from "bluedot";
import { nn, type Tensor } from "bluedot";
import { gigaflops, microseconds, milliseconds, nanoseconds, type Workload } from "./measure.ts";

const { functional: F } = nn;
const million = 2 ** 20;

/** A workload of one function of tensors that are made once. */
const of = (
  name: string,
  unit: string,
  convert: (seconds: number) => number,
  operands: () => readonly Tensor[],
  body: (...operands: readonly Tensor[]) => unknown,
): Workload => ({
  name,
  unit,
  convert,
  rate: unit.endsWith("/s"),
  prepare: () => {
    const given = operands();
    // Every repeat leaves its results behind, which a scope gives back: only the operator is measured.
    return () => torch.scope(() => void body(...given));
  },
});

const convolution =
  (backward: boolean): (() => () => void) =>
  () => {
    const x = torch.randn(8, 64, 56, 56).requiresGrad_(backward);
    const w = torch.randn(64, 64, 3, 3).mul(0.05).detach().requiresGrad_(backward);
    return () =>
      torch.scope(() => {
        const y = F.conv2d(x, w, null, { padding: 1 });
        if (!backward) return;
        x.grad = null;
        w.grad = null;
        y.backward(torch.onesLike(y));
      });
  };

/** A table like that of the course's wines: 4898 rows of 11 numbers, and a quality of 3 to 9. */
const wines = (): readonly [Tensor, Tensor] => [torch.randn(4898, 11), torch.randint(3, 10, [4898])];

export const operators: readonly Workload[] = [
  ...[64, 256, 1024].map((n) =>
    of(
      `matmul_${n}`,
      "GFLOP/s",
      gigaflops(2 * n ** 3),
      () => [torch.randn(n, n), torch.randn(n, n)],
      (a, b) => a!.matmul(b!),
    ),
  ),
  ...(
    [
      ["add_11", 11],
      ["add_1k", 1000],
      ["add_1M", million],
    ] as const
  ).map(([name, n]) =>
    of(
      name,
      "ns",
      nanoseconds,
      () => [torch.randn(n), torch.randn(n)],
      (a, b) => a!.add(b!),
    ),
  ),
  of(
    "chain_1M",
    "us",
    microseconds,
    () => [torch.randn(million), torch.randn(million), torch.randn(million)],
    (a, b, c) => a!.mul(b!).add(c!).relu().sum().item(),
  ),
  of(
    "sum_1M",
    "us",
    microseconds,
    () => [torch.randn(million)],
    (a) => a!.sum().item(),
  ),
  of(
    "softmax_1024x1024",
    "us",
    microseconds,
    () => [torch.randn(1024, 1024)],
    (a) => a!.softmax(-1),
  ),
  of(
    "layernorm_1024x1024",
    "us",
    microseconds,
    () => [torch.randn(1024, 1024), torch.ones(1024), torch.zeros(1024)],
    (x, w, b) => F.layerNorm(x!, [1024], { weight: w!, bias: b! }),
  ),
  { name: "conv_resnet_fwd", unit: "ms", prepare: convolution(false), convert: milliseconds },
  { name: "conv_resnet_fwdbwd", unit: "ms", prepare: convolution(true), convert: milliseconds },
  of(
    "index_mask",
    "us",
    microseconds,
    () => {
      const [data, quality] = wines();
      return [data, quality.lt(8)];
    },
    (data, mask) => data!.at(mask!),
  ),
  of(
    "index_onehot",
    "us",
    microseconds,
    () => [wines()[1].unsqueeze(1)],
    (quality) => torch.zeros(4898, 10).scatter_(1, quality!, 1),
  ),
  of(
    "transpose_contiguous",
    "us",
    microseconds,
    () => [torch.randn(1024, 1024)],
    (x) => x!.t().contiguous(),
  ),
  // Kernel families, beyond what the course uses most.
  of(
    "exp_1M",
    "us",
    microseconds,
    () => [torch.randn(million)],
    (x) => x!.exp(),
  ),
  of(
    "tanh_1M",
    "us",
    microseconds,
    () => [torch.randn(million)],
    (x) => x!.tanh(),
  ),
  of(
    "gelu_1M",
    "us",
    microseconds,
    () => [torch.randn(million)],
    (x) => F.gelu(x!),
  ),
  of(
    "add_bias_1M",
    "us",
    microseconds,
    () => [torch.randn(1024, 1024), torch.randn(1024)],
    (x, b) => x!.add(b!),
  ),
  of(
    "sum_rows_1M",
    "us",
    microseconds,
    () => [torch.randn(1024, 1024)],
    (x) => x!.sum(0),
  ),
  of(
    "maxpool_64x64x56",
    "us",
    microseconds,
    () => [torch.randn(8, 64, 56, 56)],
    (x) => F.maxPool2d(x!, 2),
  ),
  of(
    "batchnorm_64x56",
    "us",
    microseconds,
    () => [torch.randn(8, 64, 56, 56), torch.ones(64), torch.zeros(64)],
    (x, w, b) => F.batchNorm(x!, null, null, { weight: w!, bias: b!, training: true }),
  ),
  of(
    "embedding_4096x256",
    "us",
    microseconds,
    () => [torch.randn(10000, 256), torch.randint(0, 10000, [4096])],
    (w, i) => F.embedding(i!, w!),
  ),
  of(
    "sort_100k",
    "us",
    microseconds,
    () => [torch.randn(100000)],
    (x) => x!.sort(),
  ),
  of(
    "empty_100k",
    "ns",
    nanoseconds,
    () => [],
    () => torch.empty(25000),
  ),
];
