import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { Tensor } from "@bluedot/core";
import { allOps, emptyTensor, type Op, type TensorSpec } from "@bluedot/core/extend";
import { afterEach, describe, expect, it } from "vitest";
import { getNumThreads, registerCpuBackend, setNumThreads } from "./index.ts";
import { addon } from "./native.ts";
import { randomTensor, Source } from "./random-tensors.ts";

const native = registerCpuBackend();

function run(name: string, inputs: readonly (Tensor | null)[], params: unknown): Tensor[] {
  const op = allOps().get(name) as Op;
  const specs = op.infer(inputs, params);
  const outputs = (Array.isArray(specs) ? specs : [specs]).map((s: TensorSpec) => emptyTensor(s.shape, s.dtype));
  op.cpu!(inputs, outputs, params);
  return outputs;
}
const bits = (t: Tensor): Uint8Array => t.storage.bytes().slice(t.offset * t.itemsize, t.offset * t.itemsize + t.nbytes);

describe.skipIf(!native)("threads", () => {
  const before = getNumThreads();
  afterEach(() => setNumThreads(before));

  it("give the same bits, however many there are", () => {
    const layout = { strided: false };
    const make = (...shape: number[]): Tensor => randomTensor(new Source(shape.length + shape[0]!), shape, "float32", layout);
    const conv = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], transposed: false, outputPadding: [0, 0], groups: 1 };
    const [stats, rstd] = [make(300, 1), make(300, 1)];
    const cases: [string, readonly (Tensor | null)[], unknown][] = [
      ["add", [make(300000), make(300000)], undefined],
      ["exp", [make(100000)], undefined],
      ["sum", [make(600000)], { dims: [0], keepdim: false }],
      ["sum", [make(700, 300)], { dims: [0], keepdim: false }],
      ["amax", [make(300000)], { dims: [0], keepdim: false }],
      ["var", [make(300000)], { dims: [0], keepdim: false, correction: 1 }],
      ["softmax", [make(300, 500)], 1],
      ["mm", [make(200, 300), make(300, 150)], undefined],
      ["mm", [make(8, 600), make(600, 700)], undefined],
      ["bmm", [make(16, 60, 70), make(16, 70, 50)], undefined],
      ["convolution", [make(5, 8, 30, 30), make(20, 8, 3, 3), make(20)], conv],
      ["convolution", [make(1, 8, 40, 40), make(6, 8, 3, 3), null], conv],
      ["convolutionWeightGrad", [make(5, 8, 30, 30), make(5, 20, 30, 30)], { ...conv, weightShape: [20, 8, 3, 3] }],
      ["convolutionWeightGrad", [make(5, 8, 30, 30), make(5, 6, 30, 30)], { ...conv, weightShape: [6, 8, 3, 3] }],
      ["layerNorm", [make(300, 200), make(200), make(200)], { eps: 1e-5, ndim: 1 }],
      ["layerNormBackward", [make(300, 200), make(300, 200), make(200), stats, rstd], { eps: 1e-5, ndim: 1 }],
    ];
    for (const [name, inputs, params] of cases) {
      setNumThreads(1);
      const one = run(name, inputs, params).map(bits);
      for (const count of [2, 5]) {
        setNumThreads(count);
        const many = run(name, inputs, params).map(bits);
        many.forEach((b, i) => expect(Buffer.compare(b, one[i]!), `${name} with ${count} threads`).toBe(0));
      }
    }
  });

  it("serve several Node environments at once, each with its own descriptor", async () => {
    setNumThreads(3);
    const kernels = addon();
    expect(kernels).not.toBeNull();
    const path = new URL("../build/Release/bluedot_cpu.node", import.meta.url).pathname;
    const script = `
      const { parentPort, workerData } = require("node:worker_threads");
      const addon = require(workerData.path);
      const D = addon.descriptor, n = 200000;
      const make = () => new Float32Array(n);
      const [a, b, y] = [make().fill(workerData.value), make().fill(1), make()];
      let wrong = 0;
      for (let i = 0; i < 200; i++) {
        D[1] = 6; D[2] = -1; D[24] = D[25] = D[26] = 6; D[32] = n;
        D[16] = addon.addressOf(y.buffer); D[17] = addon.addressOf(a.buffer); D[18] = addon.addressOf(b.buffer);
        addon.kernels.add();
        for (let k = 0; k < n; k += 997) if (y[k] !== workerData.value + 1) wrong++;
      }
      parentPort.postMessage(wrong);`;
    const results = await Promise.all(
      [10, 20, 30].map(
        (value) =>
          new Promise<number>((resolve, reject) => {
            const worker = new Worker(script, { eval: true, workerData: { path: process.env["BLUEDOT_CPU_ADDON"] ?? path, value } });
            worker.once("message", resolve);
            worker.once("error", reject);
          }),
      ),
    );
    expect(results).toEqual([0, 0, 0]);
  });
});

describe.skipIf(!native)("memory", () => {
  it("holds operands while a kernel runs, however often the collector does", () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const x = randomTensor(new Source(7), [50000], "float32", { strided: false });
    const expected = bits(run("exp", [x], undefined)[0]!);
    for (let i = 0; i < 60; i++) {
      // A copy that nothing else holds, and garbage of the same size between.
      const copy = run("clone", [x], undefined)[0]!;
      if (i % 3 === 0) collect();
      for (let k = 0; k < 20; k++) new Float32Array(50000).fill(Number.NaN);
      const [y] = run("exp", [copy], undefined);
      expect(Buffer.compare(bits(y!), expected)).toBe(0);
    }
  });

  it("serves memory that a user's array lends", () => {
    const array = Float32Array.of(1, 2, 3, 4);
    const op = allOps().get("neg") as Op;
    const lent = new Tensor(emptyTensor([4], "float32").storage, [4], [1], 0, "float32");
    (lent.elements as Float32Array).set(array);
    const out = emptyTensor([4], "float32");
    op.cpu!([lent], [out], undefined);
    expect([...(out.elements as Float32Array).subarray(0, 4)]).toEqual([-1, -2, -3, -4]);
  });
});
