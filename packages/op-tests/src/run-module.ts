import { attempt, type Check, check, failure, type RunContext, toleranceOf } from "./check.ts";
import { type CompareOptions, compareValue, show } from "./compare.ts";
import { Decoder } from "./decode.ts";
import { weightedGradients } from "./gradients.ts";
import { arrayField, type Json, type JsonObject, objectField, stringField } from "./json.ts";
import { isTensor, methodNamed, type TensorLike, withOptions } from "./library.ts";
import { buildModule, convertModule, type ModuleLike } from "./modules.ts";
import { pairTensors } from "./run-op.ts";
import { runUtility } from "./run-utility.ts";

/** Judges a record of `modules`: building, state, printing, output, gradients and changed buffers. */
export function runModule(context: RunContext, record: JsonObject): Check[] {
  if (record["util"] !== undefined) {
    return runUtility(context, record);
  }
  try {
    return judge(context, record);
  } catch (error) {
    return [failure("value", error), ...(hasGradients(record) ? [failure("gradient", error)] : [])];
  }
}

const hasGradients = (record: JsonObject): boolean => record["inputGrads"] !== undefined || record["paramGrads"] !== undefined;

function judge({ library }: RunContext, record: JsonObject): Check[] {
  const tolerance = toleranceOf(record);
  const module = buildModule(library, record);
  const checks = [check("value", compareModuleForm(record, module))];
  convertModule(module, stringField(record, "dtype"));
  methodNamed(module, "train")(record["training"] === true);
  const decoder = new Decoder(library);
  const state = new Map(
    arrayField(record, "state_dict").map((entry) => [String((entry as Json[])[0]), decoder.decode((entry as Json[])[1] as Json)]),
  );
  methodNamed(module, "load_state_dict")(state);
  const inputs = new Decoder(library).arguments(arrayField(record, "inputs"), objectField(record, "forwardKwargs"));
  const out = module(...withOptions(inputs.args, inputs.options));
  checks.push(
    attempt("value", () => compareValue(out, record["out"] ?? null, tolerance)),
    attempt("value", () => compareBuffers(record, module, tolerance)),
  );
  if (hasGradients(record)) {
    checks.push(attempt("gradient", () => compareGradients(record, module, out, [...inputs.tensors.values()])));
  }
  return mergeValues(checks);

  function compareGradients(source: JsonObject, net: ModuleLike, result: unknown, tensors: readonly TensorLike[]): string | undefined {
    const expectedParameters = arrayField(source, "paramGrads") as [string, Json][];
    const leaves = tensors.filter((tensor) => tensor.requiresGrad);
    const parameters = new Map(net.namedParameters());
    const chosen = expectedParameters.map(([name]) => parameters.get(name) as TensorLike);
    const used = source["gradOutputs"] === undefined ? undefined : new Set(arrayField(source, "gradOutputs"));
    const outputs = pairTensors(result, source["out"] ?? null).flatMap(({ actual }, index) =>
      isTensor(actual) && (used === undefined || used.has(index)) ? ([[actual, index]] as const) : [],
    );
    const grads = weightedGradients(library, outputs, [...leaves, ...chosen], false);
    const expected = [...arrayField(source, "inputGrads"), ...expectedParameters.map(([, grad]) => grad)];
    for (const [index, grad] of expected.entries()) {
      const name = index < leaves.length ? `inputGrads[${index}]` : `gradient of ${expectedParameters[index - leaves.length]?.[0]}`;
      const mismatch = compareValue(grads[index], grad, tolerance, name);
      if (mismatch !== undefined) {
        return mismatch;
      }
    }
    return undefined;
  }
}

/** Names and order of state and parameters, and the printed form. */
function compareModuleForm(record: JsonObject, module: ModuleLike): string | undefined {
  const stateNames = arrayField(record, "state_dict").map((entry) => (entry as Json[])[0]);
  const actualState = [...module.stateDict().keys()];
  if (show(actualState) !== show(stateNames)) {
    return `expected state_dict names ${show(stateNames)}, got ${show(actualState)}`;
  }
  const parameters = [...module.namedParameters()].map(([name]) => name);
  if (record["parameters"] !== undefined && show(parameters) !== show(record["parameters"])) {
    return `expected parameters ${show(record["parameters"])}, got ${show(parameters)}`;
  }
  const printed = String(module);
  return typeof record["repr"] !== "string" || printed === record["repr"]
    ? undefined
    : `expected repr ${JSON.stringify(record["repr"])}, got ${JSON.stringify(printed)}`;
}

function compareBuffers(record: JsonObject, module: ModuleLike, tolerance: CompareOptions): string | undefined {
  const after = record["bufferAfter"];
  const entries = Array.isArray(after) ? (after as [string, Json][]) : Object.entries(objectField(record, "bufferAfter"));
  const state = entries.length === 0 ? undefined : module.stateDict();
  for (const [name, expected] of entries) {
    const mismatch = compareValue(state?.get(name), expected, tolerance, `${name} after the call`);
    if (mismatch !== undefined) {
      return mismatch;
    }
  }
  return undefined;
}

/** All `value` checks as one: a record's value passes or it does not. */
export function mergeValues(checks: readonly Check[]): Check[] {
  const values = checks.filter(({ kind }) => kind === "value");
  return [values.find(({ passed }) => !passed) ?? check("value", undefined), ...checks.filter(({ kind }) => kind !== "value")];
}
