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
  const hasRequired = keys.some((key) => parameters[key] === required);
  const defaults: Readonly<Record<string, unknown>> = Object.freeze({ ...parameters });
  return (args) => {
    const last = args[args.length - 1];
    const options = args.length > 0 && isOptions(last) ? (last as Readonly<Record<string, unknown>>) : null;
    const positional = options === null ? args.length : args.length - 1;
    if (positional === 0 && options === null && !hasRequired) return defaults;
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
    if (hasRequired) {
      for (const key of keys) {
        if (bound[key] === required) throw new TypeError(`${name}() missing 1 required positional arguments: "${key}"`);
      }
    }
    return bound;
  };
}
