import { unwrap } from "./compare.ts";
import { functionNamed, isTensor, type Library, memberOf, methodNamed } from "./library.ts";

/** PyTorch's function behind each Python operator. */
const operatorNames: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "**": "pow",
  "//": "floor_divide",
  "%": "remainder",
  "@": "matmul",
  "&": "bitwise_and",
  "|": "bitwise_or",
  "^": "bitwise_xor",
  "<<": "bitwise_left_shift",
  ">>": "bitwise_right_shift",
  "<": "lt",
  "<=": "le",
  "==": "eq",
  "!=": "ne",
  ">": "gt",
  ">=": "ge",
};

const unaryNames: Readonly<Record<string, string>> = { neg: "neg", "~": "bitwise_not", invert: "bitwise_not", abs: "abs" };

const commutative = new Set(["+", "*", "&", "|", "^", "==", "!="]);

const onNumbers: Readonly<Record<string, (a: number, b: number) => number | boolean>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "**": (a, b) => a ** b,
  "//": (a, b) => Math.floor(a / b),
  "%": (a, b) => ((a % b) + b) % b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** Applies a Python operator. With a tensor among the operands it is the method of PyTorch's name (with `_` for `+=`). */
export function applyOperator(library: Library, operator: string, operands: readonly unknown[], inPlace = false): unknown {
  const [left, right] = operands;
  if (operator === "is" || operator === "is not") {
    return ((left ?? null) === (right ?? null)) === (operator === "is");
  }
  if (operands.length === 1) {
    return isTensor(left)
      ? methodNamed(left, unaryNames[operator] ?? operator)()
      : operator === "neg"
        ? -(unwrap(left) as number)
        : !unwrap(left);
  }
  const name = operatorNames[operator];
  if (name === undefined) {
    throw new Error(`records hold an unknown operator ${operator}`);
  }
  if (isTensor(left)) {
    return methodNamed(left, inPlace ? `${name}_` : name)(right);
  }
  if (isTensor(right)) {
    if (commutative.has(operator)) {
      return methodNamed(right, name)(left);
    }
    // Python's reflected operators are these in PyTorch.
    if (operator === "-") return methodNamed(right, "rsub")(left);
    if (operator === "/") return methodNamed(methodNamed(right, "reciprocal")(), "mul")(left);
    return functionNamed(library, name)(left, right);
  }
  const compute = onNumbers[operator];
  return compute?.(unwrap(left) as number, unwrap(right) as number);
}

/** `value[index]` for what is no tensor: arrays, results of several tensors, Maps, objects, modules that hold modules. */
export function indexValue(value: unknown, indices: readonly unknown[]): unknown {
  if (isTensor(value)) {
    return methodNamed(value, "at")(...indices);
  }
  const [index] = indices;
  if (value instanceof Map) {
    return (value as Map<unknown, unknown>).get(index);
  }
  const direct = memberOf(value, String(index));
  if (typeof index === "string" || direct !== undefined) {
    return direct;
  }
  const items = [...(value as Iterable<unknown>)];
  if (typeof index === "number") {
    return items.at(index);
  }
  const { start, stop } = index as { start: number | null; stop: number | null };
  return items.slice(start ?? undefined, stop ?? undefined);
}

/** Python's `len`, `list`, `dict`, `bool`, `float`, `int`, `next`, `iter`, `str`, `repr`. */
export function applyBuiltin(name: string, [value]: readonly unknown[]): unknown {
  switch (name) {
    case "len":
      if (isTensor(value)) {
        return methodNamed(value, "size")(0);
      }
      return value instanceof Map ? value.size : (memberOf(value, "length") ?? [...(value as Iterable<unknown>)].length);
    case "list":
    case "tuple":
      return [...(value as Iterable<unknown>)];
    case "dict":
      return value instanceof Map ? value : new Map(value as Iterable<[unknown, unknown]>);
    case "bool":
      return isTensor(value) ? methodNamed(value, "is_nonzero")() : Boolean(unwrap(value));
    case "float":
    case "int":
      return isTensor(value) ? methodNamed(value, "item")() : Number(unwrap(value));
    case "iter":
      return (value as Iterable<unknown>)[Symbol.iterator]();
    case "next":
      return (value as Iterator<unknown>).next().value;
    case "str":
    case "repr":
      return String(value);
    default:
      throw new Error(`records hold an unknown builtin ${name}`);
  }
}
