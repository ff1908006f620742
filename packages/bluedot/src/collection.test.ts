import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const built = new URL("../dist/index.js", import.meta.url);
const extend = new URL("../../core/dist/extend.js", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "bluedot-collection-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Training steps that use most families of kernels; with "collect" the collector runs before and after each of them, and a crowd of buffers takes the freed memory. */
const program = join(folder, "train.mjs");
writeFileSync(
  program,
  `
import * as torch from ${JSON.stringify(built.href)};
import { setObserver } from ${JSON.stringify(extend.href)};
const { nn } = torch;
const F = nn.functional;
if (process.argv[2] === "collect") {
  let count = 0;
  const collect = () => {
    gc({ type: count++ % 8 === 0 ? "major" : "minor" });
    for (let size = 256; size <= 65536; size *= 4) new Float32Array(size).fill(Number.NaN);
  };
  setObserver((op, inputs, outputs, run) => {
    collect();
    run();
    collect();
  });
}
torch.manualSeed(3);
const net = new nn.Sequential(
  new nn.Conv2d(3, 6, 3, { padding: 1 }), new nn.BatchNorm2d(6), new nn.ReLU(), new nn.MaxPool2d(2), new nn.Flatten(), new nn.Linear(384, 10));
const [embedding, lstm, norm] = [new nn.Embedding(20, 5), new nn.LSTM(5, 7), new nn.LayerNorm(7)];
const parameters = [net, embedding, lstm, norm].flatMap((module) => [...module.parameters()]);
const optimizer = new torch.optim.Adam(parameters, { lr: 1e-3 });
const losses = [];
for (let step = 0; step < 3; step++) {
  const [images, labels] = [torch.randn(4, 3, 16, 16), torch.randint(0, 10, [4])];
  const [hidden] = lstm.forward(embedding.forward(torch.randint(0, 20, [6, 4])));
  const parts = [
    F.crossEntropy(net.forward(images), labels),
    norm.forward(hidden).pow(2).mean(),
    hidden.maskedSelect(hidden.gt(0)).sum(),
    torch.cat([hidden, hidden.flip(0)]).sort(0)[0].select(0, 1).mean(),
    hidden.cumsum(0).indexSelect(0, torch.tensor([1, 2], { dtype: "int64" })).softmax(-1).amax(),
    torch.bmm(hidden, hidden.transpose(1, 2)).var(),
  ];
  const loss = torch.stack(parts).sum();
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  losses.push(loss.item());
}
process.stdout.write(JSON.stringify(losses));
`,
);

/** glibc fills freed memory with a pattern when MALLOC_PERTURB_ is set: what reads it computes something else. */
const run = (...words: string[]): unknown =>
  JSON.parse(
    execFileSync(process.execPath, ["--expose-gc", program, ...words], {
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "", MALLOC_PERTURB_: "165" },
    }),
  );

describe.skipIf(!existsSync(fileURLToPath(built)))("garbage collection", () => {
  it("around every kernel changes nothing: no address outlives its memory", () => {
    expect(run("collect")).toEqual(run());
  }, 120_000);
});
