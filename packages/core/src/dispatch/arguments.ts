/** Marks a parameter without default. */
export const required: unique symbol = Symbol("required");

/** What binding gives: the parameters by name. Each function states their types, which its callers see in its signature. */
// biome-ignore lint/suspicious/noExplicitAny: arguments arrive untyped; the public signatures type them
export type Bound = any;

/** Whether `value` is an options object: a plain object, not a tensor, array, Map or scalar. */
export function isOptions(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * The parameters of a function after the receiver, in PyTorch's order, with their defaults.
 * The result binds arguments: by position, and by name in one trailing options object.
 *
 * ```ts
 * const bindSum = signature("sum", { dim: null, keepdim: false, dtype: null });
 * bindSum([1, { keepdim: true }]);   // { dim: 1, keepdim: true, dtype: null }
 * ```
 * A given `undefined` means the default. @throws {TypeError} on an unknown option, a missing or a surplus argument
 */
export function signature<D extends Readonly<Record<string, unknown>>>(name: string, parameters: D): (args: readonly unknown[]) => Bound {
  const keys = Object.keys(parameters);
  const mandatory = keys.filter((key) => parameters[key] === required);
  const defaults: Readonly<Record<string, unknown>> = parameters;
  return (args) => {
    const last = args[args.length - 1];
    const options = args.length > 0 && isOptions(last) ? (last as Readonly<Record<string, unknown>>) : null;
    const positional = options === null ? args.length : args.length - 1;
    if (positional === 0 && options === null && mandatory.length === 0) return defaults;
    if (positional > keys.length) {
      throw new TypeError(`${name}() takes ${keys.length} arguments (${keys.join(", ")}) but ${positional} were given`);
    }
    const bound: Record<string, unknown> = { ...defaults };
    for (let i = 0; i < positional; i++) if (args[i] !== undefined) bound[keys[i]!] = args[i];
    if (options !== null) {
      for (const key of Object.keys(options)) {
        if (!Object.hasOwn(parameters, key)) {
          throw new TypeError(`${name}() got an unexpected keyword argument '${key}'; it takes ${keys.join(", ") || "no options"}`);
        }
        if (options[key] !== undefined) bound[key] = options[key];
      }
    }
    for (let i = 0; i < mandatory.length; i++) {
      const key = mandatory[i]!;
      if (bound[key] === required) throw new TypeError(`${name}() missing 1 required positional arguments: "${key}"`);
    }
    return bound;
  };
}

/** Refuses what is given beyond a function's parameters. @throws {TypeError} naming the option, or the number of arguments */
export function nothingElse(name: string, extra: readonly unknown[]): void {
  const surplus = extra.filter((value) => value !== undefined);
  if (surplus.length === 0) return;
  const last = surplus[surplus.length - 1];
  if (!isOptions(last)) throw new TypeError(`${name}() takes fewer arguments: ${surplus.length} too many were given`);
  const [key] = Object.keys(last as object);
  if (key !== undefined) throw new TypeError(`${name}() got an unexpected keyword argument '${key}'; it takes no options`);
}

/** Sizes given one by one, as one array, or by name: `view(2, 3)`, `view([2, 3])`, `view({ size: [2, 3] })`. @throws {TypeError} */
export function variadic(name: string, key: string, args: readonly unknown[]): readonly number[] {
  const last = args[args.length - 1];
  let sizes = args;
  if (isOptions(last)) {
    for (const option of Object.keys(last as object)) {
      if (option !== key) throw new TypeError(`${name}() got an unexpected keyword argument '${option}'; it takes ${key}`);
    }
    const named = (last as Readonly<Record<string, unknown>>)[key];
    sizes = named === undefined ? args.slice(0, -1) : [named];
  }
  const list = sizes.length === 1 && Array.isArray(sizes[0]) ? (sizes[0] as readonly unknown[]) : sizes;
  for (const size of list) {
    if (typeof size !== "number" || !Number.isInteger(size))
      throw new TypeError(`${name}(): ${key} must be integers, but got ${String(size)}`);
  }
  return list as readonly number[];
}

/** Arguments up to the last that was given: before it `undefined` holds a place, after it nothing. Returns the list itself where none is left out. */
export function given(args: readonly unknown[]): readonly unknown[] {
  let count = args.length;
  while (count > 0 && args[count - 1] === undefined) count--;
  return count === args.length ? args : args.slice(0, count);
}

type Prefixes<P extends readonly unknown[]> = P extends readonly [...infer Head, unknown] ? P | Prefixes<Head> : readonly [];

/**
 * Arguments after the receiver as {@link signature} binds them: the required ones `R`, then as many of the optional ones `P` as are given
 * by position, then any of them by name (`O`). Required ones may come by name as well, which only untyped callers need.
 */
export type Arguments<R extends readonly unknown[], P extends readonly unknown[], O extends object> =
  | readonly [...R, ...Prefixes<P>]
  | readonly [...R, ...Prefixes<P>, O];
