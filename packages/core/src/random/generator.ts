import { DeviceError, TensorError } from "../errors.ts";
import { Mt19937, STATE_WORDS } from "./mt19937.ts";

/** Bytes of a stored state, the size of PyTorch's `CPUGeneratorImplState`. */
export const STATE_BYTES = 5056;
/** Bytes of the states that PyTorch stored before it kept normals in single precision apart. */
const LEGACY_STATE_BYTES = 5048;
const WORDS_AT = 24;
const DOUBLE_NORMAL_AT = WORDS_AT + 8 * STATE_WORDS + 8;
const DOUBLE_VALID_AT = DOUBLE_NORMAL_AT + 16;
const FLOAT_NORMAL_AT = DOUBLE_VALID_AT + 8;
const FLOAT_VALID_AT = FLOAT_NORMAL_AT + 4;

/** The seed of a `Generator` nobody seeded. */
export const DEFAULT_SEED = 67280421310721n;

const TWO_32 = 4294967296;

/**
 * A stream of pseudo-random numbers: the Mersenne Twister exactly as PyTorch's CPU generator runs it, so that one seed gives the same
 * numbers in both. Random operators take one as `{ generator }` and use {@link defaultGenerator} otherwise.
 *
 * @example
 * ```ts
 * const generator = new Generator().manualSeed(0);
 * generator.random(); // 2357136044
 * ```
 * @see torch.Generator
 */
export class Generator {
  /** Where the numbers are drawn. */
  readonly device: string;
  readonly #engine = new Mt19937(DEFAULT_SEED);

  /** The second number of the last Box-Muller pair in single precision, kept for the next call. */
  nextFloatNormal: number | undefined = undefined;
  /** The second number of the last Box-Muller pair in double precision, kept for the next call. */
  nextDoubleNormal: number | undefined = undefined;

  /** @throws {DeviceError} for a device other than `"cpu"`. */
  constructor(device = "cpu") {
    if (device !== "cpu") throw new DeviceError(`Device type ${device.toUpperCase()} is not supported for torch.Generator() api.`);
    this.device = device;
  }

  /**
   * Starts the stream over from `seed`, an integer in [-2^63, 2^64); a negative one counts from 2^64 down.
   * @returns this generator
   * @throws {TensorError} when the seed is not an integer of 64 bits
   */
  manualSeed(seed: number | bigint): this {
    this.#engine.reseed(toSeed(seed));
    this.nextFloatNormal = undefined;
    this.nextDoubleNormal = undefined;
    return this;
  }

  /** The seed the stream began with; a `bigint` when it is no safe integer. */
  initialSeed(): number | bigint {
    return fromSeed(this.#engine.seed);
  }

  /** Seeds from the system's entropy and returns that seed. */
  seed(): number | bigint {
    const words = globalThis.crypto.getRandomValues(new Uint32Array(2));
    // 53 bits, so that the seed is a plain number and can be written down and given to manualSeed.
    const seed = (BigInt(words[0]! & 0x1fffff) << 32n) | BigInt(words[1]!);
    this.manualSeed(seed);
    return fromSeed(seed);
  }

  /** The twister itself, for kernels that advance it: they leave `left` and `next` as if they had called {@link random}. */
  get engine(): Mt19937 {
    return this.#engine;
  }

  /** The next unsigned 32-bit integer. */
  random(): number {
    return this.#engine.random();
  }

  /** The next unsigned 64-bit integer: the first 32-bit draw is its high half. */
  random64(): bigint {
    const high = this.#engine.random();
    return (BigInt(high) << 32n) | BigInt(this.#engine.random());
  }

  /** Uniform on [0, 1) with the 24 bits that a float32 holds. */
  uniformFloat(): number {
    return (this.#engine.random() & 0xffffff) * 2 ** -24;
  }

  /** Uniform on [0, 1) with the 53 bits that a float64 holds. */
  uniformDouble(): number {
    const high = this.#engine.random() & 0x1fffff;
    return (high * TWO_32 + this.#engine.random()) * 2 ** -53;
  }

  /** Standard normal in double precision by Box and Muller (1958); every second number is the one kept from the pair before. */
  normalDouble(): number {
    const kept = this.nextDoubleNormal;
    if (kept !== undefined) {
      this.nextDoubleNormal = undefined;
      return kept;
    }
    const u1 = this.uniformDouble();
    const u2 = this.uniformDouble();
    const radius = Math.sqrt(-2 * Math.log(1 - u2));
    const theta = 2 * Math.PI * u1;
    this.nextDoubleNormal = radius * Math.sin(theta);
    return radius * Math.cos(theta);
  }

  /** The whole state in PyTorch's layout of 5056 bytes: what `torch.get_rng_state()` gives for the same stream. */
  getState(): Uint8Array {
    const bytes = new Uint8Array(STATE_BYTES);
    const view = new DataView(bytes.buffer);
    const { seed, left, next, words } = this.#engine;
    view.setBigUint64(0, seed, true);
    view.setInt32(8, left, true);
    view.setInt32(12, 1, true);
    view.setUint32(16, next, true);
    for (let i = 0; i < STATE_WORDS; i++) view.setUint32(WORDS_AT + 8 * i, words[i]!, true);
    if (this.nextDoubleNormal !== undefined) {
      view.setFloat64(DOUBLE_NORMAL_AT, this.nextDoubleNormal, true);
      view.setInt32(DOUBLE_VALID_AT, 1, true);
    }
    if (this.nextFloatNormal !== undefined) {
      view.setFloat32(FLOAT_NORMAL_AT, this.nextFloatNormal, true);
      view.setUint8(FLOAT_VALID_AT, 1);
    }
    return bytes;
  }

  /**
   * Continues from a state that {@link getState} or `torch.get_rng_state()` gave.
   * @throws {TensorError} when `state` has another size or describes no valid stream; the generator is then unchanged
   */
  setState(state: Uint8Array): this {
    if (state.length !== STATE_BYTES && state.length !== LEGACY_STATE_BYTES) {
      throw new TensorError(
        `Expected either a CPUGeneratorImplStateLegacy of size ${LEGACY_STATE_BYTES} or a CPUGeneratorImplState of size ${STATE_BYTES} ` +
          `but found the input RNG state size to be ${state.length}`,
      );
    }
    const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
    const left = view.getInt32(8, true);
    const next = view.getUint32(16, true);
    const seeded = view.getInt32(12, true) !== 0;
    if (!seeded || left < 1 || left > STATE_WORDS || next > STATE_WORDS) throw new TensorError("Invalid mt19937 state");
    const engine = this.#engine;
    engine.seed = view.getBigUint64(0, true);
    engine.left = left;
    engine.next = next;
    for (let i = 0; i < STATE_WORDS; i++) engine.words[i] = view.getUint32(WORDS_AT + 8 * i, true);
    const doubleValid = view.getInt32(DOUBLE_VALID_AT, true) !== 0;
    if (state.length === LEGACY_STATE_BYTES) {
      // The old layout kept the uniform number and the radius of the pair in place of the second normal.
      const theta = 2 * Math.PI * view.getFloat64(DOUBLE_NORMAL_AT - 8, true);
      this.nextDoubleNormal = doubleValid ? view.getFloat64(DOUBLE_NORMAL_AT + 8, true) * Math.sin(theta) : undefined;
      this.nextFloatNormal = undefined;
    } else {
      this.nextDoubleNormal = doubleValid ? view.getFloat64(DOUBLE_NORMAL_AT, true) : undefined;
      this.nextFloatNormal = view.getUint8(FLOAT_VALID_AT) ? view.getFloat32(FLOAT_NORMAL_AT, true) : undefined;
    }
    return this;
  }

  /** `torch.Generator`'s text: its address means nothing here, so only the device is told. */
  toString(): string {
    return `<torch.Generator device='${this.device}'>`;
  }
}

/** The generator of every random operator that is not given one. Seeded from the system until {@link Generator.manualSeed}. */
export const defaultGenerator: Generator = new Generator();
defaultGenerator.seed();

/** A seed as the 64 unsigned bits PyTorch takes it for. */
function toSeed(seed: number | bigint): bigint {
  if (typeof seed === "number" && !Number.isFinite(seed)) {
    throw new TensorError(Number.isNaN(seed) ? "cannot convert float NaN to integer" : "cannot convert float infinity to integer");
  }
  // Python's int(): a fraction is cut off.
  const integer = typeof seed === "bigint" ? seed : BigInt(Math.trunc(seed));
  if (integer < -(2n ** 63n) || integer >= 2n ** 64n) throw new TensorError("Overflow when unpacking long");
  return BigInt.asUintN(64, integer);
}

function fromSeed(seed: bigint): number | bigint {
  return seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : seed;
}
