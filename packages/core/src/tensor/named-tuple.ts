/** What PyTorch returns as a named tuple: an array of the results, which are also fields of their names. */
export type NamedTuple<K extends string, T> = T[] & { readonly [N in K]: T };

/** Pairs results with PyTorch's names for them, in order. */
export function namedTuple<K extends string, T>(fields: readonly K[], results: readonly T[]): NamedTuple<K, T> {
  const out = [...results] as T[] & Record<K, T>;
  fields.forEach((field, i) => {
    Object.defineProperty(out, field, { value: results[i], enumerable: false });
  });
  return out;
}
