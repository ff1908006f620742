/** What PyTorch returns as a named tuple: an array of the results, which are also fields of their names. */
export type NamedTuple<K extends string, T> = [first: T, second: T, ...others: T[]] & { readonly [N in K]: T };

const prototypes = new Map<string, object>();

/** What named tuples of one kind share: the fields, and how they print. */
function prototypeOf(fields: readonly string[], operator: string | undefined): object {
  const prototype = Object.create(Array.prototype) as object;
  const text = function (this: readonly unknown[]): string {
    if (operator === undefined) return `(${this.join(", ")})`;
    return `torch.return_types.${operator}(\n${fields.map((field, i) => `${field}=${String(this[i])}`).join(",\n")})`;
  };
  const properties: PropertyDescriptorMap = {
    toString: { value: text },
    [Symbol.for("nodejs.util.inspect.custom")]: { value: text },
    // What array methods make of it is a plain array.
    constructor: { value: Array },
  };
  fields.forEach((field, i) => {
    properties[field] = {
      get(this: readonly unknown[]) {
        return this[i];
      },
    };
  });
  return Object.defineProperties(prototype, properties);
}

/**
 * Pairs results with PyTorch's names for them, in order. Prints as PyTorch does: as `torch.return_types.<operator>` where the operator is
 * named, else as a plain tuple.
 */
export function namedTuple<K extends string, T>(fields: readonly K[], results: readonly T[], operator?: string): NamedTuple<K, T> {
  const key = operator ?? fields.join();
  let prototype = prototypes.get(key);
  if (prototype === undefined) prototypes.set(key, (prototype = prototypeOf(fields, operator)));
  return Object.setPrototypeOf(results.slice(), prototype) as NamedTuple<K, T>;
}
