import { signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { copyElements, run, runInto } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { isInFormat, type MemoryFormat, stridesIn } from "../../tensor/memory-format.ts";
import type { Scalar } from "../../tensor/scalar.ts";
import { formatShape, sameShape } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { zerosLike } from "../factory/filled.ts";
import { newScalarTensor } from "../factory/scalar-tensor.ts";
import { expandIfNeeded } from "../view/expand.ts";
import { transfer } from "./transfer.ts";

export interface MemoryFormatOptions {
  /** The order of elements in memory. */
  memoryFormat?: MemoryFormat | null;
}

/** A copy, in a memory format: `undefined` is row-major. */
export const cloneOp: Op<readonly [Tensor], MemoryFormat | undefined> = defineOp<readonly [Tensor], MemoryFormat | undefined>({
  name: "clone",
  infer: ([self]) => self,
  strides: ([self], format) => (format === undefined ? null : stridesIn(format, self)),
  backward: [({ grad }) => grad],
  names: ([self]) => [self.dimNames],
});

/** A copy of `source` over `self`, cast to its dtype. */
const copyIntoOp: Op<readonly [Tensor, Tensor], undefined> = defineOp<readonly [Tensor, Tensor]>({
  name: "copy_",
  gradName: "torch::autograd::CopyBackwards",
  infer: ([self]) => self,
  elementwise: true,
  backward: [({ grad }) => zerosLike(grad), ({ grad }) => grad],
  names: ([self, source]) => [self.dimNames ?? source.dimNames],
});

const bindClone = signature("clone", { memoryFormat: "preserve_format" });
const bindContiguous = signature("contiguous", { memoryFormat: "contiguous_format" });

registerReferenceKernels([
  kernel(cloneOp, ([self], outputs) => copyElements(self, outputs[0]!)),
  kernel(copyIntoOp, ([, source], outputs) => copyElements(source, outputs[0]!)),
]);

/** A copy with storage of its own, in the memory order of `self` unless `memoryFormat` says otherwise; differentiable. @throws {ShapeError} @see torch.clone */
export function clone(self: Tensor, options?: MemoryFormatOptions): Tensor {
  const format = options === undefined ? "preserve_format" : bindClone([options]).memoryFormat;
  return run(cloneOp, [self], self.contiguousLayout && format === "preserve_format" ? undefined : format);
}

/** `self` when its elements lie in row-major order (or that of `memoryFormat`) without gaps, else a copy that does. @throws {ShapeError} @see torch.Tensor.contiguous */
export function contiguous(self: Tensor, options?: MemoryFormatOptions): Tensor {
  if (options === undefined) return self.contiguousLayout ? self : run(cloneOp, [self], undefined);
  const { memoryFormat } = bindContiguous([options]);
  return isInFormat(self, memoryFormat) ? self : run(cloneOp, [self], memoryFormat);
}

/** Copies `source`, which broadcasts and is cast, over `self`. @throws {ShapeError} @see torch.Tensor.copy_ */
export function copy_(self: Tensor, source: Tensor | Scalar | CopyOptions, nonBlocking?: boolean | CopyOptions, ...extra: []): Tensor {
  const bound = bindCopy([source, nonBlocking, ...extra].filter((v) => v !== undefined)) as Required<CopyOptions>;
  const src = bound.src ?? bound.other;
  if (src === null) throw new TypeError('copy_() missing 1 required positional arguments: "src"');
  return copyFrom(self, src);
}

interface CopyOptions {
  src?: Tensor | Scalar | null;
  /** Another name of `src`. */
  other?: Tensor | Scalar | null;
  /** Copies between devices are synchronous in any case. */
  nonBlocking?: boolean;
}
const bindCopy = signature("copy_", { src: null, nonBlocking: false, other: null });

function copyFrom(self: Tensor, source: Tensor | Scalar): Tensor {
  const from = source instanceof Tensor ? source : newScalarTensor(source, self.dtype);
  if (from.storage.device !== self.storage.device) return copyBetweenDevices(self, from);
  if (!sameShape(from.shape, self.shape)) {
    // PyTorch drops leading dimensions of size 1 that the target lacks.
    const extra = from.ndim - self.ndim;
    if (extra > 0 && from.shape.slice(0, extra).some((n) => n !== 1)) {
      throw new ShapeError(`output with shape ${formatShape(self.shape)} doesn't match the broadcast shape ${formatShape(from.shape)}`);
    }
    return runInto(
      copyIntoOp,
      self,
      [self, expandIfNeeded(extra > 0 ? from.reshape(from.shape.slice(extra)) : from, self.shape)],
      undefined,
    );
  }
  return runInto(copyIntoOp, self, [self, from], undefined);
}

function copyBetweenDevices(self: Tensor, from: Tensor): Tensor {
  const source = from.contiguousLayout ? from.to(self.dtype) : from.contiguous().to(self.dtype);
  const moved = transfer(source, self.device);
  return copyFrom(self, moved);
}
