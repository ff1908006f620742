import { attempt, type Check, type RunContext } from "./check.ts";
import { compareValue } from "./compare.ts";
import { Decoder } from "./decode.ts";
import type { Json, JsonObject } from "./json.ts";
import { classNamed, functionNamed, isTensor, type Library, memberOf, methodNamed, withOptions } from "./library.ts";
import { runProgram } from "./run-program.ts";

const exact = { rtol: 0, atol: 0 };

/** Judges a record of `random`: a program, or an order of `torch.utils.data`. */
export function runRandom(context: RunContext, record: JsonObject): Check[] {
  return record["kind"] === undefined ? runProgram(context, record) : [attempt("value", () => judge(context.library, record))];
}

function judge(library: Library, record: JsonObject): string | undefined {
  const kind = record["kind"];
  if (kind === "default_collate") {
    const batch = new Decoder(library).decode(record["batch"] ?? []);
    // Integers collate to int64 as in Python only when they are bigints here.
    return compareValue(functionNamed(library, "utils.data.default_collate")(integersAsBigints(batch)), record["out"] ?? null, exact);
  }
  if (record["manual_seed"] !== undefined) {
    functionNamed(library, "manual_seed")(record["manual_seed"]);
  }
  return kind === "DataLoader" ? judgeLoader(library, record) : judgeSampler(library, record);
}

function integersAsBigints(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(integersAsBigints);
  }
  if (value instanceof Map) {
    return new Map([...(value as Map<unknown, unknown>)].map(([key, item]) => [key, integersAsBigints(item)]));
  }
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
}

const range = (n: Json | undefined): number[] => Array.from({ length: Number(n) }, (_, index) => index);

function judgeLoader(library: Library, record: JsonObject): string | undefined {
  const generator = record["generator_seed"] === undefined ? {} : { generator: generatorSeeded(library, record["generator_seed"]) };
  const loader = new (classNamed(library, "utils.data.DataLoader"))(range(record["n"]), {
    batchSize: record["batch_size"],
    shuffle: record["shuffle"],
    dropLast: record["drop_last"],
    ...generator,
  }) as Iterable<unknown>;
  const epochs = (record["epochs"] as Json[]).map(() => [...loader].map(plainList));
  return (
    compareValue(epochs, record["epochs"] ?? null, exact, "epochs") ??
    (record["len"] === undefined ? undefined : compareValue(memberOf(loader, "length"), record["len"], exact, "length")) ??
    (record["randAfter"] === undefined
      ? undefined
      : compareValue(functionNamed(library, "rand")(1), record["randAfter"], exact, "rand(1) afterwards"))
  );
}

function generatorSeeded(library: Library, seed: Json): unknown {
  const generator = new (classNamed(library, "Generator"))();
  methodNamed(generator, "manual_seed")(seed);
  return generator;
}

function plainList(value: unknown): unknown {
  return isTensor(value) ? value.tolist() : [...(value as Iterable<unknown>)];
}

function judgeSampler(library: Library, record: JsonObject): string | undefined {
  const kind = String(record["kind"]);
  const dataset = range(record["n"]);
  const build = (name: string, ...args: unknown[]): unknown => new (classNamed(library, `utils.data.${name}`))(...args);
  const optional = (key: string, name: string): Record<string, unknown> => (record[key] === undefined ? {} : { [name]: record[key] });
  const once = (sampler: unknown): unknown[] =>
    [...(sampler as Iterable<unknown>)].map((item) => (Array.isArray(item) || isTensor(item) ? plainList(item) : item));
  const expected = record["out"] as Json[];
  switch (kind) {
    case "random_split": {
      const parts = functionNamed(library, "utils.data.random_split")(dataset, record["lengths"]) as Iterable<unknown>;
      return compareValue(
        [...parts].map((part) => memberOf(part, "indices")),
        expected,
        exact,
      );
    }
    case "BatchSampler": {
      const inner = build("SequentialSampler", dataset);
      return compareValue(once(build("BatchSampler", inner, record["batch_size"], record["drop_last"])), expected, exact);
    }
    case "RandomSampler":
      return twice(
        build(
          "RandomSampler",
          ...withOptions([dataset], { ...optional("replacement", "replacement"), ...optional("num_samples", "numSamples") }),
        ),
      );
    case "SubsetRandomSampler":
      return twice(build("SubsetRandomSampler", record["indices"]));
    case "WeightedRandomSampler":
      return twice(build("WeightedRandomSampler", record["weights"], record["num_samples"], optional("replacement", "replacement")));
    default:
      throw new Error(`records hold an unknown kind ${kind}`);
  }

  function twice(sampler: unknown): string | undefined {
    return compareValue(
      expected.map(() => once(sampler)),
      expected,
      exact,
    );
  }
}
