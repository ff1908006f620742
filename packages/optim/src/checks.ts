import { FloatScalar } from "@bluedot/core/extend";

/** A number as Python writes it in a message: `-1`, and `-1.0` for `floatScalar(-1)`. */
const written = (value: number | FloatScalar): string => {
  const plain = Number(value);
  return value instanceof FloatScalar && Number.isInteger(plain) ? plain.toFixed(1) : String(plain);
};

/** Throws unless `ok`, with PyTorch's sentence `Invalid <what>: <value>`. @throws {RangeError} */
export function check(ok: boolean, what: string, value: number | FloatScalar): void {
  if (!ok) throw new RangeError(`Invalid ${what}: ${written(value)}`);
}

/** @throws {RangeError} unless the settings that most optimizers share are in range */
export function checkCommon({ lr, eps, weightDecay }: { lr: number; eps?: number; weightDecay?: number }): void {
  check(lr >= 0, "learning rate", lr);
  if (eps !== undefined) check(eps >= 0, "epsilon value", eps);
  if (weightDecay !== undefined) check(weightDecay >= 0, "weight_decay value", weightDecay);
}

/** @throws {RangeError} unless both are in [0, 1) */
export function checkBetas(betas: readonly [number, number]): void {
  betas.forEach((beta, i) => {
    if (!(beta >= 0 && beta < 1)) throw new RangeError(`Invalid beta parameter at index ${i}: ${written(beta)}`);
  });
}
