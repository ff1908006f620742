import { buildContiguous } from "./build-tensor.ts";
import type { PreparedCall } from "./call-op.ts";
import { attempt, type Check, toleranceOf } from "./check.ts";
import { compareValue, elementsOf } from "./compare.ts";
import { arrayField, type Json, type JsonObject, objectField } from "./json.ts";
import { functionNamed, isTensor, type Library, methodNamed, type TensorLike } from "./library.ts";
import type { TensorPair } from "./run-op.ts";
import { gradientWeights } from "./weights.ts";

/** The weights of output `index` as a tensor like it. */
export function weightsLike(library: Library, tensor: TensorLike, index: number): TensorLike {
  const weights = Array.from(gradientWeights(tensor.numel(), index));
  const complex = tensor.dtype.startsWith("complex");
  return buildContiguous(library, tensor.dtype, tensor.shape, complex ? weights.flatMap((weight) => [weight, 0]) : weights);
}

/** Gradients of the weighted sum of `outputs` (pairs of output tensor and its index) by `inputs`. */
export function weightedGradients(
  library: Library,
  outputs: readonly (readonly [tensor: TensorLike, index: number])[],
  inputs: readonly TensorLike[],
  createGraph: boolean,
): (TensorLike | null)[] {
  const differentiable = outputs.filter(([tensor]) => tensor.requiresGrad);
  if (differentiable.length === 0) {
    return inputs.map(() => null);
  }
  const grads = functionNamed(library, "autograd.grad")(
    differentiable.map(([tensor]) => tensor),
    inputs,
    { gradOutputs: differentiable.map(([tensor, index]) => weightsLike(library, tensor, index)), createGraph, allowUnused: true },
  );
  return [...(grads as Iterable<TensorLike | null>)];
}

/** Judges the recorded gradients of a call, first and second, and derivatives by differences where asked for. */
export function gradientChecks(
  library: Library,
  record: JsonObject,
  call: PreparedCall,
  pairs: readonly TensorPair[],
  gradcheck: boolean,
): Check[] {
  if (record["grads"] === undefined) {
    return [];
  }
  const inputs = [...call.tensors.values()].filter((tensor) => tensor.requiresGrad);
  const used = record["gradOutputs"] === undefined ? undefined : new Set(arrayField(record, "gradOutputs"));
  const outputs = pairs.flatMap(({ actual }, index) =>
    isTensor(actual) && (used === undefined || used.has(index)) ? ([[afterwards(record, actual), index]] as const) : [],
  );
  const extremal = isExtremal(record);
  const second = record["grads2"] !== undefined;
  let grads: (TensorLike | null)[] = [];
  const checks = [
    attempt(extremal ? "extremalGradient" : "gradient", () => {
      grads = weightedGradients(library, outputs, inputs, second);
      return compareGradients(record, "grads", grads);
    }),
  ];
  if (second) {
    checks.push(
      attempt("secondGradient", () => {
        const firsts = grads.flatMap((grad, index) => (grad === null || grad === undefined ? [] : ([[grad, index]] as const)));
        return firsts.length === 0 && arrayField(record, "grads2").length > 0
          ? "no first gradients to differentiate"
          : compareGradients(record, "grads2", weightedGradients(library, firsts, inputs, false));
      }),
    );
  }
  if (gradcheck && canDifference(record, [...inputs, ...outputs.map(([tensor]) => tensor)])) {
    const used = new Set(outputs.filter(([tensor]) => tensor.requiresGrad).map(([, index]) => index));
    checks.push(...differenceChecks(library, record, call, inputs, used));
  }
  return checks;
}

/** Whether a record's gradients depend on the order in which infinities meet. */
export function isExtremal(record: JsonObject): boolean {
  return String(record["sample"] ?? "").startsWith("extremal");
}

/** The output as it enters the weighted sum. */
function afterwards(record: JsonObject, output: TensorLike): TensorLike {
  return record["gradPost"] === "abs" ? (methodNamed(output, "abs")() as TensorLike) : output;
}

function compareGradients(record: JsonObject, field: "grads" | "grads2", grads: readonly (TensorLike | null)[]): string | undefined {
  const expected = arrayField(record, field);
  if (grads.length !== expected.length) {
    return `expected ${expected.length} gradients, got ${grads.length}`;
  }
  for (const [index, grad] of grads.entries()) {
    const wanted = expected[index] as Json;
    const nothing = wanted === null && isTensor(grad) && (field === "grads2" ? isZero(grad) : grad.numel() === 0);
    const mismatch = nothing ? undefined : compareValue(grad, wanted, toleranceOf(record), `${field}[${index}]`);
    if (mismatch !== undefined) {
      return mismatch;
    }
  }
  return undefined;
}

/** A second gradient of zeros stands for none: whether a graph remains there depends on how a derivative is written. */
function isZero(grad: TensorLike): boolean {
  return elementsOf(grad).every((element) => element === 0);
}

/** Operators whose derivative holds among symmetric or triangular matrices, which a difference in one element leaves. */
const onMatricesOfAKind =
  /^(linalg\.)?(cholesky|eigh|eigvalsh|householder_product|solve_triangular|triangular_solve|orgqr|ormqr|lu_solve|lu_unpack)/;

/** Whether differences tell the derivative: in float64, at samples that are not at a corner of the function on purpose. */
function canDifference(record: JsonObject, tensors: readonly TensorLike[]): boolean {
  return (
    /^OpInfo(?!.*subgradients)/.test(String(record["sample"])) &&
    objectField(record, "kwargs")["hermitian"] !== true &&
    record["variant"] !== "inplace" &&
    tensors.every(({ dtype }) => dtype !== "float32") &&
    !onMatricesOfAKind.test(String(record["op"]))
  );
}

/** `gradcheck` and `gradgradcheck` of the call as a function of its inputs. */
function differenceChecks(
  library: Library,
  record: JsonObject,
  call: PreparedCall,
  inputs: readonly TensorLike[],
  used: ReadonlySet<number>,
): Check[] {
  const compute = (...replaced: readonly unknown[]): unknown[] => {
    const out = call.run(new Map(inputs.map((input, index) => [input, replaced[index]])));
    const tensors = isTensor(out) ? [out] : [...(out as Iterable<unknown>)].filter(isTensor);
    return tensors.filter((_, index) => used.has(index)).map((tensor) => afterwards(record, tensor));
  };
  return (["gradcheck", "gradgradcheck"] as const).map((kind) =>
    attempt(kind, () => {
      functionNamed(library, `autograd.${kind}`)(compute, inputs);
      return undefined;
    }),
  );
}
