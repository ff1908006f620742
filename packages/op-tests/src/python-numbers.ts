import { isRecordedTensor } from "./elements.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";

/**
 * The dtype that PyTorch infers from Python data, where JavaScript cannot: integers make int64, which here has to be asked for,
 * since a JavaScript number in data is floating point. Undefined when the library infers the same by itself.
 */
export function dtypeOfPythonData(data: Json | undefined): "int64" | undefined {
  let integers = false;
  let others = false;
  const visit = (value: Json | undefined): void => {
    if (Array.isArray(value)) {
      value.forEach(visit);
    } else if (typeof value === "number") {
      integers ||= Number.isInteger(value);
      others ||= !Number.isInteger(value);
    } else if (isJsonObject(value) && "$int" in value) {
      integers = true;
    } else if (typeof value !== "boolean") {
      others = true;
    }
  };
  visit(data);
  return integers && !others ? "int64" : undefined;
}

const fromData = new Set(["tensor", "as_tensor", "asarray"]);

/**
 * Rewrites the arguments of functions that make tensors of Python numbers, so that integers make integer tensors as in Python:
 * `tensor([1, 2])` gets `dtype: int64`, and the fill value of `full` becomes a bigint.
 */
export function withPythonNumbers(op: string, args: readonly Json[], kwargs: JsonObject): { args: Json[]; kwargs: JsonObject } {
  const name = op.slice(op.lastIndexOf(".") + 1);
  if (fromData.has(name) && kwargs["dtype"] === undefined) {
    const data = args.find((value) => !isRecordedTensor(value) && !(isJsonObject(value) && "$var" in value)) ?? kwargs["data"];
    const dtype = dtypeOfPythonData(data);
    return dtype === undefined ? { args: [...args], kwargs } : { args: [...args], kwargs: { ...kwargs, dtype: { $dtype: dtype } } };
  }
  if (name === "full" && kwargs["dtype"] === undefined) {
    const integer = (value: Json | undefined): value is number => typeof value === "number" && Number.isInteger(value);
    const fill = kwargs["fill_value"];
    return {
      args: args.map((value, index) => (index === 1 && integer(value) ? { $int: String(value) } : value)),
      kwargs: integer(fill) ? { ...kwargs, fill_value: { $int: String(fill) } } : kwargs,
    };
  }
  return { args: [...args], kwargs };
}
