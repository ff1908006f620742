import { buildContiguous } from "./build-tensor.ts";
import { attempt, type Check, type RunContext, toleranceOf } from "./check.ts";
import { compareValue } from "./compare.ts";
import { Decoder } from "./decode.ts";
import type { Json, JsonObject } from "./json.ts";
import { objectField, stringField } from "./json.ts";
import { type Callable, functionNamed, type TensorLike, withOptions } from "./library.ts";

/** Judges a record of `modules/_utils`: a function of `nn.utils`. */
export function runUtility({ library }: RunContext, record: JsonObject): Check[] {
  const utility = stringField(record, "util");
  const tolerance = toleranceOf(record);
  const decoder = new Decoder(library);
  const decode = (key: string): unknown => decoder.decode(record[key] ?? null, key);
  const named = (name: string): Callable => functionNamed(library, `nn.utils.${name}`);
  const options = decoder.arguments([], objectField(record, "kwargs")).options;
  const compare = (actual: unknown, key: string): string | undefined =>
    compareValue(actual, record[key] as Json, { ...tolerance, looseScalars: true }, key);
  return [
    attempt("value", () => {
      switch (utility) {
        case "clip_grad_norm_":
        case "clip_grad_value_": {
          const parameters = (decode("grads") as TensorLike[]).map((grad) => parameterWithGradient(grad));
          const limit = decode(utility === "clip_grad_norm_" ? "max_norm" : "clip_value");
          const total = named(utility)(parameters, limit, ...(utility === "clip_grad_norm_" ? [{ normType: decode("norm_type") }] : []));
          const grads = parameters.map(({ grad }) => grad);
          return (record["total_norm"] === undefined ? undefined : compare(total, "total_norm")) ?? compare(grads, "gradsAfter");
        }
        case "parameters_to_vector":
          return compare(named(utility)(decode("parameters")), "out");
        case "rnn.pad_sequence":
          return compare(named(utility)(...withOptions([decode("sequences")], options)), "out");
        case "rnn.pack_padded_sequence":
          return compare(named(utility)(...withOptions([decode("input"), decode("lengths")], options)), "out");
        case "rnn.pad_packed_sequence": {
          const source = objectField(record, "packedFrom");
          const packed = named("rnn.pack_padded_sequence")(decoder.decode(source["input"] as Json), source["lengths"], {
            batchFirst: source["batch_first"],
            enforceSorted: false,
          });
          return compare(named(utility)(...withOptions([packed], options)), "out");
        }
        default:
          return `records ask for an unknown utility ${utility}`;
      }
    }),
  ];

  /** A leaf whose gradient is `grad`. */
  function parameterWithGradient(grad: TensorLike): TensorLike {
    const parameter = buildContiguous(library, grad.dtype, grad.shape, new Array<number>(grad.numel()).fill(0));
    parameter.requiresGrad = true;
    parameter.grad = grad;
    return parameter;
  }
}
