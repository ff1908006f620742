/** What a JavaScript container was, or shall become, in Python. */
export type ContainerKind = "tuple" | "size" | "dict" | "OrderedDict" | "frozenset";

/** Marks live beside the containers, so that a tuple is an ordinary array to everyone who does not ask. */
const kinds = new WeakMap<object, ContainerKind>();

/** The mark of a container, `undefined` for a plain one. */
export function containerKind(value: object): ContainerKind | undefined {
  return kinds.get(value);
}

/** Marks a container and returns it. */
export function markContainer<T extends object>(value: T, kind: ContainerKind): T {
  kinds.set(value, kind);
  return value;
}

/**
 * An array that `save` writes as a Python tuple (an unmarked array becomes a list).
 *
 * @example
 * isTuple(tuple(1, 2)) // true
 */
export function tuple<T extends unknown[]>(...items: T): T {
  return markContainer(items, "tuple");
}

/** True for what {@link tuple} made, and for arrays that were tuples or `torch.Size` in a loaded file. */
export function isTuple(value: unknown): value is unknown[] {
  if (!Array.isArray(value)) return false;
  const kind = kinds.get(value);
  return kind === "tuple" || kind === "size";
}
