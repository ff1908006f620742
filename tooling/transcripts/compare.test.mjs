import { expect, test } from "vitest";
import { differences } from "./compare.mjs";

test("sees no difference in spelling, punctuation and the last digits", () => {
  expect(differences("# a\nTrue torch.Size([2, 3])\n(1, 2.00001)\n", "# a\ntrue [2, 3]\n1, 2\n")).toEqual([]);
  expect(differences("# a\ninf nan 1e-3", "# a\nInf NaN 0.001")).toEqual([]);
});

test("sees another number, word, or section", () => {
  expect(differences("# a\n1.00 2.00", "# a\n1.00 2.01")).toEqual(["a: word 1: expected … 1.00 2.00, got … 1.00 2.01"]);
  expect(differences("# a\nloss 1", "# a\ncost 1")).toHaveLength(1);
  expect(differences("# a\n1", "# a\n1 2")).toHaveLength(1);
  expect(differences("# a\n1\n# b\n2", "# a\n1")).toHaveLength(2);
  expect(differences("# a\n1", "# a\n1\n# b\n2")).toEqual(['1 sections too many, first "b"']);
});
