import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { type Tensor, tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { grad, setGradEnabled } from "./index.ts";

/** What `records/record-programs.py` writes. */
interface Program {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly c: readonly number[];
  readonly steps: readonly (readonly unknown[])[];
  readonly nodes?: Readonly<Record<string, string | null>>;
  readonly requiresGrad?: Readonly<Record<string, boolean>>;
  readonly values?: Readonly<Record<string, readonly number[]>>;
  readonly grads?: readonly (readonly number[] | null)[];
  readonly grads2?: readonly (readonly number[] | null)[];
  readonly error?: string;
}

const programs = gunzipSync(readFileSync(fileURLToPath(new URL("../records/programs.jsonl.gz", import.meta.url))))
  .toString()
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Program);

type View = readonly [kind: string, dim: number, start: number, length: number];

function view(t: Tensor, [kind, dim, start, length]: View): Tensor {
  switch (kind) {
    case "transpose":
      return t.transpose(0, 1);
    case "select":
      return t.select(dim, start);
    case "narrow":
      return t.narrow(dim, start, length);
    case "unbind":
      return t.unbind(dim)[start]!;
    case "step":
      return t.at(...new Array<":">(dim).fill(":"), "::2");
    case "flatten":
      return t.reshape(-1);
    case "unsqueeze":
      return t.unsqueeze(dim);
    case "expand":
      return t.expand(2, ...t.shape);
    default:
      return t.detach();
  }
}

type Method = (other?: Tensor | number) => Tensor;
const call = (t: Tensor, name: unknown, ...args: (Tensor | number)[]): Tensor =>
  (t as unknown as Record<string, Method>)[name as string]!.apply(t, args as [Tensor]);

/** Runs the steps; the tensors by name, in the order they were made. */
function run({ x, w, c, steps }: Program): Map<string, Tensor> {
  const fresh = (data: readonly number[]): Tensor => tensor(data, { dtype: "float64" }).view(2, 3);
  const tensors = new Map([
    ["x", fresh(x).requiresGrad_()],
    ["w", fresh(w).requiresGrad_()],
    ["c", fresh(c)],
  ]);
  const named = (name: unknown): Tensor => tensors.get(name as string)!;
  for (const [kind, first, second, third, fourth] of steps) {
    if (kind === "view")
      tensors.set(
        first as string,
        setGradEnabled(fourth as boolean, () => view(named(second), third as View)),
      );
    else if (kind === "clone") tensors.set(first as string, named(second).clone());
    else if (kind === "write") call(named(second), first);
    else if (kind === "scale") call(named(second), first, third as number);
    else if (kind === "combine") call(named(second), first, named(third));
    else tensors.set(first as string, call(named(second), kind, named(third)));
  }
  return tensors;
}

function expectNumbers(actual: Tensor | null, expected: readonly number[] | null, what: string): void {
  if (expected === null || actual === null) return expect(actual, what).toBe(expected);
  const numbers = actual.detach().reshape(-1).tolist() as number[];
  const wrong = numbers.findIndex((n, i) => !(Math.abs(n - expected[i]!) <= 1e-7 * (1 + Math.abs(n))));
  if (numbers.length !== expected.length || wrong >= 0) expect(numbers, what).toEqual(expected);
}

function judge(program: Program): void {
  const tensors = run(program);
  const inputs = [tensors.get("x")!, tensors.get("w")!];
  const total = [...tensors.values()].map((t, i) => t.mul(0.5 + 0.25 * i).sum()).reduce((a, b) => a.add(b));
  for (const [name, t] of tensors) {
    const { nodes, requiresGrad } = program;
    if (nodes !== undefined) expect(t.gradFn?.name() ?? null, `the node of ${name}`).toBe(nodes[name]);
    if (requiresGrad !== undefined) expect(t.requiresGrad, name).toBe(requiresGrad[name]);
  }
  const grads = grad(total, inputs, { createGraph: true, allowUnused: true });
  for (const [name, t] of tensors) expectNumbers(t, program.values?.[name] ?? null, name);
  grads.forEach((g, i) => {
    expectNumbers(g, program.grads![i]!, `gradient ${i}`);
  });
  if (program.grads2 === undefined) return;
  const squares = grads.flatMap((g) => (g?.requiresGrad ? [g.mul(g).sum()] : []));
  const second = grad(
    squares.reduce((a, b) => a.add(b)),
    inputs,
    { allowUnused: true },
  );
  second.forEach((g, i) => {
    expectNumbers(g, program.grads2![i]!, `second gradient ${i}`);
  });
}

/**
 * For a result saved by a write through a view PyTorch names the view's node while that is alive, which reference counts decide, else the
 * operation's.
 */
const withoutViewNode = (message: string): string =>
  message.replace(/, which is output 0 of (AsStrided|Sigmoid|Exp|Div)Backward0,/, ", an output of its own,");

describe("random programs of views and writes do what PyTorch does", () => {
  it("where they run", () => {
    const ran = programs.filter(({ error }) => error === undefined);
    expect(ran.length).toBeGreaterThan(200);
    for (const program of ran) {
      try {
        judge(program);
      } catch (error) {
        throw new Error(`${(error as Error).message}\nin ${JSON.stringify(program.steps)}`, { cause: error });
      }
    }
  });

  it("where they raise", () => {
    const raised = programs.filter(({ error }) => error !== undefined);
    expect(raised.length).toBeGreaterThan(50);
    for (const program of raised) {
      let message = "nothing";
      try {
        judge(program);
      } catch (error) {
        message = (error as Error).message;
      }
      expect(withoutViewNode(message), JSON.stringify(program.steps)).toBe(withoutViewNode(program.error!));
    }
  });
});
