import { readFileSync } from "node:fs";
import { type DType, fromTypedArray, getDefaultDtype, type Tensor } from "@bluedot/core";
import { type Converter, conversionMessage, readTable, type TableFormat } from "./delimited-table.ts";

/** Where text comes from: a path or a `file:` URL; the text itself when a string holds a line break; bytes; or its lines. */
export type TextSource = string | URL | Uint8Array | readonly string[];

/** Options of {@link loadtxt}, by NumPy's names. */
export interface LoadtxtOptions {
  /** Element type; the default dtype (float32) unless given. */
  dtype?: DType;
  /** One character between fields; `null`, the default, means any run of spaces and tabs. */
  delimiter?: string | null;
  /** What begins a comment; `"#"` by default, `null` for none. */
  comments?: string | readonly string[] | null;
  /** Lines to skip at the start, comments and blank ones included. */
  skiprows?: number;
  /** Rows to read after those. */
  maxRows?: number | null;
  /** Columns to keep, in this order, from 0; negative ones count from the last. */
  usecols?: number | readonly number[] | null;
  /** Turns the text of a field into a number: one function for all columns, or one a column. */
  converters?: Converter | Readonly<Record<number, Converter>> | ReadonlyMap<number, Converter> | null;
  /** Transposes the result, so that columns can be destructured. */
  unpack?: boolean;
  /** The least number of dimensions: 0, 1 or 2. Below that, dimensions of size 1 are dropped. */
  ndmin?: 0 | 1 | 2;
  /** Character that encloses fields which hold delimiters; `null`, the default, means none. */
  quotechar?: string | null;
}

const OPTIONS = ["dtype", "delimiter", "comments", "skiprows", "maxRows", "usecols", "converters", "unpack", "ndmin", "quotechar"];
const INTEGER_RANGES = new Map<DType, readonly [number, number]>([
  ["int8", [-128, 127]],
  ["uint8", [0, 255]],
  ["int16", [-32768, 32767]],
  ["int32", [-(2 ** 31), 2 ** 31 - 1]],
  ["int64", [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
]);
const encoder = new TextEncoder();

/**
 * Reads a table of numbers from delimited text (CSV), one row a line, by the rules of `numpy.loadtxt`.
 * Gives `[rows, columns]`; a single row or column gives one dimension unless `ndmin` asks for two.
 *
 * @throws {TypeError} `could not convert string 'x' to float32 at row 0, column 2.` (rows from 0, columns from 1)
 * @throws {RangeError} when rows have different numbers of columns, or a column does not exist
 *
 * @example
 * loadtxt("1;2\n3;4\n", { delimiter: ";" }).tolist() // [[1, 2], [3, 4]]
 *
 * @see numpy.loadtxt
 */
export function loadtxt(source: TextSource, options: LoadtxtOptions = {}): Tensor {
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) throw new TypeError(`loadtxt: unknown option ${name}, expected one of ${OPTIONS.join(", ")}`);
  }
  const dtype = options.dtype ?? getDefaultDtype();
  if (dtype.startsWith("complex")) throw new TypeError(`loadtxt: dtype ${dtype} is not supported`);
  const { values, rows, columns } = readTable(readBytes(source), tableFormat(options, dtype));

  const ndmin = options.ndmin ?? 0;
  let shape = rows === 0 ? (ndmin === 2 ? [0, 1] : [0]) : [rows, columns];
  if (rows > 0 && ndmin < 2) shape = shape.filter((size) => size !== 1);
  if (ndmin === 1 && shape.length === 0) shape = [1];
  const table = toTensor(values, shape, dtype);
  return options.unpack && shape.length === 2 ? table.transpose(0, 1) : table;
}

/**
 * The names in the first line of a CSV file, quotes removed.
 *
 * @example
 * readCsvHeader('"fixed acidity";"pH"\n7;3\n', { delimiter: ";" }) // ["fixed acidity", "pH"]
 */
export function readCsvHeader(source: TextSource, options: { delimiter?: string; quotechar?: string } = {}): string[] {
  for (const name of Object.keys(options)) {
    if (name !== "delimiter" && name !== "quotechar")
      throw new TypeError(`readCsvHeader: unknown option ${name}, expected one of delimiter, quotechar`);
  }
  const { delimiter = ",", quotechar = '"' } = options;
  const text = new TextDecoder().decode(readBytes(source));
  const names: string[] = [];
  let name = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted) {
      if (char !== quotechar) name += char;
      else if (text[i + 1] === quotechar) name += text[++i];
      else quoted = false;
    } else if (char === quotechar && name === "") quoted = true;
    else if (char === delimiter) {
      names.push(name);
      name = "";
    } else if (char === "\n" || char === "\r") break;
    else name += char;
  }
  if (names.length > 0 || name !== "") names.push(name);
  return names;
}

function readBytes(source: TextSource): Uint8Array {
  if (source instanceof Uint8Array) return source;
  if (source instanceof URL) return readFileSync(source);
  if (typeof source === "string") return /[\r\n]/.test(source) || source === "" ? encoder.encode(source) : readFileSync(source);
  return encoder.encode(source.join("\n"));
}

function controlByte(character: string | null | undefined): number | null {
  if (character === null || character === undefined) return null;
  const bytes = encoder.encode(character);
  if (bytes.length !== 1)
    throw new TypeError(`Text reading control character must be a single ASCII character or null; but got: '${character}'`);
  return bytes[0]!;
}

function tableFormat(options: LoadtxtOptions, dtype: DType): TableFormat {
  const { usecols, converters, comments = "#", skiprows = 0, maxRows } = options;
  for (const [name, count] of [
    ["skiprows", skiprows],
    ["maxRows", maxRows ?? 0],
  ] as const) {
    if (!Number.isInteger(count) || count < 0) throw new RangeError(`loadtxt: ${name} must be an integer >= 0, got ${count}`);
  }
  const columns = usecols === null || usecols === undefined ? null : typeof usecols === "number" ? [usecols] : usecols;
  const bad = columns?.find((column) => !Number.isInteger(column));
  if (bad !== undefined)
    throw new TypeError(`usecols must be an int or a sequence of ints but it contains at least one element of value ${bad}`);
  const marks = comments === null ? [] : typeof comments === "string" ? [comments] : comments;
  return {
    delimiter: controlByte(options.delimiter),
    quote: controlByte(options.quotechar),
    comments: marks.filter((mark) => mark !== "").map((mark) => encoder.encode(mark)),
    skipRows: skiprows,
    maxRows: maxRows ?? Number.POSITIVE_INFINITY,
    columns,
    converters: columnConverters(converters),
    converter: typeof converters === "function" ? converters : null,
    check: integerCheck(dtype),
    dtype,
  };
}

function columnConverters(converters: LoadtxtOptions["converters"]): ReadonlyMap<number, Converter> {
  if (converters === null || converters === undefined || typeof converters === "function") return new Map();
  if (converters instanceof Map) return converters as ReadonlyMap<number, Converter>;
  return new Map(Object.entries(converters as Record<number, Converter>).map(([column, converter]) => [Number(column), converter]));
}

/** Refuses what an integer dtype cannot hold exactly. */
function integerCheck(dtype: DType): TableFormat["check"] {
  const range = INTEGER_RANGES.get(dtype);
  if (range === undefined) return null;
  const [lowest, highest] = range;
  return (value, text, row, column) => {
    if (!Number.isInteger(value) || value < lowest || value > highest) throw new TypeError(conversionMessage(text(), dtype, row, column));
  };
}

function toTensor(values: Float64Array, shape: readonly number[], dtype: DType): Tensor {
  switch (dtype) {
    case "float64":
      return fromTypedArray(values, shape);
    case "float32":
      return fromTypedArray(Float32Array.from(values), shape);
    case "int64":
      return fromTypedArray(BigInt64Array.from(values, BigInt), shape);
    case "bool":
      return fromTypedArray(
        Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)),
        shape,
        { dtype },
      );
    case "float16":
    case "bfloat16":
      return fromTypedArray(values, shape).to(dtype);
    case "int8":
      return fromTypedArray(Int8Array.from(values), shape);
    case "uint8":
      return fromTypedArray(Uint8Array.from(values), shape);
    case "int16":
      return fromTypedArray(Int16Array.from(values), shape);
    default:
      return fromTypedArray(Int32Array.from(values), shape);
  }
}
