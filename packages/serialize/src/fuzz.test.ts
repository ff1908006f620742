import "@bluedot/autograd";
import { tensor } from "@bluedot/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadBytes, npyFromTensor, parseNpy, safetensorsFromTensors, saveBytes, tensorsFromSafetensors, UnpicklingError } from "./bytes.ts";
import { zipStored } from "./zip-writer.ts";

const state = new Map<string, unknown>([
  [
    "weight",
    tensor([
      [1, 2],
      [3, 4],
    ]).t(),
  ],
  ["step", 3],
  ["names", ["a", "b", null, true, 0.5]],
]);
const good = saveBytes(state);
const npy = npyFromTensor(
  tensor([
    [1, 2],
    [3, 4],
  ]),
);
const safe = safetensorsFromTensors({ a: tensor([1, 2]), b: tensor([3n]) });

/** Bytes with a few of them changed, and perhaps an end cut off. */
const damaged = (bytes: Uint8Array) =>
  fc
    .tuple(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 }), fc.option(fc.nat(bytes.length)))
    .map(([changes, end]) => {
      const copy = bytes.slice(0, end ?? bytes.length);
      for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
      return copy;
    });

/** A reader gives a value or refuses; anything else is a bug. */
function survives(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(UnpicklingError);
  }
}

describe("damaged and made-up files", () => {
  it("are refused or read, never crash", () => {
    fc.assert(
      fc.property(damaged(good), (bytes) => survives(() => loadBytes(bytes))),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(damaged(npy), (bytes) => survives(() => parseNpy(bytes))),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(damaged(safe), (bytes) => survives(() => tensorsFromSafetensors(bytes))),
      { numRuns: 300 },
    );
  });

  it("pickles of random opcodes are refused or read", () => {
    const opcodes = fc.constantFrom(
      ...[..."()]}.NKJMXUQRabcdeghijlopqrstu0123FGILSTVBC".split("")].map((c) => c.charCodeAt(0)),
      ...Array.from({ length: 24 }, (_, i) => 0x80 + i),
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: opcodes }, { weight: 1, arbitrary: fc.nat(20) }), { maxLength: 60 }),
        (codes) => {
          survives(() => loadBytes(zipStored(new Map([["archive/data.pkl", Uint8Array.from([0x80, 2, ...codes, 46])]]))));
          survives(() => loadBytes(Uint8Array.from([0x80, 2, ...codes, 46])));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("data survives the round trip", () => {
    const leaf = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.bigInt({ min: 2n ** 60n, max: 2n ** 80n }),
      fc.uint8Array({ maxLength: 20 }),
    );
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        leaf,
        fc.array(tie("node"), { maxLength: 5 }),
        fc.array(fc.tuple(fc.string(), tie("node")), { maxLength: 4 }).map((pairs) => new Map(pairs)),
      ),
    })).node;
    fc.assert(
      fc.property(value, (data) => {
        expect(loadBytes(saveBytes(data))).toEqual(data);
      }),
      { numRuns: 200 },
    );
  });
});
