/** Undoes raw deflate. @throws {Error} when the data is damaged, or as soon as more than `limit` bytes come out */
export type Inflater = (packed: Uint8Array, limit: number) => Uint8Array;

let inflater: Inflater | undefined;

/** Sets what reads compressed records: zlib where Node is, a library elsewhere, and neither is loaded by those who need it not. */
export function setInflater(inflate: Inflater): void {
  inflater = inflate;
}

/** Undoes raw deflate with the inflater of the entry point that was loaded. @throws {Error} */
export function inflateRaw(packed: Uint8Array, limit: number): Uint8Array {
  if (inflater === undefined) throw new Error("no inflater is set");
  return inflater(packed, limit);
}
