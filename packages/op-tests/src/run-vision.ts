import { attempt, type Check, type RunContext, toleranceOf } from "./check.ts";
import { compareElements, compareValue, elementsOf, show } from "./compare.ts";
import { Decoder } from "./decode.ts";
import { arrayField, isJsonObject, type Json, type JsonObject, objectField, stringField } from "./json.ts";
import { classNamed, functionNamed, type Library, memberOf, methodNamed, type TensorLike, withOptions } from "./library.ts";
import type { ModuleLike } from "./modules.ts";
import { runOp } from "./run-op.ts";
import { runOpError } from "./run-op-error.ts";

/** Judges a record of `vision`: functions as in `ops`, random transforms, and the layout of classic models. */
export function runVision(context: RunContext, record: JsonObject): Check[] {
  if (record["error"] !== undefined) {
    return runOpError(context, record);
  }
  if (record["model"] !== undefined) {
    return [attempt("value", () => judgeModel(context.library, record))];
  }
  if (record["transform"] !== undefined) {
    return [attempt("value", () => judgeTransform(context.library, record))];
  }
  if (record["hwc"] !== undefined || record["bytes"] !== undefined) {
    return [attempt("value", () => judgePixels(context.library, record))];
  }
  return runOp(context, record);
}

function judgeModel(library: Library, record: JsonObject): string | undefined {
  const { options } = new Decoder(library).arguments([], objectField(record, "kwargs"));
  const module = functionNamed(library, `torchvision.models.${stringField(record, "model")}`)(...withOptions([], options)) as ModuleLike;
  const state = [...module.stateDict()].map(([name, tensor]) => [name, [...(tensor as TensorLike).shape], (tensor as TensorLike).dtype]);
  const count = [...module.namedParameters()].reduce((sum, [, parameter]) => sum + (parameter as TensorLike).numel(), 0);
  return (
    compareValue(state, record["state_dict"] ?? null, { rtol: 0, atol: 0 }, "state_dict") ??
    compareValue(count, record["numParameters"] ?? null, { rtol: 0, atol: 0 }, "parameters")
  );
}

function judgeTransform(library: Library, record: JsonObject): string | undefined {
  const decoder = new Decoder(library);
  const { options } = decoder.arguments([], objectField(record, "kwargs"));
  const input = decoder.decode(record["input"] ?? null);
  functionNamed(library, "manual_seed")(record["manual_seed"]);
  const transform = new (classNamed(library, `torchvision.transforms.${stringField(record, "transform")}`))(options);
  const apply =
    typeof transform === "function"
      ? (transform as (image: unknown) => unknown)
      : (image: unknown) => methodNamed(transform, "apply")(image);
  return compareValue(
    arrayField(record, "outs").map(() => apply(input)),
    record["outs"] ?? null,
    toleranceOf(record),
  );
}

/**
 * `to_tensor` of an image, and the way back. A picture is what the library has for it: pixels as a uint8 tensor `[H, W, C]` (or
 * `[H, W]`), or an object that holds them.
 */
function judgePixels(library: Library, record: JsonObject): string | undefined {
  const convert = functionNamed(library, stringField(record, "op"));
  const decoder = new Decoder(library);
  const hwc = record["hwc"];
  if (isJsonObject(hwc)) {
    const picture = decoder.decode({ $tensor: { ...hwc } });
    return compareValue(convert(picture), record["out"] ?? null, toleranceOf(record));
  }
  const converted = convert(decoder.decode(record["input"] ?? null));
  const picture = memberOf(converted, "pixels") ?? converted;
  const [width, height] = arrayField(record, "size");
  const shape = memberOf(picture, "shape") as readonly number[] | undefined;
  if (shape === undefined || shape[0] !== height || shape[1] !== width) {
    return `expected a picture ${show([height, width])}, got ${show(picture)}`;
  }
  return compareElements(elementsOf(picture as TensorLike), arrayField(record, "bytes") as Json[] as number[], { rtol: 0, atol: 0 });
}
