// A worker of hogwild.test.ts: trains a model that lies in shared memory.
import { workerData } from "node:worker_threads";
import * as torch from "./index.ts";

const { state, x, y, steps } = torch.multiprocessing.fromMessage<{
  state: Map<string, torch.Tensor>;
  x: torch.Tensor;
  y: torch.Tensor;
  steps: number;
}>(workerData);
const net = new torch.nn.Linear(3, 1);
net.loadStateDict(state, { assign: true });
const optimizer = new torch.optim.SGD(net.parameters(), 0.05);
for (let i = 0; i < steps; i++) {
  optimizer.zeroGrad();
  torch.nn.functional.mseLoss(net(x), y).backward();
  optimizer.step();
}
