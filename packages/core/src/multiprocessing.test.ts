import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { multiprocessing, ones, tensor } from "./index.ts";

it("moves tensors to shared memory, views along", () => {
  const x = tensor([1, 2, 3, 4]);
  const row = x.narrow(0, 1, 2);
  expect(x.isShared()).toBe(false);
  expect(row.shareMemory_()).toBe(row);
  expect(x.isShared()).toBe(true);
  x.mul_(10);
  expect(row.tolist()).toEqual([20, 30]);
  expect(row.add(ones(2)).tolist()).toEqual([21, 31]);
});

it("carries tensors in messages, sharing memory and storage", () => {
  const x = tensor([1, 2, 3, 4]);
  const message = structuredClone(multiprocessing.toMessage({ step: 3, pair: [x, x.narrow(0, 2, 2)], state: new Map([["w", x]]) }));
  const { step, pair, state } = multiprocessing.fromMessage<{ step: number; pair: (typeof x)[]; state: Map<string, typeof x> }>(message);
  pair[0]!.fill_(7);
  expect([step, x.tolist(), pair[1]!.tolist(), state.get("w")!.tolist()]).toEqual([3, [7, 7, 7, 7], [7, 7], [7, 7, 7, 7]]);
  expect(pair[0]!.storage).toBe(pair[1]!.storage);
  expect(() => multiprocessing.toMessage(() => 1)).toThrow("functions and modules can't be sent to a worker");
});

it("shares memory with a worker thread", async () => {
  const x = tensor([1, 2, 3]).shareMemory_();
  const { buffer, byteOffset } = x.storage.block;
  const code =
    "const { workerData, parentPort } = require('node:worker_threads'); new Float32Array(workerData.buffer, workerData.byteOffset, 3)[1] = 20; parentPort.postMessage(0)";
  const worker = new Worker(code, { eval: true, workerData: { buffer, byteOffset } });
  await new Promise((resolve) => worker.once("message", resolve));
  await worker.terminate();
  expect(x.add(0).tolist()).toEqual([1, 20, 3]);
});
