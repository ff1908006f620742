/** What PyTorch returns as a named tuple: an array of the results, which are also fields of their names. */
export type NamedTuple<K extends string, T> = [first: T, second: T, ...others: T[]] & { readonly [N in K]: T };

type TupleClass = new (...results: unknown[]) => unknown[];
const classes = new Map<string, TupleClass>();

/** The class of a named tuple: made once, so that results are cheap. */
function tupleClass(fields: readonly string[], operator: string | undefined): TupleClass {
  const text = (items: readonly unknown[]): string =>
    operator === undefined
      ? `(${items.join(", ")})`
      : `torch.return_types.${operator}(\n${fields.map((field, i) => `${field}=${String(items[i])}`).join(",\n")})`;
  class NamedResults extends Array<unknown> {
    static override get [Symbol.species](): ArrayConstructor {
      return Array;
    }
    override toString(): string {
      return text(this);
    }
    [Symbol.for("nodejs.util.inspect.custom")](): string {
      return text(this);
    }
  }
  fields.forEach((field, i) => {
    Object.defineProperty(NamedResults.prototype, field, {
      get(this: unknown[]) {
        return this[i];
      },
    });
  });
  return NamedResults;
}

/**
 * Pairs results with PyTorch's names for them, in order. Prints as PyTorch does: as `torch.return_types.<operator>` where the operator is
 * named, else as a plain tuple.
 */
export function namedTuple<K extends string, T>(fields: readonly K[], results: readonly T[], operator?: string): NamedTuple<K, T> {
  const key = operator === undefined ? fields.join() : `${operator}:${fields.join()}`;
  let found = classes.get(key);
  if (found === undefined) classes.set(key, (found = tupleClass(fields, operator)));
  const out = new found();
  for (const result of results) out.push(result);
  return out as unknown as NamedTuple<K, T>;
}
