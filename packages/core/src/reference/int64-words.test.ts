import fc from "fast-check";
import { expect, test } from "vitest";
import { doublesOfInt64, writeInt64Words } from "./int64-words.ts";

test("words carry 64-bit integers as bigints would", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), (values) => {
      expect([...doublesOfInt64(BigInt64Array.from(values))]).toEqual(values.map(Number));
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger()), (values) => {
      const data = new BigInt64Array(values.length);
      expect(writeInt64Words(data, values)).toBe(true);
      expect([...data]).toEqual(values.map(BigInt));
    }),
  );
});

test("what is beyond 2^53 is left to others", () => {
  const data = new BigInt64Array(1);
  expect([writeInt64Words(data, [2 ** 53]), data[0]]).toEqual([false, 0n]);
});
