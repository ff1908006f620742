import "@bluedot/autograd";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tensor, tensor } from "@bluedot/core";
import { load, save } from "@bluedot/serialize";
import { afterAll, describe, expect, it } from "vitest";
import * as optim from "./index.ts";

// The system's PyTorch, where it is installed.
const python = "/usr/bin/python3";
const available = spawnSync(python, ["-c", "import torch"], { timeout: 60_000 }).status === 0;

/** Name, settings by PyTorch's names, and by ours. */
const cases = [
  ["SGD", "lr=0.1, momentum=0.9, nesterov=True", { lr: 0.1, momentum: 0.9, nesterov: true }],
  ["Adam", "lr=0.1, amsgrad=True", { lr: 0.1, amsgrad: true }],
  ["AdamW", "lr=0.1", { lr: 0.1 }],
  ["Adamax", "lr=0.1", { lr: 0.1 }],
  ["NAdam", "lr=0.1", { lr: 0.1 }],
  ["RAdam", "lr=0.1", { lr: 0.1 }],
  ["Adagrad", "lr=0.1, lr_decay=0.01", { lr: 0.1, lrDecay: 0.01 }],
  ["Adadelta", "lr=0.5", { lr: 0.5 }],
  ["RMSprop", "lr=0.1, momentum=0.5, centered=True", { lr: 0.1, momentum: 0.5, centered: true }],
  ["Rprop", "lr=0.1", { lr: 0.1 }],
  ["ASGD", "lr=0.1, t0=1.0", { lr: 0.1, t0: 1 }],
  ["LBFGS", "lr=0.5, max_iter=2", { lr: 0.5, maxIter: 2 }],
] as const;

/** Each optimizer takes 7 steps down one bowl; "save" stops after 4 of them, "resume" goes on from states that the other side saved. */
const program = `
import sys, json, torch
mode, folder = sys.argv[1:]
def run(make, start, steps, state=None):
    p = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    o = make([p])
    if state is not None: o.load_state_dict(state)
    def closure():
        o.zero_grad()
        loss = (torch.tensor([1.0, 5.0, 0.5]) * (p - 1) ** 2).sum()
        loss.backward()
        return loss
    for _ in range(steps): o.step(closure)
    return p.tolist(), o.state_dict()
results = {}
for name, settings in json.loads(sys.stdin.read()):
    make = eval(f"lambda params: torch.optim.{name}(params, {settings})")
    half, state = run(make, [3.0, -2.0, 0.25], 4)
    if mode == "save": torch.save(state, f"{folder}/{name}.pt")
    else: state = torch.load(f"{folder}/{name}.pt")
    results[name] = [half, run(make, half, 3, state)[0]]
print(json.dumps(results))
`;

type Ends = Record<string, [half: number[], end: number[]]>;
const inPython = (mode: "save" | "resume", folder: string): Ends =>
  JSON.parse(
    execFileSync(python, ["-c", program, mode, folder], {
      input: JSON.stringify(cases.map(([name, settings]) => [name, settings])),
    }).toString(),
  ) as Ends;

type AnyOptimizer = optim.Optimizer<optim.CommonSettings>;
function run(name: string, settings: object, start: readonly number[], steps: number, state?: optim.OptimizerState) {
  const p = tensor(start, { dtype: "float64", requiresGrad: true });
  // biome-ignore lint/performance/noDynamicNamespaceImportAccess: every optimizer by its name
  const Class = optim[name as "SGD"] as new (params: Tensor[], settings: object) => AnyOptimizer;
  const optimizer = new Class([p], settings);
  if (state !== undefined) optimizer.loadStateDict(state);
  for (let i = 0; i < steps; i++) {
    optimizer.step(() => {
      optimizer.zeroGrad();
      const loss = tensor([1, 5, 0.5]).mul(p.sub(1).square()).sum();
      loss.backward();
      return loss;
    });
  }
  return [p.tolist() as number[], optimizer.stateDict()] as const;
}

describe.skipIf(!available)("states of optimizers and PyTorch", () => {
  const folder = available ? mkdtempSync(join(tmpdir(), "optimizer-states-")) : "";
  afterAll(() => {
    if (folder !== "") rmSync(folder, { recursive: true });
  });

  it("are read where PyTorch left off", async () => {
    const ends = inPython("save", folder);
    for (const [name, , settings] of cases) {
      const [half, end] = ends[name]!;
      const state = (await load(`${folder}/${name}.pt`)) as optim.OptimizerState;
      const [resumed] = run(name, settings, half, 3, state);
      expect([name, ...resumed]).toEqual([name, ...end.map((x) => expect.closeTo(x, 6))]);
    }
  });

  it("are written for PyTorch to go on", async () => {
    for (const [name, , settings] of cases) await save(run(name, settings, [3, -2, 0.25], 4)[1], `${folder}/${name}.pt`);
    const ends = inPython("resume", folder);
    for (const [name, , settings] of cases) {
      const [whole] = run(name, settings, [3, -2, 0.25], 7);
      expect([name, ...ends[name]![1]]).toEqual([name, ...whole.map((x) => expect.closeTo(x, 6))]);
    }
  });
});
