import { required, signature } from "../../dispatch/arguments.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { dtypeInfo } from "../../tensor/dtype.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { noExtra } from "./matrices.ts";

/** @throws {DTypeError} in PyTorch's words when dtypes differ, or no product is defined for them */
export function checkProductDTypes(a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype) {
    throw new DTypeError(`expected scalar type ${dtypeInfo[a.dtype].scalarType} but found ${dtypeInfo[b.dtype].scalarType}`);
  }
  if (a.dtype === "bool" || a.dtype === "float16") {
    throw new DTypeError(`"addmm_impl_cpu_" not implemented for '${dtypeInfo[a.dtype].scalarType}'`);
  }
}

const sizes = (t: Tensor): string => t.shape.join("x");

export const mmOp: Op<readonly [Tensor, Tensor], undefined> = defineOp<readonly [Tensor, Tensor]>({
  name: "mm",
  infer: ([self, mat2]) => {
    if (self.ndim !== 2) throw new ShapeError("self must be a matrix");
    if (mat2.ndim !== 2) throw new ShapeError("mat2 must be a matrix");
    if (self.shape[1] !== mat2.shape[0]) {
      throw new ShapeError(`mat1 and mat2 shapes cannot be multiplied (${sizes(self)} and ${sizes(mat2)})`);
    }
    checkProductDTypes(self, mat2);
    return { shape: [self.shape[0]!, mat2.shape[1]!], dtype: self.dtype };
  },
  saves: { inputs: "all", readBy: [[1], [0]] },
  backward: [({ grad, inputs: [, mat2] }) => mm(grad, mat2.conj().t()), ({ grad, inputs: [self] }) => mm(self.conj().t(), grad)],
  names: ([self, mat2]) => [[self.dimNames?.[0] ?? null, mat2.dimNames?.[1] ?? null]],
});

const bindMm = signature("mm", { mat2: required });

/** Product of two matrices, `[N, K] x [K, M] -> [N, M]`. @throws {ShapeError} @throws {DTypeError} @see torch.mm */
export function mm(self: Tensor, mat2: Tensor | { mat2: Tensor }, ...extra: readonly []): Tensor {
  if (extra.length > 0) noExtra("mm", extra);
  return run(mmOp, [self, "shape" in mat2 ? mat2 : (bindMm([mat2]).mat2 as Tensor)], undefined);
}

export const bmmOp: Op<readonly [Tensor, Tensor], undefined> = defineOp<readonly [Tensor, Tensor]>({
  name: "bmm",
  infer: ([self, mat2]) => {
    if (self.ndim !== 3) throw new ShapeError("batch1 must be a 3D tensor");
    if (mat2.ndim !== 3) throw new ShapeError("batch2 must be a 3D tensor");
    const [B, N, K] = self.shape as [number, number, number];
    if (mat2.shape[0] !== B || mat2.shape[1] !== K) {
      throw new ShapeError(
        `Expected size for first two dimensions of batch2 tensor to be: ${formatShape([B, K])} but got: ${formatShape(mat2.shape.slice(0, 2))}.`,
      );
    }
    checkProductDTypes(self, mat2);
    return { shape: [B, N, mat2.shape[2]!], dtype: self.dtype };
  },
  saves: { inputs: "all", readBy: [[1], [0]] },
  backward: [
    ({ grad, inputs: [, mat2] }) => bmm(grad, mat2.conj().transpose(1, 2)),
    ({ grad, inputs: [self] }) => bmm(self.conj().transpose(1, 2), grad),
  ],
});

const bindBmm = signature("bmm", { mat2: required });

/** Products of matrices in a batch, `[B, N, K] x [B, K, M] -> [B, N, M]`. @throws {ShapeError} @see torch.bmm */
export function bmm(self: Tensor, mat2: Tensor | { mat2: Tensor }, ...extra: readonly []): Tensor {
  if (extra.length > 0) noExtra("bmm", extra);
  return run(bmmOp, [self, "shape" in mat2 ? mat2 : (bindBmm([mat2]).mat2 as Tensor)], undefined);
}

export const mvOp: Op<readonly [Tensor, Tensor], undefined> = defineOp<readonly [Tensor, Tensor]>({
  name: "mv",
  infer: ([self, vec]) => {
    if (self.ndim !== 2 || vec.ndim !== 1) {
      throw new ShapeError(`vector + matrix @ vector expected, got 1, ${self.ndim}, ${vec.ndim}`);
    }
    if (self.shape[1] !== vec.shape[0]) {
      throw new ShapeError(`size mismatch, got ${self.shape[0]}, ${sizes(self)},${vec.shape[0]}`);
    }
    checkProductDTypes(self, vec);
    return { shape: [self.shape[0]!], dtype: self.dtype };
  },
  saves: { inputs: "all", readBy: [[1], [0]] },
  backward: [
    ({ grad, inputs: [, vec] }) => grad.unsqueeze(1).mul(vec.conj().unsqueeze(0)),
    ({ grad, inputs: [self] }) => mv(self.conj().t(), grad),
  ],
});

const bindMv = signature("mv", { vec: required });

/** Product of a matrix and a vector, `[N, M] x [M] -> [N]`. @throws {ShapeError} @see torch.mv */
export function mv(self: Tensor, vec: Tensor | { vec: Tensor }, ...extra: readonly []): Tensor {
  if (extra.length > 0) noExtra("mv", extra);
  return run(mvOp, [self, "shape" in vec ? vec : (bindMv([vec]).vec as Tensor)], undefined);
}

export const dotOp: Op<readonly [Tensor, Tensor], undefined> = defineOp<readonly [Tensor, Tensor]>({
  name: "dot",
  infer: ([self, other]) => {
    if (self.ndim !== 1 || other.ndim !== 1) {
      throw new ShapeError(`1D tensors expected, but got ${self.ndim}D and ${other.ndim}D tensors`);
    }
    if (self.dtype !== other.dtype) {
      const [a, b] = [dtypeInfo[self.dtype].scalarType, dtypeInfo[other.dtype].scalarType];
      throw new DTypeError(`dot : expected both vectors to have same dtype, but found ${a} and ${b}`);
    }
    if (self.count !== other.count) {
      throw new ShapeError(
        `inconsistent tensor size, expected tensor ${formatShape(self.shape)} and src ${formatShape(other.shape)} to have the same number of elements, but got ${self.count} and ${other.count} elements respectively`,
      );
    }
    if (self.dtype === "bool" || self.dtype === "float16")
      throw new DTypeError(`"dot" not implemented for '${dtypeInfo[self.dtype].scalarType}'`);
    return { shape: [], dtype: self.dtype };
  },
  saves: { inputs: "all", readBy: [[1], [0]] },
  backward: [({ grad, inputs: [, other] }) => grad.mul(other.conj()), ({ grad, inputs: [self] }) => grad.mul(self.conj())],
});

const bindDot = signature("dot", { tensor: required });

/** Inner product of two vectors. @throws {ShapeError} @see torch.dot */
export function dot(self: Tensor, tensor: Tensor | { tensor: Tensor }, ...extra: readonly []): Tensor {
  if (extra.length > 0) noExtra("dot", extra);
  return run(dotOp, [self, "shape" in tensor ? tensor : (bindDot([tensor]).tensor as Tensor)], undefined);
}

/** Inner product with the first vector conjugated. @throws {ShapeError} @see torch.vdot */
export function vdot(self: Tensor, other: Tensor | { other: Tensor }, ...extra: readonly []): Tensor {
  noExtra("vdot", extra);
  return dot(self.conj(), "shape" in other ? other : other.other);
}
