import { Tensor } from "@bluedot/core";
import { ByteWriter } from "./byte-writer.ts";
import { containerKind } from "./containers.ts";
import { PicklingError } from "./errors.ts";
import { registeredParameterType } from "./parameter-registry.ts";
import { Op } from "./pickle-opcodes.ts";
import { storageName } from "./storage-types.ts";

/** Python gives up at about this depth too; what is nested deeper is most likely not meant to be saved. */
const MAX_DEPTH = 500;
const PROTOCOL = 2;

/** Gives a storage its key in the archive. */
export type StorageKeys = (tensor: Tensor) => { key: string; numel: number };

/**
 * Writes data as a pickle of protocol 2, the one `torch.save` uses, memoised so that what is one object stays one object.
 *
 * Map -> OrderedDict (dict when it was loaded as one), plain object -> dict, array -> list (tuple when marked), Set -> set, Uint8Array -> bytes,
 * safe integers and bigint -> int, other numbers -> float, `null` -> None.
 */
export class PickleWriter {
  private readonly out = new ByteWriter();
  private readonly memo = new Map<unknown, number>();
  private slots = 0;
  private readonly path: (string | number)[] = [];

  constructor(private readonly storageKey: StorageKeys) {}

  /** The pickle of `value`. @throws {PicklingError} naming the path of what cannot be written */
  dump(value: unknown): Uint8Array {
    this.out.uint8(Op.PROTO);
    this.out.uint8(PROTOCOL);
    this.write(value);
    this.out.uint8(Op.STOP);
    return this.out.finish();
  }

  private refuse(what: string): never {
    const path = this.path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
    throw new PicklingError(
      `save: value${path} is ${what}; tensors, numbers, strings, booleans, null, Uint8Array, arrays, Maps, Sets and plain objects can be saved`,
    );
  }

  private write(value: unknown): void {
    switch (typeof value) {
      case "number":
        return Number.isSafeInteger(value) && !Object.is(value, -0) ? this.integer(value) : this.float(value);
      case "bigint":
        return this.bigInteger(value);
      case "string":
        return this.string(value);
      case "boolean":
        return this.out.uint8(value ? Op.NEWTRUE : Op.NEWFALSE);
      case "object":
        return value === null ? this.out.uint8(Op.NONE) : this.object(value);
      case "undefined":
        return this.refuse("undefined");
      case "function":
        return this.refuse(`a function or module${value.name ? ` (${value.name})` : ""} (save a module's stateDict() instead)`);
      default:
        return this.refuse(`a ${typeof value}`);
    }
  }

  private object(value: object): void {
    if (this.recall(value)) return;
    if (this.path.length > MAX_DEPTH) throw new PicklingError("save: maximum recursion depth exceeded while pickling an object");
    if (value instanceof Tensor) return this.tensor(value);
    if (Array.isArray(value)) return this.array(value);
    if (value instanceof Map) return this.map(value);
    if (value instanceof Set) return this.set(value);
    if (value instanceof Uint8Array) return this.bytes(value);
    if (ArrayBuffer.isView(value)) return this.refuse(`a ${value.constructor.name} (make it a tensor with fromTypedArray)`);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      return this.refuse(`an instance of ${value.constructor?.name || "a class"} (save its stateDict() instead, if it has one)`);
    this.out.uint8(Op.EMPTY_DICT);
    this.memoize(value);
    this.items(Object.entries(value));
  }

  private recall(value: unknown): boolean {
    const slot = this.memo.get(value);
    if (slot === undefined) return false;
    if (slot < 256) {
      this.out.uint8(Op.BINGET);
      this.out.uint8(slot);
    } else {
      this.out.uint8(Op.LONG_BINGET);
      this.out.uint32(slot);
    }
    return true;
  }

  private memoize(value: unknown): void {
    const slot = this.slots++;
    this.memo.set(value, slot);
    if (slot < 256) {
      this.out.uint8(Op.BINPUT);
      this.out.uint8(slot);
    } else {
      this.out.uint8(Op.LONG_BINPUT);
      this.out.uint32(slot);
    }
  }

  private integer(value: number): void {
    if (value >= 0 && value < 0x100) {
      this.out.uint8(Op.BININT1);
      this.out.uint8(value);
    } else if (value >= 0 && value < 0x10000) {
      this.out.uint8(Op.BININT2);
      this.out.uint16(value);
    } else if (value >= -0x80000000 && value < 0x80000000) {
      this.out.uint8(Op.BININT);
      this.out.int32(value);
    } else this.bigInteger(BigInt(value));
  }

  /** Two's complement, little-endian, in as few bytes as hold the sign. */
  private bigInteger(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest !== 0n && rest !== -1n) {
      bytes.push(Number(rest & 0xffn));
      rest >>= 8n;
    }
    const negative = rest === -1n;
    if (bytes.length === 0 ? negative : bytes.at(-1)! >= 0x80 !== negative) bytes.push(negative ? 0xff : 0);
    if (bytes.length < 256) {
      this.out.uint8(Op.LONG1);
      this.out.uint8(bytes.length);
    } else {
      this.out.uint8(Op.LONG4);
      this.out.int32(bytes.length);
    }
    this.out.raw(Uint8Array.from(bytes));
  }

  private float(value: number): void {
    this.out.uint8(Op.BINFLOAT);
    this.out.float64BigEndian(value);
  }

  private string(value: string): void {
    if (this.recall(value)) return;
    if (/\p{Surrogate}/u.test(value)) this.refuse("a string with half a surrogate pair");
    this.out.uint8(Op.BINUNICODE);
    this.out.text(value);
    this.memoize(value);
  }

  private global(module: string, name: string): void {
    const line = `${module}\n${name}\n`;
    const memoKey = `\0global ${line}`;
    if (this.recall(memoKey)) return;
    this.out.uint8(Op.GLOBAL);
    this.out.ascii(line);
    this.memoize(memoKey);
  }

  private array(value: unknown[]): void {
    const kind = containerKind(value);
    if (kind === "tuple") return this.tuple(value, value);
    if (kind === "size") {
      this.global("torch", "Size");
      this.tuple(value);
      this.out.uint8(Op.TUPLE1);
      this.out.uint8(Op.REDUCE);
      return this.memoize(value);
    }
    this.out.uint8(Op.EMPTY_LIST);
    this.memoize(value);
    if (value.length === 0) return;
    this.out.uint8(Op.MARK);
    for (let i = 0; i < value.length; i++) this.at(i, value[i]);
    this.out.uint8(Op.APPENDS);
  }

  private at(key: string | number, value: unknown): void {
    this.path.push(key);
    this.write(value);
    this.path.pop();
  }

  /** `identity` is the array itself when others may refer to it. */
  private tuple(items: readonly unknown[], identity?: object): void {
    if (items.length === 0) return this.out.uint8(Op.EMPTY_TUPLE);
    this.out.uint8(Op.MARK);
    for (let i = 0; i < items.length; i++) this.at(i, items[i]);
    if (identity !== undefined && this.memo.has(identity)) {
      // The tuple came up again inside itself, through a list, and is already written.
      this.out.uint8(Op.POP_MARK);
      this.recall(identity);
      return;
    }
    this.out.uint8(Op.TUPLE);
    if (identity !== undefined) this.memoize(identity);
  }

  private map(value: Map<unknown, unknown>): void {
    if (containerKind(value) === "dict") this.out.uint8(Op.EMPTY_DICT);
    else this.emptyOrderedDict();
    this.memoize(value);
    this.items(value);
    const metadata = (value as { _metadata?: unknown })._metadata;
    if (metadata !== undefined && containerKind(value) !== "dict") {
      this.out.uint8(Op.EMPTY_DICT);
      this.string("_metadata");
      this.at("_metadata", metadata);
      this.out.uint8(Op.SETITEM);
      this.out.uint8(Op.BUILD);
    }
  }

  private emptyOrderedDict(): void {
    this.global("collections", "OrderedDict");
    this.out.uint8(Op.EMPTY_TUPLE);
    this.out.uint8(Op.REDUCE);
  }

  private items(pairs: Iterable<readonly [unknown, unknown]>): void {
    let any = false;
    for (const [key, value] of pairs) {
      if (!any) this.out.uint8(Op.MARK);
      any = true;
      this.at("key", key);
      this.at(typeof key === "number" ? key : String(key), value);
    }
    if (any) this.out.uint8(Op.SETITEMS);
  }

  private set(value: Set<unknown>): void {
    this.global("__builtin__", containerKind(value) === "frozenset" ? "frozenset" : "set");
    this.out.uint8(Op.EMPTY_LIST);
    if (value.size > 0) {
      this.out.uint8(Op.MARK);
      let i = 0;
      for (const item of value) this.at(i++, item);
      this.out.uint8(Op.APPENDS);
    }
    this.out.uint8(Op.TUPLE1);
    this.out.uint8(Op.REDUCE);
    this.memoize(value);
  }

  /** Protocol 2 has no bytes: they travel as latin-1 text, as CPython does it. */
  private bytes(value: Uint8Array): void {
    if (value.length === 0) {
      this.global("__builtin__", "bytes");
      this.out.uint8(Op.EMPTY_TUPLE);
    } else {
      this.global("_codecs", "encode");
      let text = "";
      for (let i = 0; i < value.length; i += 4096) text += String.fromCharCode(...value.subarray(i, i + 4096));
      this.out.uint8(Op.BINUNICODE);
      this.out.text(text);
      this.string("latin1");
      this.out.uint8(Op.TUPLE2);
    }
    this.out.uint8(Op.REDUCE);
    this.memoize(value);
  }

  private tensor(value: Tensor): void {
    if (value.dimNames !== null) {
      throw new PicklingError(
        "Named tensors don't support serialization. Please drop names via `tensor = tensor.rename(null)` before serialization.",
      );
    }
    const isParameter = registeredParameterType()?.isParameter(value) ?? false;
    if (isParameter) {
      this.global("torch._utils", "_rebuild_parameter");
      this.out.uint8(Op.MARK);
    }
    this.global("torch._utils", "_rebuild_tensor_v2");
    this.out.uint8(Op.MARK);
    const { key, numel } = this.storageKey(value);
    this.out.uint8(Op.MARK);
    this.string("storage");
    this.global("torch", storageName(value.dtype));
    this.string(key);
    this.string("cpu");
    this.write(numel);
    this.out.uint8(Op.TUPLE);
    this.out.uint8(Op.BINPERSID);
    this.write(value.offset);
    this.tuple(value.shape);
    this.tuple(value.strides);
    this.write(value.requiresGrad && !isParameter);
    this.emptyOrderedDict();
    this.out.uint8(Op.TUPLE);
    this.out.uint8(Op.REDUCE);
    if (isParameter) {
      this.write(value.requiresGrad);
      this.emptyOrderedDict();
      this.out.uint8(Op.TUPLE);
      this.out.uint8(Op.REDUCE);
    }
    this.memoize(value);
  }
}
