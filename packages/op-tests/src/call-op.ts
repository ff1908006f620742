import { type Arguments, type DecodeOptions, Decoder, floatsMatter } from "./decode.ts";
import { arrayField, type Json, type JsonObject, objectField, stringField } from "./json.ts";
import { functionNamed, type Library, MissingFeature, memberOf, methodNamed, type TensorLike, withOptions } from "./library.ts";
import { camelCase } from "./naming.ts";
import { withPythonNumbers } from "./python-numbers.ts";

/** A recorded call, ready to be made, possibly with some of its tensors replaced. */
export interface PreparedCall extends Arguments {
  /** Makes the call. `replace` gives other tensors for those that were decoded. @throws whatever the library throws */
  run(replace?: ReadonlyMap<unknown, unknown>): unknown;
}

/** How the call is made. */
export interface CallOptions extends DecodeOptions {
  /** Pass every argument after the first by name, in the options object. */
  readonly byName?: boolean;
  /** In-place operators write into their first argument itself, not into a clone of it. */
  readonly inPlaceOnOriginal?: boolean;
}

/** Decodes a record of `ops`, `op_errors` or `vision` and finds what it calls. @throws MissingFeature */
export function prepareCall(library: Library, record: JsonObject, options: CallOptions = {}): PreparedCall {
  const op = stringField(record, "op");
  const variant = typeof record["variant"] === "string" ? record["variant"] : "function";
  const { args, kwargs } = withPythonNumbers(op, arrayField(record, "args"), objectField(record, "kwargs"));
  const markFloats = !/^(nn\.functional|torchvision)\./.test(op) && floatsMatter([...args, kwargs] as Json);
  // Operators that have only an in-place form wrote into their argument itself, which may then not require a gradient.
  const writes = op.endsWith("_") && variant !== "inplace";
  const given = new Decoder(library, { markFloats, ...options, withoutGrad: writes || options.withoutGrad === true }).arguments(
    args,
    kwargs,
  );
  const decoded = options.byName === true ? named(given, arrayField(record, "argNames") as string[]) : given;
  const invoke = findCallee(library, op, variant, options.inPlaceOnOriginal === true);
  return {
    ...decoded,
    run: (replace) => {
      if (replace === undefined) {
        return invoke(decoded.args, decoded.options);
      }
      const swap = (value: unknown): unknown => (Array.isArray(value) ? value.map(swap) : (replace.get(value) ?? value));
      return invoke(decoded.args.map(swap), Object.fromEntries(Object.entries(decoded.options).map(([key, value]) => [key, swap(value)])));
    },
  };
}

/** All arguments but the first moved to the options. */
function named({ args, options, tensors }: Arguments, names: readonly string[]): Arguments {
  const moved = Object.fromEntries(args.slice(1).map((value, index) => [camelCase(names[index + 1] as string), value]));
  return { args: args.slice(0, 1), options: { ...moved, ...options }, tensors };
}

type Invoke = (args: readonly unknown[], options: Readonly<Record<string, unknown>>) => unknown;

function findCallee(library: Library, op: string, variant: string, onOriginal: boolean): Invoke {
  const name = op.slice(op.lastIndexOf(".") + 1);
  if (variant === "attribute") {
    return ([self]) => {
      const value = memberOf(self, camelCase(name));
      if (value === undefined) {
        throw new MissingFeature(`Tensor.${camelCase(name)}`);
      }
      return value;
    };
  }
  if (name === "getitem") {
    return ([self, index]) => methodNamed(self, "at")(...(index as unknown[]));
  }
  if (variant === "method") {
    return ([self, ...rest], options) => methodNamed(self, name)(...withOptions(rest, options));
  }
  if (variant === "inplace") {
    return ([self, ...rest], options) => {
      const receiver = onOriginal ? self : (self as TensorLike).clone();
      if (name === "setitem") {
        methodNamed(receiver, "set_at")(...rest);
      } else {
        methodNamed(receiver, name.endsWith("_") ? name : `${name}_`)(...withOptions(rest, options));
      }
      return receiver;
    };
  }
  const callee = functionNamed(library, op);
  return (args, options) => callee(...withOptions(args, options));
}
