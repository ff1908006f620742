import { noGrad } from "@bluedot/autograd";
import { arange, type Tensor, zeros } from "@bluedot/core";
import * as nn from "@bluedot/nn";
import { describe, expect, it } from "vitest";
import { SGD } from "../sgd.ts";
import { AveragedModel, getEmaAvgFn, SWALR, updateBn } from "../swa-utils.ts";

const network = () => {
  const net = new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3));
  const linear = net.getSubmodule("0") as nn.Linear;
  noGrad(() => {
    linear.weight.copy_(arange(6).reshape(3, 2).div(10));
    linear.bias!.copy_(arange(3).div(10));
  });
  return { net, linear };
};

const batches = (): Tensor[][] => [[arange(8).reshape(4, 2).div(7)], [arange(8).reshape(4, 2).flip(0).square().div(7)]];

// Values by PyTorch 1.13.
describe("AveragedModel", () => {
  it("averages parameters with equal weights", () => {
    const { net, linear } = network();
    const averaged = new AveragedModel(net);
    for (let k = 0; k < 3; k++) {
      noGrad(() => linear.weight.mul_(1.5));
      averaged.updateParameters(net);
    }
    expect([...averaged.stateDict().keys()].slice(0, 3)).toEqual(["n_averaged", "module.0.weight", "module.0.bias"]);
    expect(averaged.n_averaged.item()).toBe(3);
    const weight = averaged.getParameter("module.0.weight");
    expect(weight.flatten().tolist()).toEqual([0, 0.2375, 0.475, 0.7125, 0.95, 1.1875].map((x) => expect.closeTo(x, 6)));
    expect(averaged(zeros(2, 2)).shape).toEqual([2, 3]);
  });

  it("keeps exponential averages", () => {
    const { net, linear } = network();
    const averaged = new AveragedModel(net, { avgFn: getEmaAvgFn(0.9) });
    averaged.updateParameters(net);
    noGrad(() => linear.weight.mul_(2));
    averaged.updateParameters(net);
    expect(averaged.getParameter("module.0.weight").at(2, 1).item()).toBeCloseTo(0.5 * (0.9 + 0.1 * 2), 6);
    expect(() => getEmaAvgFn(1.5)).toThrow("Invalid decay value 1.5 provided. Please provide a value in [0,1] range.");
  });
});

describe("updateBn", () => {
  const expected = (net: nn.Module): void => {
    const norm = net.getSubmodule("1") as nn.BatchNorm1d;
    expect(norm.running_mean!.tolist()).toEqual([0.424107164144516, 1.94910728931427, 3.474107265472412].map((x) => expect.closeTo(x, 5)));
    expect(norm.running_var!.tolist()).toEqual([0.2616943418979645, 5.375861644744873, 17.02240562438965].map((x) => expect.closeTo(x, 4)));
    expect(norm.num_batches_tracked!.item()).toBe(2);
    expect(norm.momentum).toBe(0.1);
    expect(net.training).toBe(false);
  };
  const trained = (): nn.Module => {
    const { net, linear } = network();
    noGrad(() => linear.weight.copy_(arange(6).reshape(3, 2).mul(0.2375)));
    net(zeros(2, 2));
    return net.eval();
  };

  it("computes plain averages over a loader", () => {
    const net = trained();
    updateBn(batches(), net);
    expected(net);
  });

  it("reads asynchronous loaders", async () => {
    const net = trained();
    await updateBn(
      (async function* () {
        yield* batches();
      })(),
      net,
    );
    expected(net);
  });
});

describe("SWALR", () => {
  const rates = (annealStrategy: "cos" | "linear", annealEpochs: number): number[][] => {
    const optimizer = new SGD(
      [
        { params: [new nn.Parameter(zeros(1))], lr: 0.4 },
        { params: [new nn.Parameter(zeros(1))], lr: 0.1 },
      ],
      1,
    );
    const scheduler = new SWALR(optimizer, [0.05, 0.2], { annealEpochs, annealStrategy });
    return Array.from({ length: 5 }, () => {
      scheduler.step();
      return scheduler.getLastLr();
    });
  };
  const close = (rows: number[][]) => rows.map((row) => row.map((x) => expect.closeTo(x, 12)));

  it("anneals along a cosine", () => {
    expect(rates("cos", 4)).toEqual(
      close([
        [0.34874368670764583, 0.11464466094067262],
        [0.225, 0.15],
        [0.1012563132923542, 0.18535533905932738],
        [0.05, 0.2],
        [0.05, 0.2],
      ]),
    );
  });

  it("anneals along a line, or at once", () => {
    expect(rates("linear", 3)[1]).toEqual(close([[1 / 6, 1 / 6]])[0]);
    expect(rates("cos", 0)[0]).toEqual([0.05, 0.2]);
  });

  it("refuses settings out of range", () => {
    const optimizer = new SGD([new nn.Parameter(zeros(1))], 1);
    expect(() => new SWALR(optimizer, [0.1, 0.2])).toThrow("swa_lr must have the same length as optimizer.param_groups: swa_lr has 2");
    expect(() => new SWALR(optimizer, 0.1, { annealEpochs: -1 })).toThrow("anneal_epochs must be equal or greater than 0, got -1");
  });
});
