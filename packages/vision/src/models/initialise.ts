import * as nn from "@bluedot/nn";

const { init } = nn;

function reset(module: nn.BatchNorm2d): void {
  if (module.weight !== null) init.ones_(module.weight);
  if (module.bias !== null) init.zeros_(module.bias);
}

/** Kaiming normal for convolutions, as ResNet, VGG and MobileNet begin; `linearStd` for linear layers, which keep their own start without it. */
export function initialiseKaiming(network: nn.Module, linearStd: number | null): void {
  for (const module of network.modules()) {
    if (module instanceof nn.Conv2d) {
      init.kaimingNormal_(module.weight, { mode: "fan_out", nonlinearity: "relu" });
      if (module.bias !== null) init.zeros_(module.bias);
    } else if (module instanceof nn.BatchNorm2d) reset(module);
    else if (module instanceof nn.Linear && linearStd !== null) {
      init.normal_(module.weight, 0, linearStd);
      if (module.bias !== null) init.zeros_(module.bias);
    }
  }
}

/** Truncated normal for convolutions and linear layers. */
export function initialiseTruncated(network: nn.Module, std: (module: nn.Module) => number, zeroBias: boolean): void {
  for (const module of network.modules()) {
    if (module instanceof nn.Conv2d || module instanceof nn.Linear) {
      init.truncNormal_(module.weight, { mean: 0, std: std(module), a: -2, b: 2 });
      if (zeroBias && module.bias !== null) init.zeros_(module.bias);
    } else if (module instanceof nn.BatchNorm2d) reset(module);
  }
}

/** The multiple of `divisor` nearest to `value`, at most a tenth below it. */
export function makeDivisible(value: number, divisor: number): number {
  const rounded = Math.max(divisor, Math.floor(Math.trunc(value + divisor / 2) / divisor) * divisor);
  return rounded < 0.9 * value ? rounded + divisor : rounded;
}
