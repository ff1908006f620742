// Chapter 3 of the course: a thermometer learns its scale. Gradients by hand, then autograd, then optimizers.
import * as torch from "bluedot";
import { optim, type Tensor } from "bluedot";

function show(title: string, ...values: readonly unknown[]): void {
  console.log(`# ${title}`);
  for (const value of values) console.log(String(value));
}

/** Six places, however large; infinity as `inf`. */
function fixed(value: number): string {
  if (!Number.isFinite(value)) return "inf";
  return value < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}

const model = (tU: Tensor, w: Tensor, b: Tensor): Tensor => w.mul(tU).add(b);
const lossFn = (tP: Tensor, tC: Tensor): Tensor => tP.sub(tC).pow(2).mean();

const tC = torch.tensor([0.5, 14.0, 15.0, 28.0, 11.0, 8.0, 3.0, -4.0, 6.0, 13.0, 21.0]);
const tU = torch.tensor([35.7, 55.9, 58.2, 81.9, 56.3, 48.9, 33.9, 21.8, 48.4, 60.4, 68.4]);
const [w, b] = [torch.ones(1), torch.zeros(1)];
const tP = model(tU, w, b);
show("model and loss", tP, lossFn(tP, tC));

const delta = 0.1;
show(
  "rate of change",
  lossFn(model(tU, w.add(delta), b), tC)
    .sub(lossFn(model(tU, w, b), tC))
    .div(delta),
);

function gradFn(tU: Tensor, tC: Tensor, tP: Tensor): Tensor {
  const dLoss = tP.sub(tC).mul(2);
  return torch.stack([dLoss.mul(tU).mean(), dLoss.mul(1).mean()]);
}
show("gradient by hand", gradFn(tU, tC, tP));

function trainingLoopByHand(nEpochs: number, learningRate: number, params: Tensor, tU: Tensor, report: readonly number[]): Tensor {
  for (let epoch = 1; epoch <= nEpochs; epoch++) {
    const [w, b] = params as unknown as [Tensor, Tensor];
    const tP = model(tU, w, b);
    const loss = lossFn(tP, tC);
    const grad = gradFn(tU, tC, tP);
    params = params.sub(grad.mul(learningRate));
    if (report.includes(epoch)) {
      console.log(`Epoch ${epoch}, Loss ${fixed(loss.item())}`);
      console.log(`Params:${params}`);
      console.log(`Grad:${grad}`);
    }
  }
  return params;
}

console.log("# diverges at 1e-2");
trainingLoopByHand(12, 1e-2, torch.tensor([1, 0]), tU, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
console.log("# converges at 1e-4");
trainingLoopByHand(100, 1e-4, torch.tensor([1, 0]), tU, [1, 2, 3, 99, 100]);
console.log("# converges on normalized input");
const tUn = tU.sub(tU.mean()).div(tU.std());
trainingLoopByHand(1000, 1e-2, torch.tensor([1, 0]), tUn, [1, 2, 100, 1000]);

const params = torch.tensor([1, 0], { requiresGrad: true });
const loss = lossFn(model(tU, params.at(0), params.at(1)), tC);
loss.backward();
show("autograd", params, loss, params.grad);

function trainingLoopAutograd(nEpochs: number, learningRate: number, params: Tensor): Tensor {
  for (let epoch = 1; epoch <= nEpochs; epoch++) {
    params.grad?.zero_();
    const [w, b] = params;
    const loss = lossFn(model(tUn, w!, b!), tC);
    loss.backward();
    params = params.sub(params.grad!.mul(learningRate)).detach().requiresGrad_();
    if (epoch % 500 === 0) console.log(`Epoch ${epoch}, Loss ${fixed(loss.item())}`);
  }
  return params;
}
console.log("# training with autograd");
show("params", trainingLoopAutograd(5000, 1e-2, torch.tensor([1, 0], { requiresGrad: true })));

// A detached tensor shares storage, and stands outside the graph.
let x = torch.tensor([1n, 2n, 3n]);
let y = x.detach();
y.setAt([0], 4);
show("detach shares storage", x.dataPtr() === y.dataPtr(), x);
x = torch.tensor([1, 2, 3.5], { requiresGrad: true });
y = x.pow(2);
let z = y.detach();
y.sum().backward();
show("detach and backward", y, z, x.grad);
try {
  z.sum().backward();
} catch (error) {
  show("detached backward", (error as Error).message);
}
x = torch.tensor([1, 2, 3.5], { requiresGrad: true });
z = x.pow(2).detach();
const t = z.add(x.pow(3));
t.sum().backward();
show("detached term", t, x.grad);

function trainingLoopOptim(make: (params: Tensor[]) => optim.Optimizer, nEpochs: number): [Tensor, Tensor] {
  const w = torch.tensor(1, { requiresGrad: true });
  const b = torch.tensor(0, { requiresGrad: true });
  const optimizer = make([w, b]);
  for (let epoch = 1; epoch <= nEpochs; epoch++) {
    optimizer.zeroGrad();
    const loss = lossFn(model(tUn, w, b), tC);
    loss.backward();
    optimizer.step();
    if ([1, 2, 10].includes(epoch) || epoch % 500 === 0) console.log(`Epoch ${epoch}, Loss ${fixed(loss.item())}`);
  }
  return [w, b];
}

const optimizers: Record<string, (params: Tensor[]) => optim.Optimizer> = {
  SGD: (p) => new optim.SGD(p, { lr: 1e-2 }),
  "SGD momentum": (p) => new optim.SGD(p, { lr: 1e-2, momentum: 0.9 }),
  Adam: (p) => new optim.Adam(p, { lr: 1e-1 }),
  RMSprop: (p) => new optim.RMSprop(p, { lr: 1e-2 }),
};
for (const [name, make] of Object.entries(optimizers)) {
  console.log(`# optim ${name}`);
  show("params", ...trainingLoopOptim(make, 2000));
}

x = torch.tensor([1, 2], { requiresGrad: true });
y = x.pow(2);
try {
  y.backward();
} catch (error) {
  show("non-scalar backward", (error as Error).message);
}
x.pow(2).sum().backward();
show("scalar backward", x.grad);
x = torch.tensor([1, 2], { requiresGrad: true });
y = x.pow(2);
y.backward(torch.tensor([1, 2]));
show("backward with gradient", x.grad);
try {
  torch.tensor([1n, 2n], { requiresGrad: true });
} catch (error) {
  show("integers have no gradient", (error as Error).message);
}
