import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import "@bluedot/autograd";
import { manualSeed, type Tensor, zeros } from "@bluedot/core";
import type { Module } from "@bluedot/nn";
import { describe, expect, it } from "vitest";
import { models } from "../index.ts";

const file = `${process.env["BLUEDOT_CONFORMANCE"] ?? fileURLToPath(new URL("../../../../../shared/conformance", import.meta.url))}/vision/models.jsonl.gz`;
const python = ["/usr/bin/python3", "python3"].find((command) => spawnSync(command, ["-c", "import torchvision"]).status === 0);

interface Entry {
  model: string;
  kwargs: Record<string, unknown>;
  state_dict: [string, number[], string][];
  numParameters: number;
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const make = (name: string, options: object): Module =>
  (models as unknown as Record<string, (options: object) => Module>)[camel(name)]!(options);

const entries = existsSync(file)
  ? gunzipSync(readFileSync(file))
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Entry)
  : [];

describe.skipIf(entries.length === 0)("recorded layouts", () => {
  // The largest take a minute to fill with random numbers, and are built of the same parts.
  it.each(entries.filter(({ numParameters }) => numParameters < 10e6).map((entry) => [entry.model, entry] as const))("%s", (_, entry) => {
    const options = Object.fromEntries(Object.entries(entry.kwargs).map(([key, value]) => [camel(key), value]));
    const network = make(entry.model, options);
    const state = network.stateDict() as ReadonlyMap<string, Tensor>;
    expect([...state].map(([name, value]) => [name, [...value.shape], value.dtype])).toEqual(entry.state_dict);
    expect(network.parameters().reduce((sum: number, parameter: Tensor) => sum + parameter.numel(), 0)).toBe(entry.numParameters);
  });
});

describe.skipIf(python === undefined)("against torchvision", () => {
  it.each([
    ["mobilenetV2", "mobilenet_v2(width_mult=0.25)", { widthMult: 0.25 }, [1, 3, 32, 32]],
    ["mobilenetV3Small", "mobilenet_v3_small()", {}, [1, 3, 32, 32]],
  ] as const)("%s begins and computes the same", (name, code, options, shape) => {
    const [sums, out] = JSON.parse(
      execFileSync(
        python!,
        [
          "-c",
          `
import json, torch, torchvision
torch.manual_seed(3)
net = torchvision.models.${code}.eval()
print(json.dumps([[float(p.double().abs().sum()) for p in net.parameters()], net(torch.linspace(-1, 1, ${(shape as readonly number[]).reduce((a, b) => a * b, 1)}).reshape(${JSON.stringify(shape)}))[0, :20].tolist()]))`,
        ],
        { encoding: "utf8" },
      ),
    ) as [number[], number[]];
    manualSeed(3);
    const network = make(name, options);
    network.eval();
    const found = network.parameters().map((parameter: Tensor) => parameter.detach().double().abs().sum().item() as number) as number[];
    expect(found.length).toBe(sums.length);
    for (const [i, sum] of sums.entries()) expect(Math.abs(found[i]! - sum)).toBeLessThanOrEqual(1e-6 * (1 + sum));
    const input = zeros([...shape]);
    (input.typedArray() as Float32Array).forEach((_, i, values) => {
      values[i] = -1 + (2 * i) / (values.length - 1);
    });
    const result = (network(input) as Tensor).detach().tolist() as number[][];
    for (const [i, value] of out.entries()) expect(Math.abs(result[0]![i]! - value)).toBeLessThanOrEqual(1e-4 * (1 + Math.abs(value)));
  });
});
