import { Decoder } from "./decode.ts";
import { arrayField, type Json, type JsonObject, objectField } from "./json.ts";
import {
  type Callable,
  functionNamed,
  isTensor,
  type Library,
  lookUp,
  MissingFeature,
  memberOf,
  methodNamed,
  withOptions,
} from "./library.ts";
import { camelCase, camelPath, isClassName } from "./naming.ts";
import { withPythonNumbers } from "./python-numbers.ts";
import { applyBuiltin, applyOperator, indexValue } from "./python-operators.ts";

/** Functions whose numbers are settings, not operands: a Python float is a plain number there. */
const plainNumbers = /^torch\.(nn|optim|utils|autograd)\.|^torch\.(tensor|as_tensor|device|manual_seed|finfo|iinfo|set_)/;

/** Methods whose name says what Python has and JavaScript has not. */
const spelledHere: Readonly<Record<string, string>> = { numpy: "typed_array" };

/** Runs the short programs of the records, given as trees of statements and expressions, against the library. */
export class Program {
  readonly variables = new Map<string, unknown>();

  constructor(private readonly library: Library) {}

  /** Runs statements in order. @throws what the library throws */
  run(steps: Json): void {
    for (const step of Array.isArray(steps) ? steps : [steps]) {
      this.statement(step as JsonObject);
    }
  }

  private statement(step: JsonObject): void {
    if (step["set"] !== undefined) {
      this.assign(step["set"], this.evaluate(step["expr"] ?? null));
    } else if (step["do"] !== undefined) {
      this.evaluate(step["do"]);
    } else if (step["setattr"] !== undefined) {
      const target = this.evaluate(step["on"] ?? null) as Record<string, unknown>;
      target[camelCase(step["setattr"] as string)] = this.evaluate(step["value"] ?? null);
    } else if (step["setitem"] !== undefined) {
      this.setItem(this.evaluate(step["on"] ?? null), step["setitem"] as Json[], this.evaluate(step["value"] ?? null));
    } else if (step["aug"] !== undefined) {
      this.augment(step);
    } else if (step["with"] !== undefined) {
      this.within(step["with"] as JsonObject, step["body"] ?? []);
    } else if (step["for"] !== undefined) {
      for (const item of this.evaluate(step["in"] ?? null) as Iterable<unknown>) {
        this.assign(step["for"], item);
        this.run(step["body"] ?? []);
      }
    } else {
      throw new Error(`records hold an unknown statement ${Object.keys(step).join(", ")}`);
    }
  }

  private assign(target: Json, value: unknown): void {
    if (Array.isArray(target)) {
      const items = [...(value as Iterable<unknown>)];
      for (const [index, name] of target.entries()) {
        this.assign(name, items[index]);
      }
    } else {
      this.variables.set(target as string, value);
    }
  }

  private setItem(target: unknown, index: readonly Json[], value: unknown): void {
    const indices = index.map((item) => this.evaluate(item));
    if (isTensor(target)) {
      methodNamed(target, "set_at")(indices, value);
    } else {
      (target as Record<string, unknown>)[String(indices[0])] = value;
    }
  }

  private augment(step: JsonObject): void {
    const target = this.evaluate(step["on"] ?? null);
    const operator = String(step["aug"]).slice(0, -1);
    const value = this.evaluate(step["value"] ?? null);
    if (isTensor(target)) {
      applyOperator(this.library, operator, [target, value], true);
    } else {
      this.assign((step["on"] as JsonObject)["$var"] ?? null, applyOperator(this.library, operator, [target, value]));
    }
  }

  /** `with torch.no_grad():` is a call with the body as a function. */
  private within(context: JsonObject, body: Json): void {
    const args = arrayField(context, "args").map((arg) => this.evaluate(arg));
    functionNamed(this.library, String(context["$call"]))(...args, () => this.run(body));
  }

  /** The value of an expression. */
  evaluate(expression: Json): unknown {
    return new Decoder(this.library, { markFloats: true, tagged: (value) => this.special(value) }).decode(expression);
  }

  /** The value of an expression whose numbers are settings. */
  private evaluatePlain(expression: Json): unknown {
    return new Decoder(this.library, { tagged: (value) => this.special(value) }).decode(expression);
  }

  private special(node: JsonObject): { value: unknown } | undefined {
    if (typeof node["$var"] === "string") {
      return { value: this.variables.get(node["$var"]) };
    }
    if (typeof node["$call"] === "string") {
      return { value: this.call(node["$call"], node) };
    }
    if (typeof node["$method"] === "string") {
      return { value: this.method(node["$method"], node) };
    }
    if (typeof node["$get"] === "string") {
      return { value: getAttribute(this.evaluate(node["on"] ?? null), node["$get"]) };
    }
    if (Array.isArray(node["$index"])) {
      return {
        value: indexValue(
          this.evaluate(node["on"] ?? null),
          node["$index"].map((item) => this.evaluate(item)),
        ),
      };
    }
    if (typeof node["$op"] === "string") {
      return {
        value: applyOperator(
          this.library,
          node["$op"],
          arrayField(node, "args").map((arg) => this.evaluate(arg)),
        ),
      };
    }
    if (node["$invoke"] !== undefined) {
      const callee = this.evaluate(node["$invoke"]) as Callable;
      return { value: callee(...this.callArguments(node, true)) };
    }
    if (typeof node["$builtin"] === "string") {
      return {
        value: applyBuiltin(
          node["$builtin"],
          arrayField(node, "args").map((arg) => this.evaluate(arg)),
        ),
      };
    }
    if (typeof node["$ref"] === "string") {
      return { value: lookUp(this.library, node["$ref"]) };
    }
    return undefined;
  }

  private callArguments(node: JsonObject, plain: boolean, name = ""): unknown[] {
    const { args, kwargs } = withPythonNumbers(name, arrayField(node, "args"), objectField(node, "kwargs"));
    const evaluate = (value: Json): unknown => (plain ? this.evaluatePlain(value) : this.evaluate(value));
    const options = Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [camelCase(key), evaluate(value)]));
    return withOptions(args.map(evaluate), options);
  }

  private call(name: string, node: JsonObject): unknown {
    if (name === "torch.Size") {
      // Sizes are arrays here.
      return this.callArguments(node, true)[0];
    }
    const target = lookUp(this.library, name);
    if (typeof target !== "function") {
      throw new MissingFeature(`torch.${camelPath(name).join(".")}()`);
    }
    const constructs = isClassName(name);
    const args = this.callArguments(node, constructs || plainNumbers.test(name), name);
    return constructs
      ? new (target as unknown as new (...given: unknown[]) => object)(...args)
      : functionNamed(this.library, name)(...args);
  }

  private method(name: string, node: JsonObject): unknown {
    const receiver = this.evaluate(node["on"] ?? null);
    const args = this.callArguments(node, !isTensor(receiver), name);
    if (Array.isArray(receiver) && name === "numel") {
      return (receiver as number[]).reduce((product, size) => product * size, 1);
    }
    if (isTensor(receiver) && name === "storage") {
      // `storage` is a property of tensors here, and untyped.
      const { nbytes } = receiver.untypedStorage() as { nbytes: number };
      return { size: () => nbytes / Number(memberOf(receiver, "itemsize")) };
    }
    return methodNamed(receiver, spelledHere[name] ?? name)(...args);
  }
}

function getAttribute(target: unknown, name: string): unknown {
  // PyTorch's `_version` is `version` here: nothing public begins with an underscore.
  const value = memberOf(target, camelCase(name)) ?? memberOf(target, camelCase(name.replace(/^_/, "")));
  if (value === undefined) {
    throw new MissingFeature(`${isTensor(target) ? "Tensor" : "object"}.${camelCase(name)}`);
  }
  return value;
}
