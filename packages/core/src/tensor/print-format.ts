import { pythonExponential, pythonFixed } from "./print-number.ts";

/** What a tensor's elements are printed from. */
export type PrintedValue = number | bigint | boolean | { readonly re: number; readonly im: number };

/** Settings of printing that the numbers themselves depend on. */
export interface NumberStyle {
  readonly precision: number;
  readonly sciMode: boolean | null;
}

/** Writes elements of one tensor with one width and one notation, chosen from all elements that are shown. */
export interface ElementFormat {
  /** Characters an element takes. */
  readonly width: number;
  format(value: PrintedValue): string;
}

/** Format of integers and booleans: as they are, padded to the longest. */
export function plainFormat(values: readonly PrintedValue[]): ElementFormat {
  const text = (value: PrintedValue): string => (typeof value === "boolean" ? (value ? "True" : "False") : String(value));
  const width = values.reduce<number>((widest, value) => Math.max(widest, text(value).length), 1);
  return { width, format: (value) => text(value).padStart(width) };
}

/**
 * Format of floats. Whole numbers print as `1.`; scientific notation serves when the largest and the smallest magnitude differ by more
 * than 1000 times, or lie outside [1e-4, 1e8].
 */
export function floatFormat(values: readonly number[], { precision, sciMode }: NumberStyle): ElementFormat {
  let smallest = Number.POSITIVE_INFINITY;
  let largest = 0;
  let whole = true;
  for (const value of values) {
    if (value === 0 || !Number.isFinite(value)) continue;
    const magnitude = Math.abs(value);
    if (magnitude < smallest) smallest = magnitude;
    if (magnitude > largest) largest = magnitude;
    if (value !== Math.ceil(value)) whole = false;
  }
  if (largest === 0) return withWidth(1, "whole", precision);
  const scientific = largest / smallest > 1000 || largest > 1e8 || (!whole && smallest < 1e-4);
  let width = 1;
  for (const value of values) {
    if (value === 0 || !Number.isFinite(value)) continue;
    const length = scientific
      ? pythonExponential(value, precision).length
      : whole
        ? pythonFixed(value, 0).length + 1
        : pythonFixed(value, precision).length;
    if (length > width) width = length;
  }
  // A forced notation keeps the width of the chosen one, as PyTorch does.
  return withWidth(width, (sciMode ?? scientific) ? "scientific" : whole ? "whole" : "fixed", precision);
}

function withWidth(width: number, notation: "scientific" | "whole" | "fixed", precision: number): ElementFormat {
  const text = (value: number): string => {
    if (notation === "scientific") return pythonExponential(value, precision);
    if (notation === "fixed") return pythonFixed(value, precision);
    return Number.isFinite(value) ? `${pythonFixed(value, 0)}.` : pythonFixed(value, 0);
  };
  return { width, format: (value) => text(value as number).padStart(width) };
}

/** Format of complex numbers: the real and the imaginary parts each have a format of their own. */
export function complexFormat(real: ElementFormat, imaginary: ElementFormat): ElementFormat {
  return {
    width: real.width + imaginary.width + 1,
    format: (value) => {
      const { re, im } = value as { re: number; im: number };
      const part = `${imaginary.format(im)}j`.trimStart();
      return real.format(re) + (part.startsWith("+") || part.startsWith("-") ? part : `+${part}`);
    },
  };
}
