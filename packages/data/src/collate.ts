import { fromTypedArray, stack, Tensor, tensor } from "@bluedot/core";

// biome-ignore lint/suspicious/noExplicitAny: items whose type nobody stated make batches whose type nobody states
type Unstated = any;

/** What `defaultCollate` makes of items of type `T`: numbers and tensors become tensors with a new first dimension, containers keep their form. */
export type Collated<T> = 0 extends 1 & T
  ? Unstated
  : T extends Tensor
    ? Tensor
    : T extends number | bigint | boolean
      ? Tensor
      : T extends string
        ? string[]
        : T extends ReadonlyMap<infer K, infer V>
          ? Map<K, Collated<V>>
          : T extends readonly unknown[]
            ? { -readonly [K in keyof T]: Collated<T[K]> }
            : T extends object
              ? { [K in keyof T]: Collated<T[K]> }
              : never;

/**
 * Makes one batch of many items: tensors are stacked, numbers become a tensor, strings an array; arrays, Maps and plain objects are collated member by member.
 * Numbers that are all integers give int64, others float64, as Python's int and float do; give tensors where a dtype must not depend on the values.
 *
 * @throws {TypeError} for items of other kinds, or of different structure @see torch.utils.data.default_collate
 */
export function defaultCollate<T>(batch: readonly T[]): Collated<T> {
  return collate(batch) as Collated<T>;
}

/** Typed arrays as tensors, also in arrays, Maps and plain objects; what else there is stays as it is. @see torch.utils.data.default_convert */
export function defaultConvert(data: unknown): unknown {
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) return fromTypedArray(data as Float32Array);
  if (Array.isArray(data)) return data.map(defaultConvert);
  if (data instanceof Map) return new Map([...data].map(([key, value]) => [key, defaultConvert(value)]));
  if (typeof data !== "object" || data === null || Object.getPrototypeOf(data) !== Object.prototype) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, defaultConvert(value)]));
}

function collate(batch: readonly unknown[]): unknown {
  const [first] = batch;
  switch (typeof first) {
    case "number":
      return numbers(batch as readonly number[]);
    case "bigint":
      return fromTypedArray(BigInt64Array.from(batch as bigint[], BigInt));
    case "boolean":
      return tensor(batch as boolean[]);
    case "string":
      return [...batch];
    case "object":
      return first === null ? refuse(first) : objects(batch as readonly object[], first);
    default:
      return refuse(first);
  }
}

function numbers(batch: readonly number[]): Tensor {
  if (batch.some((value) => typeof value !== "number")) throw new TypeError("each element in list of batch should be of equal type");
  if (batch.every(Number.isSafeInteger)) return fromTypedArray(BigInt64Array.from(batch, BigInt));
  return fromTypedArray(Float64Array.from(batch));
}

function objects(batch: readonly object[], first: object): unknown {
  if (first instanceof Tensor) return stack(batch as readonly Tensor[] as Tensor[]);
  if (Array.isArray(first)) {
    const rows = batch as readonly unknown[][];
    if (rows.some((row) => !Array.isArray(row) || row.length !== first.length))
      throw new TypeError("each element in list of batch should be of equal size");
    return first.map((_, i) => collate(rows.map((row) => row[i])));
  }
  if (first instanceof Map)
    return new Map(
      [...first.keys()].map((key) => [key, collate(batch.map((map) => member((map as Map<unknown, unknown>).get(key), key)))]),
    );
  const prototype: unknown = Object.getPrototypeOf(first);
  if (prototype !== Object.prototype && prototype !== null) return refuse(first);
  return Object.fromEntries(
    Object.keys(first).map((key) => [key, collate(batch.map((item) => member((item as Record<string, unknown>)[key], key)))]),
  );
}

function member(value: unknown, key: unknown): unknown {
  if (value === undefined) throw new TypeError(`defaultCollate: an item of the batch lacks ${String(key)}`);
  return value;
}

function refuse(value: unknown): never {
  const name = value === null ? "null" : typeof value === "object" ? value.constructor.name : typeof value;
  throw new TypeError(`default_collate: batch must contain tensors, numbers, strings, arrays, Maps or objects; found ${name}`);
}
