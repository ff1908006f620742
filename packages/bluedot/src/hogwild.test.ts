import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import * as torch from "./index.ts";

const program = JSON.stringify(new URL("./hogwild-worker.ts", import.meta.url));
const start = `import("tsx/esm/api").then(({ register }) => (register(), import(${program})))`;

it("trains one model in several worker threads at once", async () => {
  torch.manualSeed(0);
  const net = new torch.nn.Linear(3, 1).shareMemory();
  expect(net.weight.isShared()).toBe(true);
  const x = torch.randn(64, 3);
  const y = x.matmul(torch.tensor([[1], [-2], [3]])).add(0.5);
  const loss = (): number => torch.nn.functional.mseLoss(net(x), y).item();
  const before = loss();
  const message = torch.multiprocessing.toMessage({ state: net.stateDict(), x, y, steps: 100 });
  await Promise.all(
    [1, 2].map(
      () =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(start, { eval: true, workerData: message, execArgv: ["--conditions=source"] });
          worker.once("error", reject).once("exit", () => resolve());
        }),
    ),
  );
  expect(before).toBeGreaterThan(5);
  expect(loss()).toBeLessThan(0.05);
  expect(net.weight.grad).toBeNull();
}, 60_000);
