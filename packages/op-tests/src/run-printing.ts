import { type Check, check, failure, type RunContext } from "./check.ts";
import { Decoder } from "./decode.ts";
import { isJsonObject, type Json, type JsonObject, objectField, stringField } from "./json.ts";
import { functionNamed, isTensor, type Library } from "./library.ts";
import { Program } from "./program.ts";

/** Judges a record of `printing`: the exact text of a tensor, with print options where given. */
export function runPrinting({ library }: RunContext, record: JsonObject): Check[] {
  const expected = stringField(record, "repr");
  try {
    const printed = printedForm(library, record, expected);
    return [check("text", printed === expected ? undefined : `expected ${JSON.stringify(expected)}, got ${JSON.stringify(printed)}`)];
  } catch (error) {
    return [failure("text", error)];
  }
}

function printedForm(library: Library, record: JsonObject, expected: string): string {
  if (record["steps"] !== undefined) {
    const program = new Program(library);
    program.run(record["steps"]);
    return pythonForm(program.variables.get(stringField(record, "var")), expected);
  }
  const tensor = new Decoder(library).decode(record["tensor"] ?? null);
  if (!isJsonObject(record["options"])) {
    return String(tensor);
  }
  const setPrintOptions = functionNamed(library, "set_print_options");
  const { options } = new Decoder(library).arguments([], objectField(record, "options"));
  try {
    setPrintOptions(options);
    return String(tensor);
  } finally {
    setPrintOptions({ profile: "default" });
  }
}

/**
 * What is printed for a value. Tensors and results of several tensors print themselves. Plain JavaScript values that stand for a
 * Python type (an array for a `torch.Size` or a tuple, a string for a dtype, a device or text) are written as that type is.
 */
function pythonForm(value: unknown, expected: string): string {
  if (Array.isArray(value) && !value.some(isTensor)) {
    const items = (value as Json[]).join(", ");
    return expected.startsWith("torch.Size") ? `torch.Size([${items}])` : value.length === 1 ? `(${items},)` : `(${items})`;
  }
  if (typeof value === "string") {
    return expected.startsWith("torch.") ? `torch.${value}` : expected.startsWith("device") ? `device(type='${value}')` : `'${value}'`;
  }
  return String(value);
}
