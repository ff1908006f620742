import { UnpicklingError } from "./errors.ts";

/** The dictionary at the head of an `.npy` file. */
export interface NpyHeader {
  /** NumPy's type string, such as `<f4`. */
  descr: string;
  fortranOrder: boolean;
  shape: number[];
  /** Where the data begins, in bytes. */
  dataOffset: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

function refuse(detail: string): never {
  throw new UnpicklingError(`npy: ${detail}`);
}

/** Reads the head of an `.npy` file, versions 1 to 3. @throws {UnpicklingError} */
export function readNpyHeader(bytes: Uint8Array): NpyHeader {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) refuse("the magic string is not correct; expected \\x93NUMPY");
  const major = bytes[6]!;
  if (major < 1 || major > 3) refuse(`format version ${major}.${bytes[7]} is not supported, only 1 to 3`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start) refuse("EOF: reading array header length");
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + length > bytes.length) refuse(`EOF: reading array header, expected ${length} bytes got ${bytes.length - start}`);
  const text = new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(bytes.subarray(start, start + length));
  return { ...parseDictionary(text), dataOffset: start + length };
}

/** The head of an `.npy` file, padded so that data begins at a multiple of 64. */
export function writeNpyHeader(descr: string, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const padding = 64 - ((10 + dictionary.length + 1) % 64);
  const text = `${dictionary}${" ".repeat(padding % 64)}\n`;
  const head = new Uint8Array(10 + text.length);
  head.set(MAGIC);
  head[6] = 1;
  new DataView(head.buffer).setUint16(8, text.length, true);
  head.set(new TextEncoder().encode(text), 10);
  return head;
}

const TOKEN = /\s*('[^'\\]*'|"[^"\\]*"|True|False|\d+|[{}()[\]:,])\s*/y;

/** A Python dictionary literal of the three known keys; anything else is refused, so nothing needs evaluating. */
function parseDictionary(text: string): Omit<NpyHeader, "dataOffset"> {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    const match = TOKEN.exec(text);
    if (match === null) refuse(`Cannot parse header: ${JSON.stringify(text.slice(0, 60))}`);
    tokens.push(match[1]!);
  }
  let at = 0;
  const next = (): string => tokens[at++] ?? refuse("Cannot parse header: it ends early");
  const expect = (token: string): void => {
    if (next() !== token) refuse(`Cannot parse header: Header is not a dictionary: ${JSON.stringify(text.slice(0, 60))}`);
  };
  const found = new Map<string, unknown>();
  expect("{");
  while (tokens[at] !== "}") {
    const key = next();
    expect(":");
    found.set(
      key.slice(1, -1),
      parseValue(next, () => tokens[at]),
    );
    if (tokens[at] !== "}") expect(",");
  }
  at++;
  if (at !== tokens.length) refuse("Cannot parse header: text follows the dictionary");

  const descr = found.get("descr");
  const fortranOrder = found.get("fortran_order");
  const shape = found.get("shape");
  if (found.size !== 3 || typeof fortranOrder !== "boolean" || !Array.isArray(shape))
    refuse("Header does not contain the correct keys: descr, fortran_order, shape");
  if (typeof descr !== "string") refuse("structured arrays are not supported, only arrays of one numeric type");
  return { descr, fortranOrder, shape: shape as number[] };
}

function parseValue(next: () => string, peek: () => string | undefined): unknown {
  const token = next();
  if (token === "True" || token === "False") return token === "True";
  if (/^['"]/.test(token)) return token.slice(1, -1);
  if (token === "[") {
    let depth = 1;
    while (depth > 0) {
      const inside = next();
      depth += inside === "[" ? 1 : inside === "]" ? -1 : 0;
    }
    return null; // a structured type, which the caller refuses
  }
  if (token !== "(") refuse(`Cannot parse header: unexpected ${token}`);
  const items: number[] = [];
  while (peek() !== ")") {
    const item = next();
    if (!/^\d+$/.test(item) || !Number.isSafeInteger(Number(item))) refuse(`shape is not valid: ${item}`);
    items.push(Number(item));
    if (peek() === ",") next();
    else if (peek() !== ")") refuse("Cannot parse header: shape is no tuple");
  }
  next();
  return items;
}
