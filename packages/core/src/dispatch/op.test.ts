import { expect, it } from "vitest";
import "../index.ts";
import { allOps } from "./op.ts";

it("every operator has a kernel in TypeScript", () => {
  const missing = [...allOps().values()].filter((op) => op.reference === null).map((op) => op.name);
  expect(missing).toEqual([]);
  expect(allOps().size).toBeGreaterThan(200);
});
