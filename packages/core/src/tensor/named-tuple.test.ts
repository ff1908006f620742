import { expect, test } from "vitest";
import { tensor } from "../index.ts";
import { namedTuple } from "./named-tuple.ts";

test("fields, iteration and text", () => {
  const [values, indices] = tensor([3, 1]).sort();
  expect(String(namedTuple(["values", "indices"], [values, indices], "sort"))).toBe(
    "torch.return_types.sort(\nvalues=tensor([1., 3.]),\nindices=tensor([1, 0]))",
  );
  const pair = namedTuple(["var", "mean"], [1, 2]);
  expect(pair.mean).toBe(2);
  expect(String(pair)).toBe("(1, 2)");
  expect(JSON.stringify(pair)).toBe("[1,2]");
});
