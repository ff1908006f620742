import { empty, rand, randint } from "@bluedot/core";

/** Draws from the default generator, in the way and order that torchvision draws: the same `manualSeed` gives the same augmentation. */

/** Uniform on [low, high). */
export const drawUniform = (low: number, high: number): number => empty([1]).uniform_(low, high).item() as number;

/** An integer from `low` to `high - 1`. */
export const drawInteger = (low: number, high: number): number => randint(low, high, [1]).item() as number;

/** True with probability `p`. */
export const drawChance = (p: number): boolean => (rand([1]).item() as number) < p;
