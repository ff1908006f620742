import process from "node:process";
import { setInflater } from "./inflate.ts";

setInflater((packed, limit) => {
  const { inflateRawSync } = process.getBuiltinModule("node:zlib");
  // A copy: what zlib gives may lie anywhere in a buffer that others share.
  return new Uint8Array(inflateRawSync(packed, { maxOutputLength: Math.max(limit, 1) }));
});
