import { attempt, type Check, check, failure, type RunContext, toleranceOf } from "./check.ts";
import { compareValue } from "./compare.ts";
import { type JsonObject, objectField } from "./json.ts";
import { functionNamed, type Library } from "./library.ts";
import { Program } from "./program.ts";
import { judgeError } from "./run-op-error.ts";

/** Judges a program: afterwards its observed variables have the recorded values, or its last statement raises. */
export function runProgram({ library }: RunContext, record: JsonObject): Check[] {
  const program = new Program(library);
  try {
    if (namesDTypeByText(record)) {
      return [];
    }
    if (record["error"] !== undefined) {
      const steps = Array.isArray(record["steps"]) ? record["steps"] : [];
      program.run(steps.slice(0, -1));
      return judgeError(objectField(record, "error"), () => program.run(steps.slice(-1)));
    }
    program.run(record["steps"] ?? []);
    return [check("value", compareVariables(program, record))];
  } catch (error) {
    return record["error"] === undefined ? [failure("value", error)] : [failure("raises", error), failure("text", error)];
  } finally {
    restoreDefaults(library);
  }
}

/** A mistake that cannot be made here: Python refuses text in place of a dtype, while dtypes are text here. */
function namesDTypeByText(record: JsonObject): boolean {
  return objectField(record, "error")["binding"] === true && /"dtype":"/.test(JSON.stringify(record["steps"]));
}

function compareVariables(program: Program, record: JsonObject): string | undefined {
  for (const [name, expected] of Object.entries(objectField(record, "observe"))) {
    const mismatch = compareValue(program.variables.get(name), expected, toleranceOf(record), name);
    if (mismatch !== undefined) {
      return mismatch;
    }
  }
  return undefined;
}

/** Undoes what a program may leave behind when it fails half-way. */
function restoreDefaults(library: Library): void {
  attempt("value", () => {
    functionNamed(library, "set_default_dtype")("float32");
    return undefined;
  });
}
