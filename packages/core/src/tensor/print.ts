import { type DType, getDefaultDtype, isComplex, isFloatingPoint } from "./dtype.ts";
import { complexFormat, type ElementFormat, floatFormat, type PrintedValue, plainFormat } from "./print-format.ts";

export type { PrintedValue } from "./print-format.ts";

/** How tensors are printed. */
export interface PrintOptions {
  /** Digits after the point. Default 4. */
  readonly precision: number;
  /** Tensors of more elements are summarized. Default 1000. */
  readonly threshold: number;
  /** Elements shown at each end of a summarized dimension. Default 3. */
  readonly edgeitems: number;
  /** Characters of a line. Default 80. */
  readonly linewidth: number;
  /** Scientific notation always (`true`), never (`false`) or where it reads better (`null`, the default). */
  readonly sciMode: boolean | null;
}

/** Named sets of options: `default`, `short` (two digits, two edge items), `full` (never summarize). */
export type PrintProfile = "default" | "short" | "full";

const profiles: Readonly<Record<PrintProfile, Omit<PrintOptions, "sciMode">>> = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Number.POSITIVE_INFINITY, edgeitems: 3, linewidth: 80 },
};

let current: PrintOptions = { ...profiles.default, sciMode: null };

/** The options that {@link setPrintOptions} set. */
export const getPrintOptions = (): PrintOptions => current;

/**
 * Changes how tensors are printed from now on. What is not given stays, but `sciMode`, which goes back to automatic.
 *
 * @example
 * ```ts
 * setPrintOptions({ precision: 2 });
 * String(tensor([1.12345])); // tensor([1.12])
 * ```
 * @throws {TypeError} for an unknown option
 * @see torch.set_printoptions
 */
export function setPrintOptions(options: Partial<PrintOptions> & { readonly profile?: PrintProfile }): void {
  const { profile, precision, threshold, edgeitems, linewidth, sciMode, ...unknown } = options;
  for (const name of Object.keys(unknown)) {
    throw new TypeError(
      `setPrintOptions() got an unexpected keyword argument '${name}'; it takes precision, threshold, edgeitems, linewidth, profile, sciMode`,
    );
  }
  const base = profile === undefined ? current : (profiles[profile] ?? current);
  current = {
    precision: precision ?? base.precision,
    threshold: threshold ?? base.threshold,
    edgeitems: edgeitems ?? base.edgeitems,
    linewidth: linewidth ?? base.linewidth,
    sciMode: sciMode ?? null,
  };
}

/** What printing needs to know of a tensor. */
export interface PrintedTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The element at a flat index in row-major order; absent for tensors without data (`meta`), which print as `...`. */
  readonly get?: ((flatIndex: number) => PrintedValue) | undefined;
  readonly suffixes?: PrintedSuffixes | undefined;
}

/** What is told after the elements. */
export interface PrintedSuffixes {
  /** Given when the tensor lives elsewhere than on the CPU. */
  readonly device?: string | undefined;
  /** Name of the node that computed the tensor, such as `AddBackward0`. */
  readonly gradFn?: string | undefined;
  /** Told only without `gradFn`. */
  readonly requiresGrad?: boolean | undefined;
  readonly names?: readonly (string | null)[] | null | undefined;
}

const PREFIX = "tensor(";

/** PyTorch's `repr` of a tensor, character for character. */
export function formatTensor(tensor: PrintedTensor, options: PrintOptions = current): string {
  const { shape, dtype, get, suffixes = {} } = tensor;
  const empty = shape.includes(0);
  const told: string[] = [];
  if (suffixes.device !== undefined) told.push(`device='${suffixes.device}'`);
  let text: string;
  if (get === undefined) {
    told.push(`size=${tuple(shape)}`);
    if (dtype !== getDefaultDtype()) told.push(`dtype=torch.${dtype}`);
    text = "...";
  } else if (empty) {
    if (shape.length !== 1) told.push(`size=${tuple(shape)}`);
    if (dtype !== getDefaultDtype()) told.push(`dtype=torch.${dtype}`);
    text = "[]";
  } else {
    if (!isUsual(dtype)) told.push(`dtype=torch.${dtype}`);
    text = formatElements(shape, dtype, get, PREFIX.length, options);
  }
  if (suffixes.gradFn !== undefined) told.push(`grad_fn=<${suffixes.gradFn}>`);
  else if (suffixes.requiresGrad) told.push("requires_grad=True");
  if (suffixes.names?.some((name) => name !== null)) {
    told.push(`names=${tuple(suffixes.names.map((name) => (name === null ? "None" : `'${name}'`)))}`);
  }
  return withSuffixes(PREFIX + text, told, options.linewidth);
}

/** Dtypes that need not be told: the default one, its complex companion, int64 and bool. */
function isUsual(dtype: DType): boolean {
  const standard = getDefaultDtype();
  return dtype === standard || dtype === "int64" || dtype === "bool" || dtype === (standard === "float64" ? "complex128" : "complex64");
}

/** A Python tuple. */
const tuple = (items: readonly (number | string)[]): string => (items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`);

function withSuffixes(text: string, suffixes: readonly string[], linewidth: number): string {
  let out = text;
  // One more than the characters on the last line: the arithmetic is PyTorch's.
  let used = text.length - text.lastIndexOf("\n") + 1;
  for (const suffix of suffixes) {
    if (used + suffix.length + 2 > linewidth) {
      out += `,\n${" ".repeat(PREFIX.length)}${suffix}`;
      used = PREFIX.length + suffix.length;
    } else {
      out += `, ${suffix}`;
      used += suffix.length + 2;
    }
  }
  return `${out})`;
}

function formatElements(
  shape: readonly number[],
  dtype: DType,
  get: (flatIndex: number) => PrintedValue,
  indent: number,
  options: PrintOptions,
): string {
  const summarize = shape.reduce((product, size) => product * size, 1) > options.threshold;
  const sizes = shape.map((size) => shownIndices(size, summarize, options.edgeitems));
  const strides = new Array<number>(shape.length);
  for (let i = shape.length - 1, stride = 1; i >= 0; stride *= shape[i]!, i--) strides[i] = stride;

  const shown: PrintedValue[] = [];
  const collect = (dim: number, at: number): void => {
    if (dim === shape.length) shown.push(get(at));
    else for (const i of sizes[dim]!.indices) collect(dim + 1, at + i * strides[dim]!);
  };
  collect(0, 0);

  const format = elementFormat(shown, dtype, options);
  let next = 0;
  const write = (dim: number, margin: number): string => {
    if (dim === shape.length) return format.format(shown[next++]!);
    const { indices, gapAt } = sizes[dim]!;
    const innermost = dim === shape.length - 1;
    const parts: string[] = [];
    for (let i = 0; i <= indices.length; i++) {
      if (i === gapAt) parts.push(innermost ? " ..." : "...");
      if (i < indices.length) parts.push(write(dim + 1, margin + 1));
    }
    if (!innermost) return `[${parts.join(`,${"\n".repeat(shape.length - 1 - dim)}${" ".repeat(margin + 1)}`)}]`;
    const perLine = Math.max(1, Math.floor((options.linewidth - margin) / (format.width + 2)));
    const lines: string[] = [];
    for (let i = 0; i < parts.length; i += perLine) lines.push(parts.slice(i, i + perLine).join(", "));
    return `[${lines.join(`,\n${" ".repeat(margin + 1)}`)}]`;
  };
  return write(0, indent);
}

/** The indices of a dimension that are shown, and before which of them the dots stand (-1: nowhere). */
function shownIndices(
  size: number,
  summarize: boolean,
  edgeitems: number,
): { readonly indices: readonly number[]; readonly gapAt: number } {
  if (!summarize || size <= 2 * edgeitems) return { indices: Array.from({ length: size }, (_, i) => i), gapAt: -1 };
  const indices = Array.from({ length: 2 * edgeitems }, (_, i) => (i < edgeitems ? i : size - 2 * edgeitems + i));
  return { indices, gapAt: edgeitems };
}

function elementFormat(shown: readonly PrintedValue[], dtype: DType, options: PrintOptions): ElementFormat {
  if (isComplex(dtype)) {
    const parts = shown as readonly { re: number; im: number }[];
    const real = floatFormat(
      parts.map(({ re }) => re),
      options,
    );
    const imaginary = floatFormat(
      parts.map(({ im }) => im),
      options,
    );
    return complexFormat(real, imaginary);
  }
  return isFloatingPoint(dtype) ? floatFormat(shown as readonly number[], options) : plainFormat(shown);
}
