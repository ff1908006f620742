import { fork } from "node:child_process";
import type { EventEmitter } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";

const built = new URL("../dist/index.js", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "bluedot-workers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Trains a small network and tells its last loss: large enough that several threads share its kernels. Goes on for ever when told to. */
const program = join(folder, "train.mjs");
writeFileSync(
  program,
  `
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import * as torch from ${JSON.stringify(built.href)};
const tell = isMainThread ? (message) => process.send(message) : (message) => parentPort.postMessage(message);
const endless = workerData === "endless";
torch.setNumThreads(3);
torch.manualSeed(7);
const { nn } = torch;
const net = new nn.Sequential(new nn.Linear(64, 300), new nn.Tanh(), new nn.Linear(300, 10));
const optimizer = new torch.optim.Adam(net.parameters(), { lr: 1e-3 });
const [x, target] = [torch.randn(128, 64), torch.randint(0, 10, [128])];
for (let step = 0; endless || step < 30; step++) {
  if (step % 10 === 0) torch.setNumThreads(1 + (step / 10) % 3);
  const loss = nn.functional.crossEntropy(net.forward(x), target);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  if (step === 29) tell(loss.item());
}
if (isMainThread) process.disconnect();
`,
);

const told = (source: EventEmitter): Promise<number> =>
  new Promise((resolve, reject) => {
    source.once("message", resolve);
    source.once("error", reject);
    source.once("exit", (code) => reject(new Error(`ended with ${code} before it told anything`)));
  });
// Neither takes over the flags of the test runner, which lead to the sources.
const worker = (workerData?: string): Worker => new Worker(program, { execArgv: [], workerData });
const child = (): Promise<number> => told(fork(program, { execArgv: [] }));

describe.skipIf(!existsSync(fileURLToPath(built)))("worker threads and child processes", () => {
  it("train at once, each as if alone, while others are ended in the middle of it", async () => {
    const alone = await child();
    expect(alone).toBeGreaterThan(0);
    const doomed = [0, 1].map(() => worker("endless"));
    const ready = doomed.map(told);
    const losses = await Promise.all([...[0, 1, 2].map(() => told(worker())), ...ready]);
    await Promise.all(doomed.map((thread) => thread.terminate()));
    losses.push(await told(worker()), await child());
    expect(losses).toEqual(losses.map(() => alone));
  }, 120_000);
});
