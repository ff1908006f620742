import { failed, POWERS_OF_TEN, parseNumber } from "./number-parser.ts";

/** Turns the text of one field into a number. */
export type Converter = (text: string) => number | boolean | bigint;

/** How a table of numbers is written. */
export interface TableFormat {
  /** Byte between fields; `null` = any run of spaces and tabs. */
  delimiter: number | null;
  /** Byte that encloses a field holding delimiters; `null` = none. */
  quote: number | null;
  /** What begins a comment that runs to the end of the line. */
  comments: readonly Uint8Array[];
  skipRows: number;
  maxRows: number;
  /** Columns to keep, in this order; negative ones count from the last. `null` = all. */
  columns: readonly number[] | null;
  converters: ReadonlyMap<number, Converter>;
  /** Serves every column without a converter of its own. */
  converter: Converter | null;
  /** Called for each kept value; throws where the value does not fit the dtype. Gives the text lazily. */
  check: ((value: number, text: () => string, row: number, column: number) => void) | null;
  /** Name of the dtype, for messages. */
  dtype: string;
}

/** A table as it was read, row by row. */
export interface Table {
  values: Float64Array;
  rows: number;
  columns: number;
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Reads numbers from delimited text, by NumPy's rules: blank lines and comments are skipped, all rows have the same number of fields.
 *
 * @throws {RangeError} `the number of columns changed from 3 to 4 at row 7 ...`
 * @throws {TypeError} `could not convert string 'x' to float32 at row 0, column 2.`: rows from 0, columns from 1, as NumPy counts
 */
export function readTable(text: Uint8Array, format: TableFormat): Table {
  const bytes = withLineFeeds(text);
  const { delimiter, quote, converters, converter, check } = format;
  const end = bytes.length;
  const comments = format.comments.filter((mark) => contains(bytes, mark));
  const plain = converters.size === 0 && converter === null && check === null;
  const fast = plain && quote === null && delimiter !== null && format.columns === null && comments.length === 0;
  let at = skipLines(bytes, format.skipRows);
  /** Field bounds of the current line: start, end, start, end ... */
  let bounds = new Int32Array(256);
  let values: Float64Array = new Float64Array(4096);
  let filled = 0;
  let rows = 0;
  let fieldsInRow = -1;
  let kept: Int32Array | null = null;

  while (at < end && rows < format.maxRows) {
    if (fast && fieldsInRow > 0) {
      if (filled + fieldsInRow > values.length) values = grow(values, fieldsInRow);
      const next = readPlainRow(bytes, at, delimiter as number, values, filled, fieldsInRow);
      if (next > 0) {
        at = next;
        filled += fieldsInRow;
        rows++;
        continue;
      }
    }
    const lineStart = at;
    let lineEnd = bytes.indexOf(LF, at);
    if (lineEnd < 0) lineEnd = end;
    at = lineEnd + 1;
    const stop = contentEnd(bytes, lineStart, bytes[lineEnd - 1] === CR && lineEnd > lineStart ? lineEnd - 1 : lineEnd, comments);

    let fields = 0;
    let i = skipBlanks(bytes, lineStart, stop, delimiter);
    if (i >= stop) continue;
    for (;;) {
      if (2 * fields + 2 > bounds.length) {
        const grown = new Int32Array(bounds.length * 2);
        grown.set(bounds);
        bounds = grown;
      }
      let from = i;
      let to: number;
      if (quote !== null && bytes[i] === quote) {
        from = ++i;
        while (i < stop && bytes[i] !== quote) i++;
        to = i;
        while (i < stop && !isDelimiter(bytes[i]!, delimiter)) i++;
      } else {
        if (delimiter === null) while (i < stop && bytes[i] !== SPACE && bytes[i] !== TAB) i++;
        else while (i < stop && bytes[i] !== delimiter) i++;
        to = i;
        if (delimiter !== null) {
          while (from < to && (bytes[from] === SPACE || bytes[from] === TAB)) from++;
          while (to > from && (bytes[to - 1] === SPACE || bytes[to - 1] === TAB)) to--;
        }
      }
      bounds[2 * fields] = from;
      bounds[2 * fields + 1] = to;
      fields++;
      if (i >= stop) break;
      i = delimiter === null ? skipBlanks(bytes, i, stop, null) : i + 1;
      if (delimiter === null && i >= stop) break;
    }

    if (fieldsInRow < 0 || (kept !== null && fields !== fieldsInRow && format.columns !== null)) {
      fieldsInRow = fields;
      kept = resolveColumns(format.columns, fields, rows);
    } else if (fields !== fieldsInRow) {
      throw new RangeError(
        `the number of columns changed from ${fieldsInRow} to ${fields} at row ${rows + 1}; use \`usecols\` to select a subset and avoid this error`,
      );
    }
    const columns = kept!;
    if (filled + columns.length > values.length) values = grow(values, columns.length);
    for (let c = 0; c < columns.length; c++) {
      const field = columns[c]!;
      const from = bounds[2 * field]!;
      const to = bounds[2 * field + 1]!;
      if (plain) {
        const value = parseNumber(bytes, from, to);
        if (value !== value && failed()) throw conversionError(bytes, from, to, format.dtype, rows, field);
        values[filled++] = value;
      } else values[filled++] = convert(bytes, from, to, format, rows, field);
    }
    rows++;
  }
  const columns = rows === 0 ? 0 : filled / rows;
  return { values: values.slice(0, filled), rows, columns };
}

function grow(values: Float64Array, atLeast: number): Float64Array {
  const grown = new Float64Array(2 * values.length + atLeast);
  grown.set(values);
  return grown;
}

/**
 * Reads one row of `fields` short decimal numbers into `values[filled...]` and gives where the next line begins; 0 when the row is anything else,
 * which is then read the careful way. Whole tables are read here: scanning and conversion are one pass over the bytes.
 */
function readPlainRow(bytes: Uint8Array, start: number, delimiter: number, values: Float64Array, filled: number, fields: number): number {
  const end = bytes.length;
  let i = start;
  for (let field = 0; field < fields; field++) {
    let byte = bytes[i]!;
    const negative = byte === 45;
    if (negative) byte = bytes[++i]!;
    const first = i;
    let mantissa = 0;
    let scale = 0;
    while (byte >= 48 && byte <= 57) {
      mantissa = mantissa * 10 + (byte - 48);
      byte = bytes[++i]!;
    }
    if (byte === 46) {
      const point = ++i;
      byte = bytes[i]!;
      while (byte >= 48 && byte <= 57) {
        mantissa = mantissa * 10 + (byte - 48);
        byte = bytes[++i]!;
      }
      scale = i - point;
    }
    if (i === first || i - first > 15 || (scale === 0 && bytes[i - 1] === 46)) return 0;
    values[filled + field] = (negative ? -1 : 1) * (scale === 0 ? mantissa : mantissa / POWERS_OF_TEN[scale]!);
    if (field < fields - 1) {
      if (byte !== delimiter) return 0;
      i++;
    }
  }
  if (i >= end) return end;
  if (bytes[i] === CR) i++;
  return bytes[i] === LF ? i + 1 : 0;
}

/** The text with lone carriage returns, as old systems wrote line ends, turned into line feeds. */
function withLineFeeds(bytes: Uint8Array): Uint8Array {
  let at = bytes.indexOf(CR);
  while (at >= 0 && bytes[at + 1] === LF) at = bytes.indexOf(CR, at + 1);
  return at < 0 ? bytes : bytes.map((byte, i) => (byte === CR && bytes[i + 1] !== LF ? LF : byte));
}

function contains(bytes: Uint8Array, mark: Uint8Array): boolean {
  for (let at = bytes.indexOf(mark[0]!); at >= 0; at = bytes.indexOf(mark[0]!, at + 1)) {
    if (mark.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}

function convert(bytes: Uint8Array, from: number, to: number, format: TableFormat, row: number, field: number): number {
  const own = format.converters.get(field) ?? format.converter;
  const text = (): string => utf8.decode(bytes.subarray(from, to));
  let value: number;
  if (own !== null) {
    value = Number(own(text()));
  } else {
    value = parseNumber(bytes, from, to);
    if (failed()) throw conversionError(bytes, from, to, format.dtype, row, field);
  }
  format.check?.(value, text, row, field);
  return value;
}

/** NumPy's sentence for a field that is not of the dtype. */
export function conversionMessage(text: string, dtype: string, row: number, field: number): string {
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return `could not convert string '${shown}' to ${dtype} at row ${row}, column ${field + 1}.`;
}

function conversionError(bytes: Uint8Array, from: number, to: number, dtype: string, row: number, field: number): TypeError {
  return new TypeError(conversionMessage(utf8.decode(bytes.subarray(from, to)), dtype, row, field));
}

function isDelimiter(byte: number, delimiter: number | null): boolean {
  return delimiter === null ? byte === SPACE || byte === TAB : byte === delimiter;
}

function skipBlanks(bytes: Uint8Array, at: number, stop: number, delimiter: number | null): number {
  let i = at;
  while (i < stop && (bytes[i] === SPACE || bytes[i] === TAB) && bytes[i] !== delimiter) i++;
  return i;
}

/** Where the line's content ends: before a comment, before trailing blanks. */
function contentEnd(bytes: Uint8Array, start: number, end: number, comments: readonly Uint8Array[]): number {
  let stop = end;
  for (const mark of comments) {
    const first = mark[0]!;
    for (let i = start; i + mark.length <= stop; i++) {
      if (bytes[i] !== first) continue;
      let same = 1;
      while (same < mark.length && bytes[i + same] === mark[same]) same++;
      if (same === mark.length) stop = i;
    }
  }
  return stop;
}

function skipLines(bytes: Uint8Array, count: number): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let skipped = 0; skipped < count && at < bytes.length; skipped++) {
    const lineEnd = bytes.indexOf(LF, at);
    at = lineEnd < 0 ? bytes.length : lineEnd + 1;
  }
  return at;
}

function resolveColumns(columns: readonly number[] | null, fields: number, row: number): Int32Array {
  if (columns === null) return Int32Array.from({ length: fields }, (_, i) => i);
  return Int32Array.from(columns, (column) => {
    const field = column < 0 ? column + fields : column;
    if (field < 0 || field >= fields) throw new RangeError(`invalid column index ${column} at row ${row + 1} with ${fields} columns`);
    return field;
  });
}
