import { type PreparedCall, prepareCall } from "./call-op.ts";
import { type Check, check, failure, type RunContext } from "./check.ts";
import { type JsonObject, objectField } from "./json.ts";
import { describeError, isEngineError, MissingFeature } from "./library.ts";

/** Judges a record of `op_errors`: the call must raise, with PyTorch's message unless Python's own call checking raised it there. */
export function runOpError({ library }: RunContext, record: JsonObject): Check[] {
  let call: PreparedCall;
  try {
    call = prepareCall(library, record, { inPlaceOnOriginal: true });
  } catch (error) {
    return objectField(record, "error")["binding"] === true
      ? [failure("raises", error)]
      : [failure("raises", error), failure("text", error)];
  }
  return judgeError(objectField(record, "error"), () => call.run());
}

/**
 * Runs `act`, which must raise the recorded `error`.
 *
 * @returns a `raises` check, and a `text` check unless Python's own call checking made the text
 */
export function judgeError(error: JsonObject, act: () => unknown): Check[] {
  const message = messageOf(error);
  const judgesText = error["binding"] !== true;
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof MissingFeature && judgesText) {
      return [failure("raises", thrown), failure("text", thrown)];
    }
    if (isEngineError(thrown) && judgesText) {
      const detail = `a defect, not a check, ${describeError(thrown)}; expected ${error["type"]}: ${message}`;
      return [check("raises", detail), check("text", detail)];
    }
    return judgesText ? [check("raises", undefined), check("text", compareMessage(thrown, error, message))] : [check("raises", undefined)];
  }
  const detail = `did not raise; expected ${String(error["type"])}: ${message}`;
  return judgesText ? [check("raises", detail), check("text", detail)] : [check("raises", detail)];
}

/** The recorded message. Python shows that of a `KeyError` as a literal, in quotes and with escapes. */
function messageOf(error: JsonObject): string {
  const message = String(error["message"]);
  return error["type"] === "KeyError" && /^'.*'$/s.test(message) ? message.slice(1, -1).replace(/\\(.)/g, "$1") : message;
}

function compareMessage(thrown: unknown, error: JsonObject, message: string): string | undefined {
  const actual = (thrown instanceof Error ? thrown.message : String(thrown)).trimEnd();
  if (
    actual === message ||
    (error["changedLater"] === true && typeof error["pattern"] === "string" && new RegExp(error["pattern"]).test(actual))
  ) {
    return undefined;
  }
  return `expected message ${JSON.stringify(message)}, got ${JSON.stringify(actual)}`;
}
