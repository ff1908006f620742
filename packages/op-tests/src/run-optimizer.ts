import { attempt, type Check, check, failure, type RunContext, toleranceOf } from "./check.ts";
import { closeNumber, compareValue, show, type Tolerance } from "./compare.ts";
import { Decoder } from "./decode.ts";
import { arrayField, isJsonObject, type Json, type JsonObject, objectField, stringField } from "./json.ts";
import { classNamed, type Library, memberOf, methodNamed, type TensorLike, withOptions } from "./library.ts";
import { camelCase } from "./naming.ts";
import { mergeValues } from "./run-module.ts";
import { judgeError } from "./run-op-error.ts";

/** Builds an optimizer from recorded options. @throws MissingFeature */
export function buildOptimizer(library: Library, name: string, parameters: unknown, kwargs: JsonObject): object {
  const { options } = new Decoder(library, { markFloats: true }).arguments([], kwargs);
  return new (classNamed(library, `optim.${name}`))(...withOptions([parameters], options));
}

/** Judges a record of `optim`: a trajectory of steps, or a mistake in the constructor. */
export function runOptimizer({ library }: RunContext, record: JsonObject): Check[] {
  const name = stringField(record, "optimizer");
  const kwargs = objectField(record, "kwargs");
  if (record["error"] !== undefined) {
    return judgeError(objectField(record, "error"), () =>
      buildOptimizer(library, name, mistakenParameters(library, stringField(record, "params")), kwargs),
    );
  }
  try {
    return mergeValues(followTrajectory(library, record, name, kwargs));
  } catch (error) {
    return [failure("value", error)];
  }
}

function mistakenParameters(library: Library, description: string): unknown {
  const parameter = (): unknown =>
    new Decoder(library).decode({ $tensor: { dtype: "float32", shape: [2], requires_grad: true, data: [1, 2] } });
  switch (description) {
    case "empty list":
      return [];
    case "a list with a number":
      return [parameter(), 1.5];
    case "the same parameter in two groups": {
      const shared = parameter();
      return [{ params: [shared] }, { params: [shared] }];
    }
    default:
      return [parameter()];
  }
}

function followTrajectory(library: Library, record: JsonObject, name: string, kwargs: JsonObject): Check[] {
  const tolerance = toleranceOf(record);
  const dtype = stringField(record, "dtype");
  const decoder = new Decoder(library);
  const parameters = (decoder.decode(record["init"] ?? []) as TensorLike[]).map((tensor) => {
    tensor.requiresGrad = true;
    return tensor;
  });
  const data = decoder.decode(record["data"] ?? {}) as Record<string, TensorLike>;
  const groups = arrayField(record, "groups").map((group) => {
    const { params, ...rest } = group as JsonObject;
    return { ...(decoder.decode(rest) as object), params: (params as number[]).map((index) => parameters[index]) };
  });
  const optimizer = buildOptimizer(library, name, groups.length > 0 ? groups : parameters, kwargs);
  const zeroGrad = methodNamed(optimizer, "zero_grad");
  const step = methodNamed(optimizer, "step");
  const checkpoints = new Map(arrayField(record, "trajectory").map((entry) => entry as [number, Json] satisfies [number, Json]));
  const checks: Check[] = [];
  for (const [index, expected] of arrayField(record, "losses").entries()) {
    let first: number | undefined;
    step(() => {
      zeroGrad({ setToNone: true });
      const loss = lossOf(stringField(record, "problem"), parameters, data);
      methodNamed(loss, "backward")();
      first ??= Number(methodNamed(loss, "item")());
      return loss;
    });
    if (first === undefined || !closeNumber(first, Number(expected), tolerance, dtype)) {
      checks.push(check("value", `loss before step ${index + 1}: expected ${show(expected)}, got ${show(first)}`));
      break;
    }
    const wanted = checkpoints.get(index + 1);
    if (wanted !== undefined) {
      checks.push(
        attempt("value", () =>
          compareValue(
            parameters.map((parameter) => parameter.detach()),
            wanted,
            tolerance,
            `parameters after step ${index + 1}`,
          ),
        ),
      );
    }
  }
  if (checks.every(({ passed }) => passed)) {
    checks.push(attempt("value", () => compareState(methodNamed(optimizer, "state_dict")(), objectField(record, "state_dict"), tolerance)));
  }
  return checks;
}

/** The loss of a recorded problem. */
function lossOf(problem: string, parameters: readonly TensorLike[], data: Readonly<Record<string, TensorLike>>): unknown {
  const [p, b1, w2, b2] = parameters;
  const call = (receiver: unknown, method: string, ...args: unknown[]): unknown => methodNamed(receiver, method)(...args);
  switch (problem) {
    case "quadratic":
      return call(call(call(data["a"], "mul", call(call(p, "sub", data["b"]), "pow", 2)), "sum"), "mul", 0.5);
    case "rosenbrock": {
      const p0 = call(p, "select", 0, 0);
      const p1 = call(p, "select", 0, 1);
      const first = call(call(call(p0, "neg"), "add", 1), "pow", 2);
      return call(first, "add", call(call(call(p1, "sub", call(p0, "pow", 2)), "pow", 2), "mul", 100));
    }
    case "mlp": {
      const hidden = call(call(call(data["x"], "matmul", call(p, "t")), "add", b1), "tanh");
      const out = call(call(hidden, "matmul", call(w2, "t")), "add", b2);
      return call(call(call(out, "sub", data["y"]), "pow", 2), "mean");
    }
    default:
      throw new Error(`records hold an unknown problem ${problem}`);
  }
}

/** Compares the recorded entries of an optimizer's state_dict; others are the library's own business. */
function compareState(state: unknown, expected: JsonObject, tolerance: Tolerance): string | undefined {
  const options = { ...tolerance, looseScalars: true };
  const states = entryOf(state, "state");
  for (const entry of arrayField(expected, "state") as [number, JsonObject][]) {
    const [index, fields] = entry;
    const found = entryOf(states, index) ?? entryOf(states, String(index));
    for (const [key, value] of Object.entries(fields)) {
      const mismatch = compareValue(entryOf(found, key), value, options, `state[${index}].${key}`);
      if (mismatch !== undefined) {
        return mismatch;
      }
    }
  }
  const groups = [...((entryOf(state, "param_groups") as Iterable<unknown> | undefined) ?? [])];
  for (const [index, group] of arrayField(expected, "param_groups").entries()) {
    for (const [key, value] of Object.entries(isJsonObject(group) ? group : {})) {
      const mismatch = compareValue(entryOf(groups[index], key), value, options, `param_groups[${index}].${key}`);
      if (mismatch !== undefined) {
        return mismatch;
      }
    }
  }
  return undefined;
}

/** An entry of a Map or a property of an object, under PyTorch's name or its camelCase form. */
function entryOf(container: unknown, key: string | number): unknown {
  if (container instanceof Map) {
    const map = container as Map<unknown, unknown>;
    return map.get(key) ?? map.get(camelCase(String(key)));
  }
  return memberOf(container, String(key)) ?? memberOf(container, camelCase(String(key)));
}
