import type { Tensor } from "@bluedot/core";
import { castInputs } from "@bluedot/core/extend";

/** The tensors in the precision that mixed precision gives the function `name`, which is made of several operators; themselves while it is off. */
export const inPrecisionOf = <T extends readonly Tensor[]>(name: string, ...tensors: T): T =>
  castInputs === null ? tensors : (castInputs(name, tensors) as unknown as T);
