import { UnpicklingError } from "./errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The same memory as a `Uint8Array` proper: `slice` of Node's `Buffer` is a view where a copy is meant. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads little-endian values from bytes; every read is checked against the end. */
export class ByteReader {
  readonly bytes: Uint8Array;
  /** Index of the next byte. */
  at = 0;
  private readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = plainBytes(bytes);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  private advance(count: number): number {
    if (!(count >= 0) || count > this.remaining) throw new UnpicklingError("pickle data was truncated");
    const start = this.at;
    this.at += count;
    return start;
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }
  uint16(): number {
    return this.view.getUint16(this.advance(2), true);
  }
  int32(): number {
    return this.view.getInt32(this.advance(4), true);
  }
  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }
  int64(): bigint {
    return this.view.getBigInt64(this.advance(8), true);
  }
  /** A length of eight bytes; beyond 2^53 no file can be that long. */
  length64(): number {
    return Number(this.view.getBigUint64(this.advance(8), true));
  }
  float64BigEndian(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  /** A view of the next `count` bytes. */
  take(count: number): Uint8Array {
    const start = this.advance(count);
    return this.bytes.subarray(start, start + count);
  }

  /** The next `count` bytes as UTF-8. @throws {UnpicklingError} when they are not. */
  text(count: number): string {
    const part = this.take(count);
    try {
      return utf8.decode(part);
    } catch {
      throw new UnpicklingError("a string in the pickle is not valid UTF-8");
    }
  }

  /** Text up to the next line feed, which is consumed. */
  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw new UnpicklingError("pickle data was truncated");
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }
}
