// Numbers as Python writes them. JavaScript rounds exact ties away from zero and Python to the even digit; JavaScript drops the sign of
// zero, changes notation from 1e21 on, and writes exponents of one digit.

/** Digits looked at beyond the wanted ones to see an exact tie: a double that close to one differs from it within 17 digits. */
const TIE_DIGITS = 25;
const MOST_DIGITS = 100;

const unsignedNonFinite = (value: number): string => (Number.isNaN(value) ? "nan" : "inf");
const isNegative = (value: number): boolean => value < 0 || Object.is(value, -0);

/** Python's `format(value, ".{digits}f")`. */
export function pythonFixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : unsignedNonFinite(value);
  const magnitude = Math.abs(value);
  const sign = isNegative(value) ? "-" : "";
  if (magnitude >= 1e21) return `${sign}${BigInt(magnitude)}${digits > 0 ? `.${"0".repeat(digits)}` : ""}`;
  const text = magnitude.toFixed(Math.min(digits, MOST_DIGITS));
  return sign + evenOnTie(text, () => magnitude.toFixed(Math.min(MOST_DIGITS, digits + TIE_DIGITS)), digits);
}

/** Python's `format(value, ".{digits}e")`. */
export function pythonExponential(value: number, digits: number): string {
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : unsignedNonFinite(value);
  const magnitude = Math.abs(value);
  const sign = isNegative(value) ? "-" : "";
  const [rounded, exponent] = magnitude.toExponential(Math.min(digits, MOST_DIGITS)).split("e") as [string, string];
  const mantissa = evenOnTie(rounded, () => magnitude.toExponential(Math.min(MOST_DIGITS, digits + TIE_DIGITS)).split("e")[0]!, digits);
  const power = exponent.slice(1);
  return `${sign}${mantissa}e${exponent[0]}${power.length < 2 ? `0${power}` : power}`;
}

/** `rounded`, or its even neighbour below when the exact value lies halfway between the two. */
function evenOnTie(rounded: string, exact: () => string, digits: number): string {
  const last = rounded.charCodeAt(rounded.length - 1) - 48;
  if (last % 2 === 0 || digits + TIE_DIGITS > MOST_DIGITS) return rounded;
  const digitsAfter = exact().split(".")[1]!.slice(digits);
  if (!/^50*$/.test(digitsAfter)) return rounded;
  // The last digit is odd, so that the one below it needs no carry.
  return rounded.slice(0, -1) + String(last - 1);
}

/** Python's `repr` of a float: the shortest decimals that give it back, `1.0` for whole numbers, exponents from 1e16 on and below 1e-4. */
export function pythonRepr(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : unsignedNonFinite(value);
  const sign = isNegative(value) ? "-" : "";
  const [mantissa, exponent] = Math.abs(value).toExponential().split("e") as [string, string];
  const power = Number(exponent);
  if (power < -4 || power >= 16) return `${sign}${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  const text = Math.abs(value).toFixed(Math.max(1, mantissa.replace(".", "").length - 1 - power));
  return sign + text;
}
