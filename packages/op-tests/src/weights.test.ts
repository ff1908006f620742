import { expect, it } from "vitest";
import { gradientWeights } from "./weights.ts";

it("weighs elements as the records do", () => {
  // k = 0: (2 * 11 - 101) / 100; k = 1: (2 * 48 - 101) / 100; k = 3: (37 * 3 + 11) % 101 = 21, (42 - 101) / 100
  expect(Array.from(gradientWeights(4, 0))).toEqual([-0.79, -0.05, 0.69, -0.59]);
  // j = 1: (37 * 17 + 11) % 101 = 34, (68 - 101) / 100
  expect(gradientWeights(1, 1)[0]).toBe(-0.33);
});
