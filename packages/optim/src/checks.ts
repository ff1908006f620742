/** Python's way to write a number in a message: `-1.0`, `1e-08`. */
const written = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** Throws unless `ok`, with PyTorch's sentence `Invalid <what>: <value>`. @throws {RangeError} */
export function check(ok: boolean, what: string, value: number): void {
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
