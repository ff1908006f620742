import * as torch from "@bluedot/core";
import { ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";

/**
 * Sequences of different lengths without padding: the elements of the first step of all of them, then of the second step, and so on; longest
 * sequence first. @see torch.nn.utils.rnn.PackedSequence
 */
export class PackedSequence {
  /** `[sum of lengths, ...]` */
  readonly data: Tensor;
  /** int64 `[longest length]`: how many sequences are that long. */
  readonly batchSizes: Tensor;
  /** Where each sorted sequence stood in the batch, or null when it was sorted already. */
  readonly sortedIndices: Tensor | null;
  /** Where each sequence of the batch stands among the sorted ones. */
  readonly unsortedIndices: Tensor | null;

  constructor(data: Tensor, batchSizes: Tensor, sortedIndices: Tensor | null = null, unsortedIndices: Tensor | null = null) {
    this.data = data;
    this.batchSizes = batchSizes;
    this.sortedIndices = sortedIndices;
    this.unsortedIndices = unsortedIndices ?? invertPermutation(sortedIndices);
  }

  /** The same sequences with `change` made to the data. */
  map(change: (data: Tensor) => Tensor): PackedSequence {
    return new PackedSequence(change(this.data), this.batchSizes, this.sortedIndices, this.unsortedIndices);
  }

  /** The same sequences in another dtype or on another device. */
  to(target: torch.DType | string): PackedSequence {
    return this.map((data) => data.to(target as torch.DType));
  }

  *[Symbol.iterator](): Generator<Tensor | null, void, undefined> {
    yield this.data;
    yield this.batchSizes;
    yield this.sortedIndices;
    yield this.unsortedIndices;
  }
}

const numbers = (t: Tensor): number[] => (t.tolist() as (number | bigint)[]).map(Number);
const indices = (values: readonly number[]): Tensor => torch.fromTypedArray(BigInt64Array.from(values, BigInt), [values.length]);

/** The permutation that undoes `permutation`. @see torch.nn.utils.rnn.invert_permutation */
export function invertPermutation(permutation: Tensor | null): Tensor | null {
  if (permutation === null) return null;
  const inverse: number[] = [];
  numbers(permutation).forEach((to, from) => {
    inverse[to] = from;
  });
  return indices(inverse);
}

/** How many sequences are at least 1, 2, ... steps long, given lengths from the longest down. */
function batchSizesOf(lengths: readonly number[]): number[] {
  const sizes: number[] = [];
  for (let t = 0, live = lengths.length; t < (lengths[0] ?? 0); t++) {
    while (live > 0 && lengths[live - 1]! <= t) live--;
    sizes.push(live);
  }
  return sizes;
}

export interface PackOptions {
  /** `[B, T, ...]` rather than `[T, B, ...]`. Default false. */
  batchFirst?: boolean;
  /** Whether lengths come from the longest down already. Default true. */
  enforceSorted?: boolean;
}
const bindPack = signature("packPaddedSequence", { lengths: required, batchFirst: false, enforceSorted: true });

/** Packs a padded batch. @throws {ShapeError} for lengths that don't fit @throws {TensorError} unsorted, if sorted is asked @see torch.nn.utils.rnn.pack_padded_sequence */
export function packPaddedSequence(
  input: Tensor,
  lengths: Tensor | readonly number[] | (PackOptions & { lengths: Tensor | readonly number[] }),
  ...rest: Rest<[batchFirst: boolean, enforceSorted: boolean], PackOptions>
): PackedSequence {
  const { lengths: given, batchFirst, enforceSorted } = bindPack([lengths, ...rest]);
  let long = Array.isArray(given) ? [...(given as number[])] : numbers(given as Tensor);
  let padded = batchFirst ? input.transpose(0, 1) : input;
  let sorted: Tensor | null = null;
  if (!enforceSorted) {
    const order = long.map((_, i) => i).sort((a, b) => long[b]! - long[a]! || a - b);
    sorted = indices(order);
    long = order.map((i) => long[i]!);
    padded = padded.indexSelect(1, sorted);
  }
  const [T, B] = padded.shape as [number, number];
  if (long.length !== B) {
    throw new ShapeError(`Expected \`len(lengths)\` to be equal to batch_size, but got ${long.length} (batch_size=${B})`);
  }
  for (let i = 1; i < long.length; i++) {
    if (long[i - 1]! < long[i]!) {
      throw new TensorError(
        "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability.",
      );
    }
  }
  if (long.some((n) => n <= 0))
    throw new ShapeError("Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0");
  if (long[0]! > T) throw new ShapeError(`Expected lengths up to ${T}, but got ${long[0]}`);
  const sizes = batchSizesOf(long);
  const steps = sizes.map((size, t) => padded.select(0, t).narrow(0, 0, size));
  return new PackedSequence(torch.cat(steps, 0), indices(sizes), sorted);
}

export interface PadPackedOptions {
  batchFirst?: boolean;
  paddingValue?: number;
  /** Pad up to this length. Default: the longest. */
  totalLength?: number | null;
}
const bindUnpack = signature("padPackedSequence", { batchFirst: false, paddingValue: 0, totalLength: null });

/** Pads packed sequences: `[padded, lengths]`. @throws {ShapeError} @see torch.nn.utils.rnn.pad_packed_sequence */
export function padPackedSequence(
  sequence: PackedSequence,
  ...rest: Rest<[batchFirst: boolean, paddingValue: number, totalLength: number | null], PadPackedOptions>
): [Tensor, Tensor] {
  const { batchFirst, paddingValue, totalLength } = bindUnpack(rest);
  const sizes = numbers(sequence.batchSizes);
  const longest = sizes.length;
  if (totalLength !== null && totalLength < longest) {
    throw new ShapeError(
      `Expected total_length to be at least the length of the longest sequence in input, but got total_length=${totalLength} and max sequence length being ${longest}`,
    );
  }
  const B = sizes[0] ?? 0;
  const features = sequence.data.shape.slice(1);
  let at = 0;
  const { dtype, device } = sequence.data;
  const fill = (n: number): Tensor => torch.full([n, ...features], paddingValue, { dtype, device });
  const steps = sizes.map((size) => {
    const step = sequence.data.narrow(0, at, size);
    at += size;
    return size === B ? step : torch.cat([step, fill(B - size)], 0);
  });
  for (let t = longest; t < (totalLength ?? longest); t++) steps.push(fill(B));
  let padded = torch.stack(steps, 0);
  let lengths = Array.from({ length: B }, (_, b) => sizes.filter((size) => size > b).length);
  if (sequence.unsortedIndices !== null) {
    padded = padded.indexSelect(1, sequence.unsortedIndices);
    lengths = numbers(sequence.unsortedIndices).map((i) => lengths[i]!);
  }
  return [batchFirst ? padded.transpose(0, 1) : padded, indices(lengths)];
}

export interface PadOptions {
  batchFirst?: boolean;
  paddingValue?: number;
}
const bindPad = signature("padSequence", { batchFirst: false, paddingValue: 0 });

/** Stacks sequences `[Li, ...]`, padded at the end: `[L, B, ...]`. @throws {ShapeError} @throws {TensorError} for what is no list of tensors @see torch.nn.utils.rnn.pad_sequence */
export function padSequence(sequences: readonly Tensor[], ...rest: Rest<[batchFirst: boolean, paddingValue: number], PadOptions>): Tensor {
  const { batchFirst, paddingValue } = bindPad(rest);
  if (!Array.isArray(sequences)) {
    throw new TensorError("pad_sequence: Expected iterable for input sequences, but got arg of type: <class 'torch.Tensor'>");
  }
  if (sequences.length === 0) throw new ShapeError("received an empty list of sequences");
  const longest = Math.max(...sequences.map((s) => s.shape[0]!));
  const features = sequences[0]!.shape.slice(1);
  const rows = sequences.map((s) => {
    if (s.shape.slice(1).join() !== features.join()) {
      throw new ShapeError(
        `The size of tensor a (${features.join(", ")}) must match the size of tensor b (${s.shape.slice(1).join(", ")}) at non-singleton dimension 1`,
      );
    }
    const lack = longest - s.shape[0]!;
    if (lack === 0) return s;
    return torch.cat([s, torch.full([lack, ...features], paddingValue, { dtype: s.dtype, device: s.device })], 0);
  });
  return torch.stack(rows, batchFirst ? 0 : 1);
}

const bindUnpad = signature("unpadSequence", { lengths: required, batchFirst: false });
/** Cuts a padded batch into its sequences. @see torch.nn.utils.rnn.unpad_sequence */
export function unpadSequence(
  padded: Tensor,
  lengths: Tensor | { lengths: Tensor; batchFirst?: boolean },
  ...rest: Rest<[batchFirst: boolean], { batchFirst?: boolean }>
): Tensor[] {
  const { lengths: given, batchFirst } = bindUnpad([lengths, ...rest]);
  const rows: Tensor = batchFirst ? padded : padded.transpose(0, 1);
  return numbers(given).map((n, i) => rows.select(0, i).narrow(0, 0, n));
}

/** Packs sequences of different lengths. @throws {TensorError} unsorted, if sorted is asked @see torch.nn.utils.rnn.pack_sequence */
export function packSequence(sequences: readonly Tensor[], enforceSorted: boolean | { enforceSorted?: boolean } = true): PackedSequence {
  const sorted = typeof enforceSorted === "boolean" ? enforceSorted : (enforceSorted.enforceSorted ?? true);
  return packPaddedSequence(
    padSequence(sequences),
    sequences.map((s) => s.shape[0]!),
    { enforceSorted: sorted },
  );
}

/** Cuts packed sequences into tensors. @see torch.nn.utils.rnn.unpack_sequence */
export function unpackSequence(packed: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(packed, { batchFirst: true });
  return unpadSequence(padded, lengths, { batchFirst: true });
}
