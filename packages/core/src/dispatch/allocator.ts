import { type Block, Storage } from "../tensor/storage.ts";

/**
 * CPU memory. Ordinary ArrayBuffers, so that V8 reclaims what is forgotten even inside a synchronous loop; what the
 * library knows to be dead is given back with {@link release} and reused at once, by size class, while still in cache.
 * Small tensors are cut from slabs whose slots are all of one class, so that a tensor kept for long pins little.
 */
const ALIGNMENT = 64;
const SMALL = 4096;
/** A slab has this many slots, but no more bytes than the C library serves without new pages from the system. */
const SLOTS_PER_SLAB = 64;
const SLAB_LIMIT = 1 << 16;
/** Memory kept for reuse, at most, in bytes. */
const KEPT_LIMIT = 1 << 30;

let addressOf: ((buffer: ArrayBuffer) => number) | null = null;
const freeBlocks: (Block[] | undefined)[] = [];
let live = 0;
let kept = 0;
let peak = 0;

/** Lets a native backend tell where buffers lie; blocks made from then on are aligned to 64 bytes. */
export function setAddressOf(find: (buffer: ArrayBuffer) => number): void {
  addressOf = find;
  freeBlocks.length = 0;
  kept = 0;
}

/** The address of memory made outside, 0 without a native backend. */
export const addressOfBuffer = (buffer: ArrayBuffer): number => (addressOf === null ? 0 : addressOf(buffer));

/** Classes: multiples of 64 bytes up to 1 KiB, then eight steps for each power of two. */
function sizeClass(nbytes: number): number {
  if (nbytes <= 1024) return nbytes <= 64 ? 1 : (nbytes + 63) >>> 6;
  const last = nbytes - 1;
  const exponent = last < 2 ** 31 ? 31 - Math.clz32(last) : Math.floor(Math.log2(last));
  return 17 + (exponent - 10) * 8 + Math.floor((last - 2 ** exponent) / 2 ** (exponent - 3));
}

function classCapacity(index: number): number {
  if (index <= 16) return index * 64;
  const exponent = 10 + ((index - 17) >>> 3);
  return 2 ** exponent + (((index - 17) & 7) + 1) * 2 ** (exponent - 3);
}

/** Node's way to memory that is not cleared first, which costs more than all else here; elsewhere memory comes cleared. */
const uncleared = (globalThis as { Buffer?: { allocUnsafeSlow(size: number): { buffer: ArrayBuffer } } }).Buffer;
const newBuffer = (nbytes: number): ArrayBuffer =>
  uncleared === undefined ? new ArrayBuffer(nbytes) : uncleared.allocUnsafeSlow(nbytes).buffer;

function freshBlock(capacity: number, kind: number): Block {
  if (addressOf === null) return { buffer: newBuffer(capacity), byteOffset: 0, capacity, kind, address: 0 };
  const buffer = newBuffer(capacity + ALIGNMENT);
  const start = addressOf(buffer);
  const byteOffset = (ALIGNMENT - (start % ALIGNMENT)) % ALIGNMENT;
  return { buffer, byteOffset, capacity, kind, address: start + byteOffset };
}

/** Cuts a new slab into slots of a class, keeps all but one for later. */
function cutSlab(capacity: number, kind: number, list: Block[]): Block {
  const slots = Math.min(SLOTS_PER_SLAB, Math.floor(SLAB_LIMIT / capacity));
  const { buffer, byteOffset, address } = freshBlock(capacity * slots, kind);
  for (let i = slots - 1; i > 0; i--) {
    list.push({ buffer, byteOffset: byteOffset + i * capacity, capacity, kind, address: address === 0 ? 0 : address + i * capacity });
  }
  return { buffer, byteOffset, capacity, kind, address };
}

let scope: Storage[] | null = null;

/** Uninitialised memory for `nbytes` bytes. */
export function allocate(nbytes: number): Storage {
  const index = sizeClass(nbytes);
  let list = freeBlocks[index];
  if (list === undefined) freeBlocks[index] = list = [];
  let block = list.pop();
  if (block === undefined) {
    const capacity = classCapacity(index);
    block = capacity <= SMALL ? cutSlab(capacity, index, list) : freshBlock(capacity, index);
  } else if (block.capacity > SMALL) kept -= block.capacity;
  live += block.capacity;
  if (live > peak) peak = live;
  const storage = new Storage("cpu", block, nbytes);
  if (scope !== null) scope.push(storage);
  return storage;
}

/**
 * Gives the memory of `storage` back for reuse. Only for storage that nothing a user could hold refers to:
 * any later access to its tensors throws.
 */
export function release(storage: Storage): void {
  if (storage.device !== "cpu") return;
  const block = storage.takeBlock();
  if (block === null) return;
  if (block.kind < 0) return;
  live -= block.capacity;
  if (block.capacity > SMALL) {
    if (kept + block.capacity > KEPT_LIMIT) return;
    kept += block.capacity;
  }
  const list = freeBlocks[block.kind];
  if (list === undefined) freeBlocks[block.kind] = [block];
  else list.push(block);
}

/** Moves the bytes of `storage` to memory that threads can share. Its tensors and their views see the new memory; arrays taken from them before keep the old. */
export function moveToSharedMemory(storage: Storage): void {
  if (storage.device !== "cpu" || storage.isShared) return;
  const buffer = new SharedArrayBuffer(storage.nbytes + ALIGNMENT) as ArrayBufferLike as ArrayBuffer;
  const start = addressOfBuffer(buffer);
  const byteOffset = start === 0 ? 0 : (ALIGNMENT - (start % ALIGNMENT)) % ALIGNMENT;
  new Uint8Array(buffer, byteOffset, storage.nbytes).set(storage.bytes());
  // The old memory is left to the collector, not reused: programs may hold arrays over it.
  if (storage.block.kind >= 0) live -= storage.block.capacity;
  storage.moveTo({ buffer, byteOffset, capacity: storage.nbytes, kind: -1, address: start === 0 ? 0 : start + byteOffset });
}

/** Drops the memory kept for reuse. @see torch.cuda.empty_cache, for the CPU */
export function emptyCache(): void {
  freeBlocks.length = 0;
  kept = 0;
}

/** Storage made since `enterScope`; pass what it returned to `leaveScope`. */
export function enterScope(): Storage[] | null {
  const outer = scope;
  scope = [];
  return outer;
}

/** Ends the innermost scope and returns the storage made in it; the caller releases or adopts it. */
export function leaveScope(outer: Storage[] | null): Storage[] {
  const made = scope ?? [];
  scope = outer;
  return made;
}

/** Takes storage just made out of the innermost scope: it lives on (remembered constants, gradients, optimizer state). */
export function keepStorage(storage: Storage): void {
  if (scope === null) return;
  const at = scope.lastIndexOf(storage);
  if (at >= 0) scope.splice(at, 1);
}

/** Hands storage that outlives an inner scope to the one around it. */
export function adoptStorage(storage: Storage): void {
  if (scope !== null) scope.push(storage);
}

/** Bytes of CPU tensors not released explicitly (`allocated`, an upper bound: the collector frees others unseen), its peak, and bytes kept for reuse. */
export const memoryStats = (): { allocated: number; peak: number; reserved: number } => ({ allocated: live, peak, reserved: kept });
