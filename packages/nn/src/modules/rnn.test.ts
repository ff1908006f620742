import { gradcheck, gradgradcheck } from "@bluedot/autograd";
import { randn, type Tensor } from "@bluedot/core";
import { lstmLayer } from "@bluedot/core/extend";
import { expect, test } from "vitest";
import { LSTM } from "./rnn.ts";
import { LSTMCell } from "./rnn-cell.ts";

const largest = (t: Tensor): number => Number(t.detach().abs().max().item());

test("a layer of LSTM equals its cell step by step", () => {
  const lstm = new LSTM(3, 4);
  const cell = new LSTMCell(3, 4);
  for (const name of ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]) {
    cell
      .stateDict()
      .get(name)!
      .copy_(lstm.stateDict().get(`${name}_l0`)!);
  }
  const x = randn(5, 2, 3);
  const [output, [h, c]] = lstm.forward(x) as unknown as [Tensor, [Tensor, Tensor]];
  let state: [Tensor, Tensor] | null = null;
  for (let t = 0; t < 5; t++) {
    state = cell.forward(x.select(0, t), state) as unknown as [Tensor, Tensor];
    expect(largest(output.select(0, t).sub(state[0]))).toBeLessThan(1e-6);
  }
  expect(largest(h.select(0, 0).sub(state![0]))).toBeLessThan(1e-6);
  expect(largest(c.select(0, 0).sub(state![1]))).toBeLessThan(1e-6);
});

test("derivatives of a layer of LSTM, and of those", () => {
  const make = (...shape: number[]): Tensor => randn(...shape, { dtype: "float64" }).requiresGrad_();
  const inputs = [make(3, 2, 8), make(8, 2), make(8), make(2, 2), make(2, 2)];
  for (const reverse of [false, true]) {
    const body = (...[gates, weight, bias, h, c]: Tensor[]): Tensor[] => lstmLayer([gates!, weight!, bias!, h!, c!], { reverse });
    expect(gradcheck(body, inputs)).toBe(true);
    expect(gradgradcheck(body, inputs)).toBe(true);
  }
});
