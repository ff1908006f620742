import { nothingElse } from "../../dispatch/arguments.ts";
import { ShapeError } from "../../errors.ts";
import { numelOf } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";

/** An operand with a letter for each dimension; dimensions of an ellipsis have numbers, from the right. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly (string | number)[];
}

/** Letters of one side of an equation; `...` stands for `ndim` numbered dimensions. */
function labelsOf(text: string, ndim: number | null): (string | number)[] {
  const compact = text.replaceAll(" ", "");
  const dots = compact.indexOf("...");
  const letters = compact.replace("...", "");
  if (/[^a-zA-Z]/.test(letters)) {
    const bad = /[^a-zA-Z]/.exec(letters)![0];
    throw new ShapeError(
      bad === "."
        ? "einsum(): found '.' for operand 0 that is not part of any ellipsis"
        : `einsum(): invalid subscript given at index ${compact.indexOf(bad)} in the equation string, subscripts must be in [a-zA-Z]`,
    );
  }
  if (dots < 0) return [...letters];
  const extra = ndim === null ? 0 : ndim - letters.length;
  const numbered = Array.from({ length: Math.max(extra, 0) }, (_, i) => extra - 1 - i);
  return [...compact.slice(0, dots), ...numbered, ...compact.slice(dots + 3)];
}

/** Takes the diagonal where a letter stands twice. */
function withoutRepeats({ tensor, labels }: Labelled): Labelled {
  for (let i = 0; i < labels.length; i++) {
    const again = labels.indexOf(labels[i]!, i + 1);
    if (again < 0) continue;
    if (tensor.shape[i] !== tensor.shape[again]) {
      throw new ShapeError(
        `einsum(): subscript ${String(labels[i])} is repeated for operand 0 but the sizes don't match, ${tensor.shape[again]} != ${tensor.shape[i]}`,
      );
    }
    const rest = labels.filter((_, k) => k !== i && k !== again);
    return withoutRepeats({ tensor: tensor.diagonal(0, i, again), labels: [...rest, labels[i]!] });
  }
  return { tensor, labels };
}

/** The operand with its dimensions in the order of `labels`; missing ones have size 1. */
function arrange({ tensor, labels }: Labelled, order: readonly (string | number)[]): Tensor {
  const present = order.filter((label) => labels.includes(label));
  const permuted = tensor.permute(present.map((label) => labels.indexOf(label)));
  return order.reduce<Tensor>((t, label, i) => (labels.includes(label) ? t : t.unsqueeze(i)), permuted);
}

/** Sums out dimensions that no one else has. */
function sumOut({ tensor, labels }: Labelled, keep: (label: string | number) => boolean): Labelled {
  const dims = labels.map((label, i) => (keep(label) ? -1 : i)).filter((i) => i >= 0);
  return dims.length === 0 ? { tensor, labels } : { tensor: tensor.sum(dims), labels: labels.filter(keep) };
}

/** Contracts two operands by one batched matrix product; labels that `keep` refuses are summed. */
function contract(a: Labelled, b: Labelled, keep: (label: string | number) => boolean): Labelled {
  const left = sumOut(a, (label) => keep(label) || b.labels.includes(label));
  const right = sumOut(b, (label) => keep(label) || left.labels.includes(label));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const sizeIn = (o: Labelled, label: string | number): number => o.tensor.shape[o.labels.indexOf(label)]!;
  // A size of 1 broadcasts: it can be summed against nothing, so such a label counts as belonging to the other alone.
  const batch = shared.filter((label) => keep(label));
  const summed = shared.filter((label) => !keep(label));
  const onlyLeft = left.labels.filter((label) => !shared.includes(label));
  const onlyRight = right.labels.filter((label) => !shared.includes(label));
  const broadcast = summed.some((label) => sizeIn(left, label) !== sizeIn(right, label));
  if (broadcast || summed.length === 0) {
    const order = [...batch, ...onlyLeft, ...onlyRight, ...summed];
    const product = arrange(left, order).mul(arrange(right, order));
    return sumOut({ tensor: product, labels: order }, keep);
  }
  const sizes = (o: Labelled, labels: readonly (string | number)[]): number[] => labels.map((label) => sizeIn(o, label));
  const batchSizes = batch.map((label) => Math.max(sizeIn(left, label), sizeIn(right, label)));
  const K = numelOf(sizes(left, summed));
  const expanded = (o: Labelled, labels: readonly (string | number)[]): Tensor => {
    const arranged = arrange(o, [...batch, ...labels]);
    return arranged.expand([...batchSizes, ...arranged.shape.slice(batch.length)]);
  };
  const B = numelOf(batchSizes);
  const M = numelOf(sizes(left, onlyLeft));
  const N = numelOf(sizes(right, onlyRight));
  const product = expanded(left, [...onlyLeft, ...summed])
    .reshape(B, M, K)
    .bmm(expanded(right, [...summed, ...onlyRight]).reshape(B, K, N));
  return {
    tensor: product.reshape([...batchSizes, ...sizes(left, onlyLeft), ...sizes(right, onlyRight)]),
    labels: [...batch, ...onlyLeft, ...onlyRight],
  };
}

/**
 * Sums of products over dimensions by name, `einsum("bij,bjk->bik", a, b)`: a letter for each dimension, those that the result
 * lacks are summed. Operands are contracted from left to right. Without `->` the result has the letters that stand once, in alphabetical order.
 * @throws {ShapeError} for a malformed equation or sizes that do not fit @see torch.einsum
 */
export function einsum(equation: string, ...operands: readonly Tensor[] | [readonly Tensor[]]): Tensor {
  const tensors = (Array.isArray(operands[0]) ? operands[0] : operands) as readonly Tensor[];
  nothingElse(
    "einsum",
    operands.filter((operand, i) => !(operand instanceof Tensor) && !(i === 0 && Array.isArray(operand))),
  );
  if (tensors.length === 0) throw new ShapeError("einsum(): must provide at least one operand");
  const [inputs, output] = equation.split("->") as [string, string | undefined];
  const parts = inputs.split(",");
  if (parts.length > tensors.length) throw new ShapeError("einsum(): fewer operands were provided than specified in the equation");
  if (parts.length < tensors.length) throw new ShapeError("einsum(): more operands were provided than specified in the equation");
  const labelled = tensors.map((tensor, i): Labelled => {
    const labels = labelsOf(parts[i]!, tensor.ndim);
    if (labels.length !== tensor.ndim) {
      const how = labels.length > tensor.ndim ? "is more than" : "does not match";
      throw new ShapeError(
        `einsum(): the number of subscripts in the equation (${labels.length}) ${how} the number of dimensions (${tensor.ndim}) for operand ${i} and no ellipsis was given`,
      );
    }
    return withoutRepeats({ tensor, labels });
  });
  checkSizes(labelled);
  const all = [...new Set(labelled.flatMap((o) => o.labels))];
  const counts = new Map<string | number, number>();
  for (const label of tensors.flatMap((t, i) => labelsOf(parts[i]!, t.ndim))) counts.set(label, (counts.get(label) ?? 0) + 1);
  const numbered = all.filter((label) => typeof label === "number").sort((a, b) => (b as number) - (a as number));
  const target =
    output === undefined
      ? [...numbered, ...all.filter((label) => typeof label === "string" && counts.get(label) === 1).sort(byLetter)]
      : labelsOf(output, output.includes("...") ? output.replaceAll(" ", "").length - 3 + numbered.length : null);
  for (const label of target) {
    if (!all.includes(label))
      throw new ShapeError(`einsum(): output subscript ${String(label)} does not appear in the equation for any input operand`);
    if (target.filter((other) => other === label).length > 1)
      throw new ShapeError(`einsum(): output subscript ${String(label)} appears more than once in the output`);
  }
  let result = labelled[0]!;
  for (let i = 1; i < labelled.length; i++) {
    const later = labelled.slice(i + 1).flatMap((o) => o.labels);
    result = contract(result, labelled[i]!, (label) => target.includes(label) || later.includes(label));
  }
  const summed = sumOut(result, (label) => target.includes(label));
  return summed.tensor.permute(target.map((label) => summed.labels.indexOf(label)));
}

/** Capitals first, as PyTorch sorts them. */
const byLetter = (a: string | number, b: string | number): number => (String(a) < String(b) ? -1 : 1);

function checkSizes(operands: readonly Labelled[]): void {
  const sizes = new Map<string | number, readonly [size: number, operand: number]>();
  operands.forEach(({ tensor, labels }, operand) => {
    labels.forEach((label, i) => {
      const size = tensor.shape[i]!;
      const known = sizes.get(label);
      if (known === undefined || known[0] === 1) sizes.set(label, [size, operand]);
      else if (size !== 1 && size !== known[0]) {
        throw new ShapeError(
          `einsum(): subscript ${String(label)} has size ${size} for operand ${operand} which does not broadcast with previously seen size ${known[0]}`,
        );
      }
    });
  });
}
