import { type Zippable, zipSync } from "fflate";

/** Data of every record starts at a multiple of this, so that a reader may map it into memory. */
const ALIGNMENT = 64;
const LOCAL_HEADER_SIZE = 30;
const MAX_ARCHIVE_SIZE = 0xffffffff;
/** Id of the padding field that PyTorch writes ("FB"). */
const PADDING_ID = 0x4246;

/**
 * A zip archive of stored (not compressed) records, in the given order, each aligned to 64 bytes by a padding field as in `torch.save`.
 *
 * @throws {RangeError} when the archive would pass 4 GiB.
 */
export function zipStored(records: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const zippable: Zippable = {};
  let offset = 0;
  for (const [name, content] of records) {
    const head = offset + LOCAL_HEADER_SIZE + new TextEncoder().encode(name).length + 4;
    const padding = (ALIGNMENT - (head % ALIGNMENT)) % ALIGNMENT;
    offset = head + padding + content.length;
    if (offset > MAX_ARCHIVE_SIZE) throw new RangeError("save: archives beyond 4 GiB are not supported; save the tensors in several files");
    zippable[name] = [content, { level: 0, mtime: new Date(1980, 0, 1), extra: { [PADDING_ID]: new Uint8Array(padding).fill(0x5a) } }];
  }
  return zipSync(zippable);
}
