import { closeSync, createReadStream, existsSync, openSync, readSync } from "node:fs";

/** MD5 of a file, in hexadecimal. MD5 because that is what the publishers of the data sets state. */
export async function fileMd5(path: string): Promise<string> {
  const { createHash } = await import("node:crypto"); // not needed by those who have the data
  const hash = createHash("md5");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** True when the file is there and has the checksum. */
export async function isIntact(path: string, md5: string): Promise<boolean> {
  return existsSync(path) && (await fileMd5(path)) === md5;
}

/** A whole file, checked to be `size` bytes long. @throws {Error} naming the file */
export function readExactly(path: string, size: number): Uint8Array {
  const bytes = new Uint8Array(size + 1);
  const file = openSync(path, "r");
  let filled = 0;
  try {
    for (let count = -1; count !== 0 && filled <= size; filled += count) count = readSync(file, bytes, filled, bytes.length - filled, null);
  } finally {
    closeSync(file);
  }
  if (filled !== size)
    throw new Error(
      `${path} has ${filled > size ? "too many" : `only ${filled}`} bytes, expected ${size}: the file is damaged, delete it and download it again`,
    );
  return bytes.subarray(0, size);
}
