import { Inflate } from "fflate";
import { setInflater } from "./inflate.ts";

setInflater((packed, limit) => {
  const content = new Uint8Array(limit);
  let filled = 0;
  const stream = new Inflate((chunk) => {
    if (filled + chunk.length > limit) throw new RangeError(`more than ${limit} bytes`);
    content.set(chunk, filled);
    filled += chunk.length;
  });
  const step = 1 << 14;
  for (let at = 0; at < packed.length; at += step) stream.push(packed.subarray(at, at + step), at + step >= packed.length);
  return content.subarray(0, filled);
});
