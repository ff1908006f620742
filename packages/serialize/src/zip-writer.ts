import { crc32 } from "./crc32.ts";

/** Data of every record starts at a multiple of this, so that a reader may map it into memory. */
const ALIGNMENT = 64;
const LOCAL_HEADER_SIZE = 30;
const CENTRAL_HEADER_SIZE = 46;
const END_RECORD_SIZE = 22;
const MAX_ARCHIVE_SIZE = 0xffffffff;
const MAX_RECORDS = 0xffff;
/** Id of the padding field that PyTorch writes ("FB"). */
const PADDING_ID = 0x4246;
/** Version 2.0 of the format. */
const VERSION = 20;
/** Names are UTF-8. */
const FLAGS = 0x800;
/** 1 January 1980, the first day that a zip archive knows: the same tensors give the same bytes. */
const DATE = 0x0021;

interface Placed {
  readonly name: Uint8Array;
  readonly content: Uint8Array;
  readonly padding: number;
  readonly offset: number;
}

/**
 * A zip archive of stored (not compressed) records, in the given order, each aligned to 64 bytes by a padding field as in `torch.save`.
 *
 * @throws {RangeError} when the archive would pass 4 GiB.
 */
export function zipStored(records: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const placed: Placed[] = [];
  let offset = 0;
  let directorySize = 0;
  for (const [text, content] of records) {
    const name = new TextEncoder().encode(text);
    const head = offset + LOCAL_HEADER_SIZE + name.length + 4;
    const padding = (ALIGNMENT - (head % ALIGNMENT)) % ALIGNMENT;
    placed.push({ name, content, padding, offset });
    offset = head + padding + content.length;
    directorySize += CENTRAL_HEADER_SIZE + name.length;
  }
  const size = offset + directorySize + END_RECORD_SIZE;
  if (size > MAX_ARCHIVE_SIZE) throw new RangeError("save: archives beyond 4 GiB are not supported; save the tensors in several files");
  if (placed.length > MAX_RECORDS) throw new RangeError(`save: ${placed.length} records are more than one archive holds`);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let directory = offset;
  for (const record of placed) directory = writeRecord(bytes, view, record, directory);
  view.setUint32(directory, 0x06054b50, true);
  view.setUint16(directory + 8, placed.length, true);
  view.setUint16(directory + 10, placed.length, true);
  view.setUint32(directory + 12, directorySize, true);
  view.setUint32(directory + 16, offset, true);
  return bytes;
}

/** Writes a record and its entry in the directory; returns where the next entry goes. */
function writeRecord(bytes: Uint8Array, view: DataView, { name, content, padding, offset }: Placed, directory: number): number {
  const crc = crc32(content);
  // What both headers say of a record, from the version on.
  const describe = (at: number, extraLength: number): void => {
    view.setUint16(at, VERSION, true);
    view.setUint16(at + 2, FLAGS, true);
    view.setUint16(at + 8, DATE, true);
    view.setUint32(at + 10, crc, true);
    view.setUint32(at + 14, content.length, true);
    view.setUint32(at + 18, content.length, true);
    view.setUint16(at + 22, name.length, true);
    view.setUint16(at + 24, extraLength, true);
  };
  view.setUint32(offset, 0x04034b50, true);
  describe(offset + 4, 4 + padding);
  bytes.set(name, offset + LOCAL_HEADER_SIZE);
  const extra = offset + LOCAL_HEADER_SIZE + name.length;
  view.setUint16(extra, PADDING_ID, true);
  view.setUint16(extra + 2, padding, true);
  bytes.fill(0x5a, extra + 4, extra + 4 + padding);
  bytes.set(content, extra + 4 + padding);
  view.setUint32(directory, 0x02014b50, true);
  view.setUint16(directory + 4, VERSION, true);
  describe(directory + 6, 0);
  view.setUint32(directory + 42, offset, true);
  bytes.set(name, directory + CENTRAL_HEADER_SIZE);
  return directory + CENTRAL_HEADER_SIZE + name.length;
}
