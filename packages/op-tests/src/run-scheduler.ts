import { type Check, check, failure, type RunContext, toleranceOf } from "./check.ts";
import { compareValue } from "./compare.ts";
import { Decoder } from "./decode.ts";
import { arrayField, isJsonObject, type Json, type JsonObject, objectField, stringField } from "./json.ts";
import { classNamed, type Library, memberOf, methodNamed, withOptions } from "./library.ts";
import { buildOptimizer } from "./run-optimizer.ts";

/** Judges a record of `lr_scheduler`: the rates (and momentums) after construction and after each step. */
export function runScheduler({ library }: RunContext, record: JsonObject): Check[] {
  try {
    return [check("value", follow(library, record))];
  } catch (error) {
    return [failure("value", error)];
  }
}

function follow(library: Library, record: JsonObject): string | undefined {
  const tolerance = toleranceOf(record);
  const settings = objectField(record, "optimizer");
  const groups = arrayField(settings, "groupLrs").map((lr) => ({
    params: [new Decoder(library).decode({ $tensor: { dtype: "float32", shape: [1], requires_grad: true, data: [0] } })],
    lr,
  }));
  const optimizer = buildOptimizer(library, stringField(settings, "name"), groups, objectField(settings, "kwargs"));
  const scheduler = buildScheduler(library, record, optimizer);
  const metrics = arrayField(record, "metrics");
  const momentums = arrayField(record, "momentums");
  for (const [step, expected] of arrayField(record, "lrs").entries()) {
    if (step > 0) {
      methodNamed(optimizer, "step")();
      methodNamed(scheduler, "step")(...(metrics.length > 0 ? [metrics[step - 1]] : []));
    }
    const current = memberOf(optimizer, "paramGroups") as Iterable<unknown>;
    const lrs = [...current].map((group) => memberOf(group, "lr"));
    const mismatch = compareValue(lrs, expected, tolerance, `learning rates after ${step} steps`);
    if (mismatch !== undefined) {
      return mismatch;
    }
    if (momentums[step] !== undefined) {
      const found = [...current].map((group) => memberOf(group, "momentum") ?? memberOf(group, "betas"));
      const wrong = compareValue(found, momentums[step], tolerance, `momentums after ${step} steps`);
      if (wrong !== undefined) {
        return wrong;
      }
    }
  }
  return record["last_epoch"] === undefined
    ? undefined
    : compareValue(memberOf(scheduler, "lastEpoch"), record["last_epoch"], tolerance, "lastEpoch");
}

function buildScheduler(library: Library, record: JsonObject, optimizer: object): object {
  const name = stringField(record, "scheduler");
  const { options } = new Decoder(library, { tagged: (value) => decodeSpecial(library, value, optimizer) }).arguments(
    [],
    objectField(record, "kwargs"),
  );
  const { schedulers, ...rest } = options;
  const first = name === "ChainedScheduler" ? [schedulers] : [optimizer];
  return new (classNamed(library, `optim.lr_scheduler.${name}`))(...withOptions(first, name === "ChainedScheduler" ? rest : options));
}

function decodeSpecial(library: Library, value: JsonObject, optimizer: object): { value: unknown } | undefined {
  if (value["scheduler"] !== undefined) {
    return { value: buildScheduler(library, value, optimizer) };
  }
  const lambda = value["$lambda"];
  return isJsonObject(lambda) ? { value: functionFrom(lambda["js"] ?? null) } : undefined;
}

/** The function that a record gives as JavaScript text. */
function functionFrom(source: Json): unknown {
  return new Function(`return (${String(source)});`)();
}
