import { given, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runInto } from "../../dispatch/run.ts";
import { DTypeError, IndexError, ShapeError } from "../../errors.ts";
import { accumulable, writeAccumulated } from "../../reference/accumulate.ts";
import { flat } from "../../reference/flat.ts";
import { toDoubles } from "../../reference/loops.ts";
import { dtypeInfo } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { zeros } from "../factory/filled.ts";
import { expandMasks, indexPutOp } from "./advanced.ts";

/** Elements by their place in row-major order. */
const takeOp: Op<readonly [Tensor, Tensor], undefined> = defineOp<readonly [Tensor, Tensor]>({
  name: "take",
  infer: ([self, index]) => ({ shape: index.shape, dtype: self.dtype }),
  saves: { inputs: [1] },
  backward: [
    ({ grad, inputs: [, index], specs: [self] }) =>
      run(putOp, [zeros(self.shape, { dtype: grad.dtype, device: grad.device }), index, grad], true),
    null,
  ],
});

/** `self` with elements of `source` written, or added when the parameter says so, at places in row-major order. */
const putOp: Op<readonly [Tensor, Tensor, Tensor], boolean> = defineOp<readonly [Tensor, Tensor, Tensor], boolean>({
  name: "put",
  infer: ([self]) => self,
  saves: { inputs: [1] },
  backward: [
    ({ grad, inputs: [, index], specs: [, , source], params: accumulate }) =>
      accumulate ? grad : run(putOp, [grad, index, zeros(source.shape, { dtype: grad.dtype, device: grad.device })], false),
    null,
    ({ grad, inputs: [, index], specs: [, , source] }) => run(takeOp, [grad, index], undefined).reshape(source.shape),
  ],
  names: ([self]) => [self.dimNames],
});

/** Places within `count` elements, negative ones from the end. @throws {IndexError} in PyTorch's words */
function placesOf(index: Tensor, count: number): Float64Array {
  return toDoubles(index).map((at) => {
    if (at < -count || at >= count) throw new IndexError(`out of range: tried to access index ${at} on a tensor of ${count} elements.`);
    return at < 0 ? at + count : at;
  });
}

registerReferenceKernels([
  kernel(takeOp, ([self, index], [out]) => {
    const { data: from, width } = flat(self);
    const to = flat(out!).data;
    placesOf(index, self.count).forEach((at, i) => {
      for (let w = 0; w < width; w++) to[i * width + w] = from[at * width + w]!;
    });
  }),
  kernel(putOp, ([self, index, source], [out], accumulate) => {
    const places = placesOf(index, self.count);
    const total = accumulable(self);
    const { data: from, width } = accumulable(source);
    places.forEach((at, i) => {
      for (let w = 0; w < width; w++) {
        if (accumulate) total.data[at * width + w]! += from[i * width + w]!;
        else total.data[at * width + w] = from[i * width + w]!;
      }
    });
    writeAccumulated(out!, total);
  }),
]);

const bindTake = signature("take", { index: required });

/** The elements at the places `index` of `self` in row-major order; the result has the shape of `index`. @throws {IndexError} @throws {DTypeError} @see torch.take */
export function take(self: Tensor, index: Tensor | { index: Tensor }, ...extra: never[]): Tensor {
  const { index: at } = bindTake(given([index, ...extra])) as { index: Tensor };
  if (at.dtype !== "int64") throw new DTypeError(`take(): Expected a long tensor for index, but got ${dtypeInfo[at.dtype].scalarType}`);
  if (self.count === 0 && at.count > 0) throw new IndexError("take(): tried to take from an empty tensor");
  return run(takeOp, [self, at], undefined);
}

export interface PutOptions {
  /** Add to what is there. Default false. */
  accumulate?: boolean;
}
export interface Put {
  (self: Tensor, index: Tensor, source: Tensor, accumulate?: boolean | PutOptions): Tensor;
  (self: Tensor, options: PutOptions & { index: Tensor; source: Tensor }): Tensor;
}
const bindPut = signature("put", { index: required, source: required, accumulate: false });

function putArguments(self: Tensor, args: readonly unknown[]): { inputs: readonly [Tensor, Tensor, Tensor]; accumulate: boolean } {
  const { index, source, accumulate } = bindPut(args) as { index: Tensor; source: Tensor; accumulate: boolean };
  if (index.dtype !== "int64")
    throw new DTypeError(`put_(): Expected a long tensor for index, but got ${dtypeInfo[index.dtype].scalarType}`);
  if (source.dtype !== self.dtype) {
    throw new DTypeError(
      `put_(): self and source expected to have the same dtype, but got self.dtype = ${dtypeInfo[self.dtype].scalarType} and source.dtype = ${dtypeInfo[source.dtype].scalarType}`,
    );
  }
  if (index.count !== source.count) {
    throw new ShapeError(
      `put_(): Expected source and index to have the same number of elements, but got source.numel() = ${source.count}, index.numel() = ${index.count}`,
    );
  }
  if (self.count === 0 && index.count > 0) throw new IndexError("put_(): Tried to put elements into an empty tensor");
  return { inputs: [self, index, source], accumulate };
}
/** `self` with the elements of `source` written (or added) at the places `index` in row-major order. @throws {IndexError} @throws {ShapeError} @see torch.put */
export const put: Put = (self: Tensor, ...args: unknown[]): Tensor => {
  const { inputs, accumulate } = putArguments(self, args);
  return run(putOp, inputs, accumulate);
};
/** In-place `put`. @see torch.Tensor.put_ */
export const put_: Put = (self: Tensor, ...args: unknown[]): Tensor => {
  const { inputs, accumulate } = putArguments(self, args);
  return runInto(putOp, self, inputs, accumulate);
};

export interface IndexPut {
  (self: Tensor, indices: readonly (Tensor | null)[], values: Tensor, accumulate?: boolean | PutOptions): Tensor;
  (self: Tensor, options: PutOptions & { indices: readonly (Tensor | null)[]; values: Tensor }): Tensor;
}
const bindIndexPut = signature("indexPut", { indices: required, values: required, accumulate: false });

function indexPutArguments(self: Tensor, args: readonly unknown[]): { inputs: readonly (Tensor | null)[]; accumulate: boolean } {
  const { indices, values, accumulate } = bindIndexPut(args) as {
    indices: readonly (Tensor | null)[];
    values: Tensor;
    accumulate: boolean;
  };
  if (indices.length > self.ndim) throw new IndexError(`too many indices for tensor of dimension ${self.ndim} (got ${indices.length})`);
  return { inputs: [self, values, ...expandMasks(self, indices)], accumulate };
}
/** `self` with `values`, which broadcast, written (or added) where index tensors, one for each dimension, point. @throws {IndexError} @throws {ShapeError} @see torch.index_put */
export const indexPut: IndexPut = (self: Tensor, ...args: unknown[]): Tensor => {
  const { inputs, accumulate } = indexPutArguments(self, args);
  return run(indexPutOp, inputs, accumulate);
};
/** In-place `indexPut`. @see torch.Tensor.index_put_ */
export const indexPut_: IndexPut = (self: Tensor, ...args: unknown[]): Tensor => {
  const { inputs, accumulate } = indexPutArguments(self, args);
  return runInto(indexPutOp, self, inputs, accumulate);
};
