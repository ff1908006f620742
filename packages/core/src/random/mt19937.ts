/** Words of state of the Mersenne Twister. */
export const STATE_WORDS = 624;
const SHIFT = 397;

/**
 * The Mersenne Twister of Matsumoto and Nishimura (1998), 32-bit outputs, seeded and advanced as PyTorch's `at::mt19937`.
 * `left` counts down to the next refill and `next` is the word to hand out, so that the pair can be stored in PyTorch's layout.
 */
export class Mt19937 {
  readonly words = new Uint32Array(STATE_WORDS);
  seed = 0n;
  left = 1;
  next = 0;

  constructor(seed: bigint) {
    this.reseed(seed);
  }

  /** Starts over from `seed`; only its low 32 bits decide the stream, all 64 are remembered. */
  reseed(seed: bigint): void {
    const { words } = this;
    this.seed = BigInt.asUintN(64, seed);
    words[0] = Number(this.seed & 0xffffffffn);
    for (let i = 1; i < STATE_WORDS; i++) {
      const previous = words[i - 1]!;
      words[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
    this.left = 1;
    this.next = 0;
  }

  /** The next unsigned 32-bit integer. */
  random(): number {
    if (--this.left === 0) this.#refill();
    let y = this.words[this.next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #refill(): void {
    const { words } = this;
    const last = STATE_WORDS - 1;
    const turn = STATE_WORDS - SHIFT;
    for (let i = 0; i < turn; i++) words[i] = twist(words[i]!, words[i + 1]!) ^ words[i + SHIFT]!;
    for (let i = turn; i < last; i++) words[i] = twist(words[i]!, words[i + 1]!) ^ words[i - turn]!;
    words[last] = twist(words[last]!, words[0]!) ^ words[SHIFT - 1]!;
    this.left = STATE_WORDS;
    this.next = 0;
  }
}

/** Joins the top bit of `u` to the low 31 bits of `v`, then multiplies by the matrix of the recurrence. */
function twist(u: number, v: number): number {
  return (((u & 0x80000000) | (v & 0x7fffffff)) >>> 1) ^ (-(v & 1) & 0x9908b0df);
}
