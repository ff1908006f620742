import { camelCase, camelPath } from "./naming.ts";

/** Any function of the library under test. */
export type Callable = (...args: unknown[]) => unknown;

/** What the runner needs of a tensor; every other member is reached by name. */
export interface TensorLike {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly names?: readonly (string | null)[];
  requiresGrad: boolean;
  grad: TensorLike | null;
  stride(): readonly number[];
  storageOffset(): number;
  numel(): number;
  tolist(): unknown;
  detach(): TensorLike;
  clone(): TensorLike;
  untypedStorage(): unknown;
}

/** The library under test: the umbrella namespace, and the two wrappers for numbers that JavaScript cannot tell apart. */
export interface Library {
  readonly torch: Readonly<Record<string, unknown>>;
  /** Whether tensors can ask for gradients; without that their values can still be judged. */
  readonly differentiates: boolean;
  readonly floatScalar: (value: number) => unknown;
  readonly complexScalar: (re: number, im: number) => unknown;
}

/** Thrown when the library has no such function, method, class or property: reported as missing, not as wrong. */
export class MissingFeature extends Error {
  constructor(readonly feature: string) {
    super(`missing: ${feature}`);
    this.name = "MissingFeature";
  }
}

/**
 * Loads the umbrella package, or core and autograd alone for work on operators while something above them does not load.
 *
 * @throws Error saying what could not be loaded and why
 */
export async function loadLibrary(parts: "all" | "core" = "all"): Promise<Library> {
  try {
    const torch = (parts === "all"
      ? await import("bluedot")
      : { autograd: await import("@bluedot/autograd"), ...(await import("@bluedot/core")) }) as unknown as Record<string, unknown>;
    const { floatScalar, complexScalar } = (await import("@bluedot/core/extend")) as unknown as Partial<Library>;
    return {
      torch,
      differentiates: torch["autograd"] !== undefined,
      floatScalar: floatScalar ?? ((value) => value),
      complexScalar: complexScalar ?? ((re, im) => ({ re, im })),
    };
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Error(
      `the package "bluedot" could not be loaded, so no record can run (--core leaves out what is above core and autograd):\n${reason}`,
    );
  }
}

/** Whether `value` is a tensor of the library. */
export function isTensor(value: unknown): value is TensorLike {
  return (
    typeof value === "object" &&
    value !== null &&
    "dtype" in value &&
    "shape" in value &&
    typeof (value as { stride?: unknown }).stride === "function"
  );
}

/** A member by name, or undefined; works for any value. */
export function memberOf(value: unknown, name: string): unknown {
  return value === null || value === undefined ? undefined : (value as Record<string, unknown>)[name];
}

/** What a dotted PyTorch name (`nn.functional.conv2d`) stands for in the library. @throws MissingFeature */
export function lookUp(library: Library, name: string): unknown {
  let value: unknown = library.torch;
  for (const part of camelPath(name)) {
    value = memberOf(value, part);
  }
  if (value === undefined) {
    throw new MissingFeature(`torch.${camelPath(name).join(".")}`);
  }
  return value;
}

/** A function by its dotted PyTorch name. @throws MissingFeature */
export function functionNamed(library: Library, name: string): Callable {
  const value = lookUp(library, name);
  if (typeof value !== "function") {
    throw new MissingFeature(`torch.${camelPath(name).join(".")}()`);
  }
  return value as Callable;
}

/** A class by its dotted PyTorch name. @throws MissingFeature */
export function classNamed(library: Library, name: string): new (...args: readonly unknown[]) => object {
  return functionNamed(library, name) as unknown as new (
    ...args: readonly unknown[]
  ) => object;
}

/** The method of `receiver` with a PyTorch name, bound. @throws MissingFeature */
export function methodNamed(receiver: unknown, name: string): Callable {
  const method = memberOf(receiver, camelCase(name));
  if (typeof method !== "function") {
    throw new MissingFeature(`${isTensor(receiver) ? "Tensor" : describeReceiver(receiver)}.${camelCase(name)}()`);
  }
  return (...args) => Reflect.apply(method as Callable, receiver, args);
}

function describeReceiver(receiver: unknown): string {
  return receiver === null || receiver === undefined ? String(receiver) : (receiver as object).constructor?.name || typeof receiver;
}

/** Arguments for a call: `args` by position, then one object of options unless it would be empty. */
export function withOptions(args: readonly unknown[], options: Readonly<Record<string, unknown>>): unknown[] {
  return Object.keys(options).length === 0 ? [...args] : [...args, options];
}

/** Whether two tensors view the same storage. */
export function sharesStorage(a: TensorLike, b: TensorLike): boolean {
  return a.untypedStorage() === b.untypedStorage();
}

/** Whether an error is one that the JavaScript engine raised at a defect in the library, rather than a check of its own. */
export function isEngineError(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.constructor === TypeError ||
      error.constructor === ReferenceError ||
      error.constructor === RangeError ||
      error.constructor === SyntaxError) &&
    /is not a function|Cannot (read|set|mix|convert|destructure)|is not defined|is not iterable|Maximum call stack|Invalid (array|typed array|array buffer) length|not a constructor|before initialization|Class constructor|BigInt|offset is out of bounds|Array buffer allocation/.test(
      error.message,
    )
  );
}

/** One line about a thrown value: its class, its message and, for defects, where it was thrown. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) {
    return `threw ${String(error)}`;
  }
  const frame = (error.stack ?? "").split("\n").find((line) => /^\s+at /.test(line) && !line.includes("op-tests"));
  return `threw ${error.name}: ${error.message}${frame === undefined ? "" : ` (${frame.trim().replace(/file:\/\/\S*\/packages\//, "packages/")})`}`;
}
