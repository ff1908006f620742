/** 10^0 to 10^22, the powers of ten that doubles hold exactly. */
export const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);
const NAMED = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["infinity", Number.POSITIVE_INFINITY],
]);

/** What {@link parseNumber} gives for text that is no number; compare with `Number.isNaN` and {@link failed}. */
let failure = false;

/** True when the last call of {@link parseNumber} met text that is no number. */
export const failed = (): boolean => failure;

/**
 * The decimal number in `bytes[start, end)`, correctly rounded: up to 15 digits and a small power of ten are exact in
 * doubles (Clinger, "How to read floating point numbers accurately", 1990), everything else goes through `Number`.
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  let first = bytes[i]!;
  const negative = first === 45;
  if (negative || first === 43) first = bytes[++i]!;
  let mantissa = 0;
  let digits = 0;
  let scale = 0;
  failure = false;
  while (i < end) {
    const digit = bytes[i]! - 48;
    if (digit < 0 || digit > 9) break;
    mantissa = mantissa * 10 + digit;
    digits++;
    i++;
  }
  if (i < end && bytes[i] === 46) {
    const point = ++i;
    while (i < end) {
      const digit = bytes[i]! - 48;
      if (digit < 0 || digit > 9) break;
      mantissa = mantissa * 10 + digit;
      i++;
    }
    scale = i - point;
    digits += scale;
  }
  if (i < end || digits === 0 || digits > 15) return parseSlowly(bytes, start, end);
  const value = scale === 0 ? mantissa : mantissa / POWERS_OF_TEN[scale]!;
  return negative ? -value : value;
}

function parseSlowly(bytes: Uint8Array, start: number, end: number): number {
  const text = String.fromCharCode(...bytes.subarray(start, Math.min(end, start + 400)));
  if (end - start <= 400 && /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return Number(text);
  const named = NAMED.get(text.replace(/^[-+]/, "").toLowerCase());
  if (named !== undefined) return text.startsWith("-") ? -named : named;
  failure = true;
  return Number.NaN;
}
