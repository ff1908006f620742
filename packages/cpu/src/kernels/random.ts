import type { Generator, Tensor } from "@bluedot/core";
import { dtypeInfo, type Kernel } from "@bluedot/core/extend";
import { FLOAT32, FLOAT64, POINTERS, pointer, SCALARS, TYPE } from "../descriptor.ts";
import type { Addon, NativeFunction } from "../native.ts";

type Factory = (reference: Kernel) => Kernel;

/** Normal numbers in fewer elements than this are drawn one by one, which the reference kernel does. */
const BLOCK = 16;

const isFloat = (t: Tensor): boolean => {
  const { code } = dtypeInfo[t.dtype];
  return code === FLOAT32 || code === FLOAT64;
};
/** Contiguous, in memory that native code knows, and not of a type that must be encoded. */
const served = (t: Tensor): boolean =>
  t.count > 0 &&
  t.storage.address !== 0 &&
  t.contiguousLayout &&
  t.dtype !== "float16" &&
  t.dtype !== "bfloat16" &&
  !t.dtype.startsWith("complex");

/** Random fills. They draw the same numbers as the reference kernels from the same generator and leave it in the same state. */
export function randomKernels(addon: Addon): Record<string, Factory> {
  const D = addon.descriptor;
  const { randomUniform, randomNormal, randomExponential, randomBernoulli, randomIntegers, randomPermutation } = addon.kernels as Record<
    string,
    NativeFunction
  >;
  const addresses = new WeakMap<Generator, number>();
  const wordsOf = (generator: Generator): number => {
    let address = addresses.get(generator);
    if (address === undefined) {
      address = addon.addressOf(generator.engine.words.buffer) + generator.engine.words.byteOffset;
      addresses.set(generator, address);
    }
    return address;
  };
  const fill =
    <P extends { readonly generator: Generator }>(
      native: NativeFunction,
      serves: (out: Tensor, params: P) => boolean,
      first: (params: P) => number,
      second: (params: P, out: Tensor) => number,
    ): Factory =>
    (reference) =>
    (inputs, outputs, params) => {
      const out = outputs[0]!;
      const given = params as P;
      if (!served(out) || !serves(out, given)) return reference(inputs, outputs, params);
      const { engine } = given.generator;
      const words = wordsOf(given.generator);
      D[TYPE] = dtypeInfo[out.dtype].code;
      D[2] = out.count;
      D[3] = engine.left;
      D[4] = engine.next;
      D[SCALARS] = first(given);
      D[SCALARS + 1] = second(given, out);
      D[POINTERS] = pointer(out);
      D[POINTERS + 1] = words;
      native();
      engine.left = D[3]!;
      engine.next = D[4]!;
    };
  interface Bounds {
    readonly from: number;
    readonly to: number;
    readonly generator: Generator;
  }
  interface Moments {
    readonly mean: number;
    readonly std: number;
    readonly generator: Generator;
  }
  interface Integers {
    readonly from: bigint;
    readonly range: bigint;
    readonly generator: Generator;
  }
  /** `to - from` in the precision of the tensor. */
  const span = ({ from, to }: Bounds, out: Tensor): number =>
    out.dtype === "float32" ? Math.fround(Math.fround(to) - Math.fround(from)) : to - from;
  const none = (): number => 0;
  const integers = fill<Integers>(
    randomIntegers!,
    (_, { from, range }) => range < 4294967296n && from >= -(2n ** 53n) && from + range <= 2n ** 53n,
    ({ from }) => Number(from),
    ({ range }) => Number(range),
  );
  return {
    uniform_: fill<Bounds>(randomUniform!, isFloat, ({ from }) => from, span),
    normal_: fill<Moments>(
      randomNormal!,
      (out) => isFloat(out) && out.count >= BLOCK,
      ({ mean }) => mean,
      ({ std }) => std,
    ),
    exponential_: fill<{ lambda: number; generator: Generator }>(randomExponential!, isFloat, ({ lambda }) => -1 / lambda, none),
    bernoulli_: fill<{ p: number; generator: Generator }>(
      randomBernoulli!,
      () => true,
      ({ p }) => p,
      () => 1,
    ),
    dropoutMask: fill<{ keep: number; scale: number; generator: Generator }>(
      randomBernoulli!,
      isFloat,
      ({ keep }) => keep,
      ({ scale }) => scale,
    ),
    random_from_to_: integers,
    random_to_: integers,
    randperm: fill<{ generator: Generator }>(randomPermutation!, () => true, none, none),
  };
}
