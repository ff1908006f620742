const utf8 = new TextEncoder();

/** Bytes that grow as they are written, little-endian. */
export class ByteWriter {
  private buffer = new Uint8Array(1024);
  private length = 0;

  private reserve(count: number): number {
    const start = this.length;
    this.length += count;
    if (this.length > this.buffer.length) {
      const grown = new Uint8Array(Math.max(2 * this.buffer.length, this.length));
      grown.set(this.buffer);
      this.buffer = grown;
    }
    return start;
  }

  private view(count: number): DataView {
    const start = this.reserve(count);
    return new DataView(this.buffer.buffer, start, count);
  }

  uint8(value: number): void {
    const at = this.reserve(1);
    this.buffer[at] = value;
  }
  uint16(value: number): void {
    this.view(2).setUint16(0, value, true);
  }
  int32(value: number): void {
    this.view(4).setInt32(0, value, true);
  }
  uint32(value: number): void {
    this.view(4).setUint32(0, value, true);
  }
  float64BigEndian(value: number): void {
    this.view(8).setFloat64(0, value, false);
  }
  raw(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.buffer.set(bytes, at);
  }
  ascii(text: string): void {
    this.raw(utf8.encode(text));
  }
  /** UTF-8 after its length in four bytes. */
  text(text: string): void {
    const bytes = utf8.encode(text);
    this.uint32(bytes.length);
    this.raw(bytes);
  }

  /** What was written. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }
}
