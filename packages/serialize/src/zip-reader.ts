import { plainBytes } from "./byte-reader.ts";
import { crc32 } from "./crc32.ts";
import { inflateRaw } from "./inflate.ts";

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_RECORD = 0x06054b50;
const ZIP64_END_RECORD = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;
/** Deflate cannot expand more than 1032 times; a record that claims more is a lie. */
const MAX_DEFLATE_RATIO = 1032;

/** One record of a zip archive, its position already checked against the file's size. */
export interface ZipRecord {
  name: string;
  /** Uncompressed size in bytes. */
  size: number;
  compressedSize: number;
  /** 0 stored, 8 deflated. */
  method: number;
  crc: number;
  headerOffset: number;
}

function corrupted(detail: string): Error {
  return new Error(`failed reading zip archive: ${detail}`);
}

/**
 * The table of contents of a zip archive held in memory. Stored records are given as views of `bytes`, never copied; sizes are believed only when the
 * file is long enough for them. Written here rather than taken from fflate because fflate allocates what a record declares before it looks at the data.
 *
 * @throws {Error} `failed reading zip archive: ...` when a structure is missing or points outside the file.
 */
export class ZipReader {
  readonly records = new Map<string, ZipRecord>();
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = plainBytes(bytes);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.readDirectory();
  }

  /** True when `bytes` begin as a zip archive does. */
  static matches(bytes: Uint8Array): boolean {
    return bytes.length >= 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
  }

  /** The content of a record, checked against its CRC. @throws {Error} when it is missing, cut short or damaged. */
  read(name: string): Uint8Array {
    const record = this.records.get(name);
    if (record === undefined) throw new Error(`file in archive is not in a subdirectory or does not exist: ${name}`);
    const packed = this.locate(record);
    const content = record.method === 0 ? packed : inflate(packed, record);
    if (crc32(content) !== record.crc) throw corrupted(`record ${name} is damaged (CRC-32 does not match)`);
    return content;
  }

  private locate(record: ZipRecord): Uint8Array {
    const { view } = this;
    const at = record.headerOffset;
    if (at + 30 > view.byteLength || view.getUint32(at, true) !== LOCAL_HEADER)
      throw corrupted(`no local header for record ${record.name}`);
    const nameLength = view.getUint16(at + 26, true);
    const start = at + 30 + nameLength + view.getUint16(at + 28, true);
    if (start + record.compressedSize > view.byteLength) throw corrupted(`record ${record.name} reaches past the end of the file`);
    if (decodeName(this.bytes.subarray(at + 30, at + 30 + nameLength)) !== record.name)
      throw corrupted(`local header of record ${record.name} names another one`);
    return this.bytes.subarray(start, start + record.compressedSize);
  }

  private readDirectory(): void {
    const { view } = this;
    const end = this.findEnd();
    let count = view.getUint16(end + 10, true);
    let size = view.getUint32(end + 12, true);
    let offset = view.getUint32(end + 16, true);
    if (count === 0xffff || size === 0xffffffff || offset === 0xffffffff) {
      const locator = end - 20;
      if (locator < 0 || view.getUint32(locator, true) !== ZIP64_LOCATOR) throw corrupted("zip64 locator is missing");
      const at = this.uint64(locator + 8, "zip64 directory");
      if (at + 56 > view.byteLength || view.getUint32(at, true) !== ZIP64_END_RECORD) throw corrupted("zip64 directory is missing");
      count = this.uint64(at + 32, "record count");
      size = this.uint64(at + 40, "directory size");
      offset = this.uint64(at + 48, "directory offset");
    }
    if (offset + size > end || count * 46 > size) throw corrupted("invalid header or archive is corrupted");
    let at = offset;
    for (let i = 0; i < count; i++) at = this.readEntry(at, offset + size);
  }

  private readEntry(at: number, limit: number): number {
    const { view } = this;
    if (at + 46 > limit || view.getUint32(at, true) !== CENTRAL_HEADER) throw corrupted("invalid header or archive is corrupted");
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > limit) throw corrupted("invalid header or archive is corrupted");
    const name = decodeName(this.bytes.subarray(at + 46, at + 46 + nameLength));
    if (flags & 1) throw corrupted(`record ${name} is encrypted`);
    if (method !== 0 && method !== 8)
      throw corrupted(`record ${name} uses compression method ${method}; only stored and deflated records are read`);
    const record: ZipRecord = {
      name,
      method,
      crc: view.getUint32(at + 16, true),
      compressedSize: view.getUint32(at + 20, true),
      size: view.getUint32(at + 24, true),
      headerOffset: view.getUint32(at + 42, true),
    };
    this.readZip64Extra(record, at + 46 + nameLength, extraLength);
    if (record.headerOffset + 30 + record.compressedSize > view.byteLength)
      throw corrupted(`record ${name} reaches past the end of the file`);
    if (method === 0 ? record.size !== record.compressedSize : record.size > record.compressedSize * MAX_DEFLATE_RATIO + 64) {
      throw corrupted(`record ${name} declares an impossible size`);
    }
    this.records.set(name, record); // of two records with one name the later counts, as in PyTorch's reader
    return next;
  }

  /** Sizes beyond 32 bits live in extra field 1, in this order and only where the 32-bit field is all ones. */
  private readZip64Extra(record: ZipRecord, start: number, length: number): void {
    let at = start;
    while (at + 4 <= start + length) {
      const id = this.view.getUint16(at, true);
      const end = at + 4 + this.view.getUint16(at + 2, true);
      if (end > start + length) return;
      if (id === 1) {
        let field = at + 4;
        for (const key of ["size", "compressedSize", "headerOffset"] as const) {
          if (record[key] !== 0xffffffff) continue;
          if (field + 8 > end) throw corrupted(`record ${record.name} lacks its zip64 ${key}`);
          record[key] = this.uint64(field, key);
          field += 8;
        }
      }
      at = end;
    }
  }

  private findEnd(): number {
    const { view } = this;
    const lowest = Math.max(0, view.byteLength - 22 - 0xffff);
    for (let at = view.byteLength - 22; at >= lowest; at--) {
      if (view.getUint32(at, true) === END_RECORD && at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at;
    }
    throw corrupted("failed finding central directory");
  }

  private uint64(at: number, what: string): number {
    const value = Number(this.view.getBigUint64(at, true));
    if (!Number.isSafeInteger(value)) throw corrupted(`${what} is out of range`);
    return value;
  }
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

function decodeName(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

/** The content of a deflated record: never more bytes than it declares are made. */
function inflate(packed: Uint8Array, record: ZipRecord): Uint8Array {
  let content: Uint8Array;
  try {
    content = inflateRaw(packed, record.size);
  } catch (error) {
    throw corrupted(`record ${record.name} cannot be inflated (${error instanceof Error ? error.message : String(error)})`);
  }
  if (content.length !== record.size) throw corrupted(`record ${record.name} is not as long as it declares`);
  return content;
}
