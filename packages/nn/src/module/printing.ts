import type { Module } from "./module.ts";
import { ownChildren } from "./walk.ts";

/** Indents every line but the first. */
export function indentRest(text: string, spaces: number): string {
  return text.split("\n").join(`\n${" ".repeat(spaces)}`);
}

/** PyTorch's `repr` of a module: its `extraRepr` and, indented, its children. */
export function describeModule(module: Module): string {
  const extra = module.extraRepr();
  const extraLines = extra === "" ? [] : extra.split("\n");
  const childLines = ownChildren(module).map(([name, child]) => `(${name}): ${indentRest(String(child), 2)}`);
  const lines = [...extraLines, ...childLines];
  const name = module.typeName();
  if (lines.length === 0) return `${name}()`;
  if (extraLines.length === 1 && childLines.length === 0) return `${name}(${extraLines[0]})`;
  return `${name}(\n  ${lines.join("\n  ")}\n)`;
}

/** A number as Python prints a float: `1.0`, `0.1`, `1e-05`. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits, exponent] = value.toExponential().split("e") as [string, string];
    const power = Number(exponent);
    return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

/** The name Python has for the type of a value. */
export function pythonTypeName(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int";
  if (Array.isArray(value)) return "list";
  return (value as object).constructor?.name ?? typeof value;
}

/** A value as Python's `repr` prints it: `True`, `None`, `(1, 2)`, `'mean'`; numbers as given. */
export function pythonValue(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return `'${value}'`;
  if (Array.isArray(value)) return value.length === 1 ? `(${pythonValue(value[0])},)` : `(${value.map(pythonValue).join(", ")})`;
  if (typeof value === "number" && !Number.isInteger(value)) return pythonFloat(value);
  return String(value);
}
