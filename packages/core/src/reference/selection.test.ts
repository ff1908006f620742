import fc from "fast-check";
import { expect, test } from "vitest";
import { introSort, nthElement, partialSort, quickSelect } from "./selection.ts";

const numbers = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 200 });
const places = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

test("every selection puts in place what a sort would", () => {
  fc.assert(
    fc.property(numbers, fc.nat(), (values, seed) => {
      const k = seed % values.length;
      const sorted = [...values].sort((a, b) => a - b);
      const before = (i: number, j: number): boolean => values[i]! < values[j]!;
      const at = (list: Int32Array): number[] => Array.from(list, (i) => values[i]!);

      const nth = places(values.length);
      nthElement(nth, k, before);
      expect(values[nth[k]!]).toBe(sorted[k]);

      const quick = places(values.length);
      quickSelect(quick, k, (i, j) => values[i]! > values[j]!);
      expect(values[quick[k]!]).toBe(sorted[k]);

      const whole = places(values.length);
      introSort(whole, values.length, before);
      expect(at(whole)).toEqual(sorted);

      const part = places(values.length);
      partialSort(part, k + 1, before);
      expect(at(part).slice(0, k + 1)).toEqual(sorted.slice(0, k + 1));
    }),
  );
});
