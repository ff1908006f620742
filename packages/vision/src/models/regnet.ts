import type { Tensor } from "@bluedot/core";
import * as nn from "@bluedot/nn";
import { Conv2dNormActivation, SqueezeExcitation } from "../ops/conv-norm-activation.ts";
import type { ClassifierOptions } from "./alexnet.ts";
import { makeDivisible } from "./initialise.ts";

/** The few numbers that a RegNet is generated from. */
export interface RegNetSettings {
  depth: number;
  /** Initial width, slope of the widths, and the step between stages in the logarithm. */
  w0: number;
  wa: number;
  wm: number;
  groupWidth: number;
  /** Share of squeeze and excitation, 0 for none. */
  seRatio?: number;
}

interface Stage {
  width: number;
  depth: number;
  groupWidth: number;
}

/** Widths grow linearly, are rounded in the logarithm and to multiples of eight; equal neighbours form a stage. */
function stagesOf({ depth, w0, wa, wm, groupWidth }: RegNetSettings): Stage[] {
  const stages: Stage[] = [];
  for (let i = 0; i < depth; i++) {
    const capacity = Math.round(Math.log((i * wa + w0) / w0) / Math.log(wm));
    const width = Math.round((w0 * wm ** capacity) / 8) * 8;
    const last = stages.at(-1);
    if (last?.width === width) last.depth++;
    else stages.push({ width, depth: 1, groupWidth });
  }
  return stages.map(({ width, depth: count }) => {
    const group = Math.min(groupWidth, width);
    return { width: makeDivisible(width, group), depth: count, groupWidth: group };
  });
}

class ResBottleneckBlock extends nn.Module {
  proj: Conv2dNormActivation | null;
  f: nn.Sequential;
  activation: nn.ReLU;

  constructor(from: number, to: number, stride: number, groupWidth: number, seRatio: number) {
    super();
    this.proj = from !== to || stride !== 1 ? new Conv2dNormActivation(from, to, { kernelSize: 1, stride, activation: null }) : null;
    const layers = new Map<string, nn.Module>([
      ["a", new Conv2dNormActivation(from, to, { kernelSize: 1 })],
      ["b", new Conv2dNormActivation(to, to, { stride, groups: to / groupWidth })],
    ]);
    if (seRatio > 0) layers.set("se", new SqueezeExcitation(to, Math.round(seRatio * from)));
    layers.set("c", new Conv2dNormActivation(to, to, { kernelSize: 1, activation: null }));
    this.f = new nn.Sequential(layers);
    this.activation = new nn.ReLU({ inplace: true });
  }

  override forward(x: Tensor): Tensor {
    const identity: Tensor = this.proj === null ? x : this.proj(x);
    return this.activation(identity.add(this.f(x) as Tensor));
  }
}

/** RegNet (Radosavovic et al., 2020). Input `[N, 3, H, W]`. @see torchvision.models.RegNet */
export class RegNet extends nn.Module {
  stem: Conv2dNormActivation;
  trunk_output: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d;
  fc: nn.Linear;

  constructor(settings: RegNetSettings, options: ClassifierOptions = {}) {
    super();
    this.stem = new Conv2dNormActivation(3, 32, { stride: 2 });
    let from = 32;
    const trunk = new Map<string, nn.Module>();
    for (const [s, { width, depth, groupWidth }] of stagesOf(settings).entries()) {
      const blocks = new Map<string, nn.Module>();
      for (let i = 0; i < depth; i++, from = width)
        blocks.set(`block${s + 1}-${i}`, new ResBottleneckBlock(from, width, i === 0 ? 2 : 1, groupWidth, settings.seRatio ?? 0));
      trunk.set(`block${s + 1}`, new nn.Sequential(blocks));
    }
    this.trunk_output = new nn.Sequential(trunk);
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.fc = new nn.Linear(from, options.numClasses ?? 1000);
    for (const module of this.modules()) {
      if (module instanceof nn.Conv2d) {
        const [kernelHeight, kernelWidth] = module.weight.shape.slice(2) as [number, number];
        nn.init.normal_(module.weight, 0, Math.sqrt(2 / (kernelHeight * kernelWidth * module.weight.shape[0]!)));
      } else if (module instanceof nn.Linear) {
        nn.init.normal_(module.weight, 0, 0.01);
        if (module.bias !== null) nn.init.zeros_(module.bias);
      }
    }
  }

  override forward(x: Tensor): Tensor {
    return this.fc(this.avgpool(this.trunk_output(this.stem(x))).flatten(1));
  }
}

const make =
  (settings: RegNetSettings) =>
  (options: ClassifierOptions = {}): RegNet =>
    new RegNet(settings, options);

/** RegNetY of 400 million multiplications. @see torchvision.models.regnet_y_400mf */
export const regnetY400mf = make({ depth: 16, w0: 48, wa: 27.89, wm: 2.09, groupWidth: 8, seRatio: 0.25 });
/** RegNetY of 800 million multiplications. @see torchvision.models.regnet_y_800mf */
export const regnetY800mf = make({ depth: 14, w0: 56, wa: 38.84, wm: 2.4, groupWidth: 16, seRatio: 0.25 });
/** RegNetX of 400 million multiplications. @see torchvision.models.regnet_x_400mf */
export const regnetX400mf = make({ depth: 22, w0: 24, wa: 24.48, wm: 2.54, groupWidth: 16 });
