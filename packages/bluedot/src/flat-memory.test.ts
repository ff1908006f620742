import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const built = new URL("../dist/index.js", import.meta.url);

/** 10,000 steps of the course's first network, nothing disposed of; tells what the process holds after 3,000 of them and at the end, in MiB. */
const program = (pause: string): string => `
import * as torch from ${JSON.stringify(built.href)};
const { nn } = torch;
const net = new nn.Sequential(new nn.Linear(16, 32), new nn.ReLU(), new nn.Linear(32, 1));
const optimizer = new torch.optim.SGD(net.parameters(), { lr: 1e-3, momentum: 0.9 });
const [x, y] = [torch.randn(64, 16), torch.randn(64, 1)];
const held = [];
for (let step = 1; step <= 10000; step++) {
  const loss = nn.functional.mseLoss(net.forward(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  ${pause}
  if (step === 3000 || step === 10000) held.push(process.memoryUsage().rss / 2 ** 20, process.memoryUsage().arrayBuffers / 2 ** 20);
}
process.stdout.write(JSON.stringify(held));
`;

describe.skipIf(!existsSync(fileURLToPath(built)))("memory of 10,000 steps", () => {
  it.each([
    ["in one go", ""],
    ["with the event loop turning", "if (step % 10 === 0) await new Promise((resolve) => setImmediate(resolve));"],
  ])(
    "stays flat %s",
    (_, pause) => {
      const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program(pause)], {
        encoding: "utf8",
        env: { ...process.env, NODE_OPTIONS: "" },
      });
      const [resident, buffers, residentLater, buffersLater] = JSON.parse(output) as [number, number, number, number];
      // 10,000 steps make 1.3 GiB of tensors; garbage that waits for the collector is what may differ.
      expect(residentLater - resident).toBeLessThan(40);
      expect(buffersLater - buffers).toBeLessThan(40);
      expect(residentLater).toBeLessThan(250);
    },
    120_000,
  );
});
