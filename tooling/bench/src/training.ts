import * as torch from "bluedot";
import { nn, optim, type Tensor } from "bluedot";
import { milliseconds, perSecond, type Workload } from "./measure.ts";

const { functional: F } = nn;

const celsius = [0.5, 14, 15, 28, 11, 8, 3, -4, 6, 13, 21];
const unknown = [35.7, 55.9, 58.2, 81.9, 56.3, 48.9, 33.9, 21.8, 48.4, 60.4, 68.4];

/** 5000 epochs of fitting a line to eleven points; `unpack` gives slope and intercept from the parameters. */
function thermometer(parameters: () => Tensor[], unpack: (parameters: readonly Tensor[]) => readonly [Tensor, Tensor]): () => void {
  const tC = torch.tensor(celsius);
  const tU = torch.tensor(unknown).mul(0.1);
  return () => {
    const params = parameters();
    const optimizer = new optim.SGD(params, { lr: 1e-2 });
    let last = 0;
    for (let epoch = 1; epoch <= 5000; epoch++) {
      const [w, b] = unpack(params);
      const loss = w.mul(tU).add(b).sub(tC).pow(2).mean();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      if (epoch % 500 === 0) last = Number(loss.item());
    }
    if (Math.abs(last - 2.927648) > 1e-3) throw new Error(`the thermometer's loss is ${last}`);
  };
}
const separate = (): (() => void) =>
  thermometer(
    () => [torch.ones([], { requiresGrad: true }), torch.zeros([], { requiresGrad: true })],
    ([w, b]) => [w!, b!],
  );
const together = (): (() => void) =>
  thermometer(
    () => [torch.tensor([1, 0], { requiresGrad: true })],
    ([params]) => {
      const [w, b] = params!;
      return [w!, b!];
    },
  );

/** The network for CIFAR-10 of the course. */
class Net extends nn.Module {
  conv1 = new nn.Conv2d(3, 6, 5);
  pool = new nn.MaxPool2d(2, 2);
  conv2 = new nn.Conv2d(6, 16, 5);
  fc1 = new nn.Linear(16 * 5 * 5, 120);
  fc2 = new nn.Linear(120, 84);
  fc3 = new nn.Linear(84, 10);

  override forward(input: Tensor): Tensor {
    let x = this.pool.forward(F.relu(this.conv1.forward(input)));
    x = this.pool.forward(F.relu(this.conv2.forward(x)));
    x = x.flatten(1);
    x = F.relu(this.fc1.forward(x));
    x = F.relu(this.fc2.forward(x));
    return this.fc3.forward(x);
  }
}

/** One training step of a classifier; in a scope, its memory is reused at once. */
function classifier(
  net: nn.Module & { forward(x: Tensor): Tensor },
  optimizer: optim.Optimizer,
  x: Tensor,
  y: Tensor,
  scoped: boolean,
): () => number {
  const step = (): number => {
    optimizer.zeroGrad();
    const loss = F.crossEntropy(net.forward(x), y);
    loss.backward();
    optimizer.step();
    return Number(loss.item());
  };
  return scoped ? () => torch.scope(step) : step;
}

const labels = (n: number): Tensor => torch.randint(0, 10, [n]);

const lenet = (batch: number, scoped: boolean) => () => {
  const net = new Net();
  return classifier(
    net,
    new optim.SGD(net.parameters(), { lr: 0.001, momentum: 0.9 }),
    torch.randn(batch, 3, 32, 32),
    labels(batch),
    scoped,
  );
};

const mlp = (scoped: boolean) => () => {
  const net = new nn.Sequential(new nn.Linear(784, 512), new nn.ReLU(), new nn.Linear(512, 256), new nn.ReLU(), new nn.Linear(256, 10));
  const forward = net as unknown as nn.Module & { forward(x: Tensor): Tensor };
  return classifier(forward, new optim.Adam(net.parameters(), { lr: 1e-3 }), torch.randn(128, 784), labels(128), scoped);
};

function inference(): () => void {
  const net = new Net();
  net.eval();
  const x = torch.randn(4, 3, 32, 32);
  return () => torch.noGrad(() => net.forward(x));
}

class Recurrent extends nn.Module {
  lstm = new nn.LSTM(64, 128, { batchFirst: true });
  fc = new nn.Linear(128, 10);

  override forward(x: Tensor): Tensor {
    const [out] = this.lstm.forward(x) as unknown as readonly [Tensor, unknown];
    return this.fc.forward(out.select(1, -1));
  }
}
const recurrent = (scoped: boolean) => () => {
  const net = new Recurrent();
  return classifier(net, new optim.SGD(net.parameters(), { lr: 0.01 }), torch.randn(32, 32, 64), labels(32), scoped);
};

class Block extends nn.Module {
  attention = new nn.MultiheadAttention(256, 8, { batchFirst: true });
  norm = new nn.LayerNorm(256);

  override forward(x: Tensor): Tensor {
    const [out] = this.attention.forward(x, x, x, { needWeights: false }) as unknown as readonly [Tensor, unknown];
    return this.norm.forward(x.add(out));
  }
}
const attention = (scoped: boolean) => () => {
  const net = new Block();
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.01 });
  const [x, y] = [torch.randn(8, 128, 256), torch.randn(8, 128, 256)];
  const step = (): number => {
    optimizer.zeroGrad();
    const loss = F.mseLoss(net.forward(x), y);
    loss.backward();
    optimizer.step();
    return Number(loss.item());
  };
  return scoped ? () => torch.scope(step) : step;
};

/** A training workload, as a plain loop and within `torch.scope`. */
const both = (name: string, unit: string, convert: (s: number) => number, prepare: (scoped: boolean) => () => () => unknown): Workload[] =>
  [false, true].map((scoped) => ({
    name: scoped ? `${name}_scope` : name,
    unit,
    convert,
    training: true,
    rate: unit.endsWith("/s"),
    prepare: prepare(scoped),
  }));

export const training: readonly Workload[] = [
  { name: "thermometer", unit: "s/5000", prepare: separate, convert: (s) => s },
  { name: "thermometer_params", unit: "s/5000", prepare: together, convert: (s) => s },
  ...both("lenet_b4", "steps/s", perSecond, (scoped) => lenet(4, scoped)),
  ...both("lenet_b64", "steps/s", perSecond, (scoped) => lenet(64, scoped)),
  { name: "lenet_infer_b4", unit: "steps/s", prepare: inference, convert: perSecond, rate: true },
  ...both("mlp_b128", "steps/s", perSecond, mlp),
  ...both("lstm_b32", "ms", milliseconds, recurrent),
  ...both("mha_b8", "ms", milliseconds, attention),
];
