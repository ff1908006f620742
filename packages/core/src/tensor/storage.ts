import { type DType, dtypeInfo, type TypedArray } from "./dtype.ts";

/** Memory of a device: a stretch of an ArrayBuffer on the CPU. `address` is where it begins, 0 while no native backend has said. */
export interface Block {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  readonly capacity: number;
  /** The allocator's size class, to which the memory returns; -1 for memory that is not the allocator's. */
  readonly kind: number;
  readonly address: number;
}

/** The bytes that tensors view. Tensors share memory exactly when they share their `Storage`. */
export class Storage {
  readonly device: string;
  readonly nbytes: number;
  /** Absolute address of the first byte, for native kernels; 0 when there are none, or after release. */
  address: number;
  /** Counts writes, so that autograd notices when a saved value was overwritten. */
  version = 0;
  /** How many gradients of a running backward pass lie here, when nothing else can refer to it; -1 otherwise. */
  holders = -1;
  private memory: Block | null;
  private array: TypedArray | null = null;
  private arrayKind: unknown = null;

  constructor(device: string, block: Block, nbytes: number) {
    this.device = device;
    this.memory = block;
    this.nbytes = nbytes;
    this.address = block.address;
  }

  /** Storage over memory that the caller owns, such as a typed array's. Shares it. */
  static fromBuffer(buffer: ArrayBuffer, byteOffset = 0, nbytes = buffer.byteLength - byteOffset, address = 0): Storage {
    return new Storage("cpu", { buffer, byteOffset, capacity: nbytes, kind: -1, address }, nbytes);
  }

  get block(): Block {
    if (this.memory === null)
      throw new Error("this tensor's memory was released when its scope ended; return it from the scope, or clone it there");
    return this.memory;
  }

  get isReleased(): boolean {
    return this.memory === null;
  }

  /** Whether other threads can be given the same memory. @see torch.Tensor.is_shared */
  get isShared(): boolean {
    return typeof SharedArrayBuffer === "function" && (this.block.buffer as ArrayBufferLike) instanceof SharedArrayBuffer;
  }

  /** Goes over to other memory, which holds a copy of the bytes already; gives up the old. */
  moveTo(block: Block): void {
    this.memory = block;
    this.array = null;
    this.arrayKind = null;
    this.address = block.address;
  }

  /** All bytes, sharing memory. */
  bytes(): Uint8Array {
    const { buffer, byteOffset } = this.block;
    return new Uint8Array(buffer, byteOffset, this.nbytes);
  }

  /** The elements as `dtype`, from the first byte, sharing memory. */
  typed(dtype: DType): TypedArray {
    const { array, itemSize } = dtypeInfo[dtype];
    if (this.arrayKind === array) return this.array as TypedArray;
    const { buffer, byteOffset } = this.block;
    const width = dtype === "complex64" ? 4 : Math.min(itemSize, 8);
    const made = new array(buffer, byteOffset, Math.floor(this.nbytes / width));
    this.array = made;
    this.arrayKind = array;
    return made;
  }

  /** Gives up the memory and returns it, for reuse by an allocator. Any later use of a tensor on this storage throws. */
  takeBlock(): Block | null {
    const block = this.memory;
    this.memory = null;
    this.array = null;
    this.arrayKind = null;
    this.address = 0;
    return block;
  }
}
