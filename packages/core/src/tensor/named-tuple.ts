/** What PyTorch returns as a named tuple: an array of the results, which are also fields of their names. */
export type NamedTuple<K extends string, T> = T[] & { readonly [N in K]: T };

/**
 * Pairs results with PyTorch's names for them, in order. Prints as PyTorch does: as `torch.return_types.<operator>` where the operator is
 * named, else as a plain tuple.
 */
export function namedTuple<K extends string, T>(fields: readonly K[], results: readonly T[], operator?: string): NamedTuple<K, T> {
  const out = [...results] as T[] & Record<K, T>;
  const text = (): string => {
    if (operator === undefined) return `(${out.join(", ")})`;
    return `torch.return_types.${operator}(\n${fields.map((field, i) => `${field}=${String(out[i])}`).join(",\n")})`;
  };
  fields.forEach((field, i) => {
    Object.defineProperty(out, field, { value: results[i], enumerable: false });
  });
  for (const key of ["toString", Symbol.for("nodejs.util.inspect.custom")]) Object.defineProperty(out, key, { value: text });
  return out;
}
