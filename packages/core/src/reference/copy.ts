import { kernel, registerReferenceKernels } from "../dispatch/backend.ts";
import { copyOp } from "../dispatch/run.ts";
import { dtypeInfo, isComplex, isIntegral } from "../tensor/dtype.ts";
import { broadcastStrides } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { forEachRow, numbersOf, toBigInts, toComplexDoubles, writable, writeBigInts, writeDoubles } from "./loops.ts";

/** Copies with a cast. Complex to real keeps the real part. */
const copy = kernel(copyOp, ([source], [out]) => {
  const target = out!;
  const strides = broadcastStrides(source.shape, source.strides, target.shape);
  const wide = new Tensor(source.storage, target.shape, strides, source.offset, source.dtype);
  if (source.dtype === target.dtype) return copyBits(wide, target);
  if (isComplex(target.dtype)) return writeDoubles(target, toComplexDoubles(wide));
  if (isComplex(source.dtype)) {
    return writeDoubles(
      target,
      toComplexDoubles(wide).filter((_, i) => i % 2 === 0),
    );
  }
  if (target.dtype === "int64" || (source.dtype === "int64" && isIntegral(target.dtype, false)))
    return writeBigInts(target, toBigInts(wide));
  const to = writable(target);
  const from = numbersOf(wide);
  // A float out of an integer's range goes through int64 first, whose low bits the typed array keeps, as compiled C does.
  const small = isIntegral(target.dtype, false) && dtypeInfo[source.dtype].category === 2;
  forEachRow(target.shape, [to.strides, from.strides], [to.offset, from.offset], ([p, q], [u, v], n) => {
    for (let i = 0, o = p!, j = q!; i < n; i++, o += u!, j += v!) to.data[o] = small ? Math.trunc(from.data[j]!) : from.data[j]!;
  });
  to.commit();
});

function copyBits(source: Tensor, target: Tensor): void {
  const from = source.elements as Float64Array;
  const to = target.elements as Float64Array;
  if (isComplex(source.dtype)) {
    forEachRow(target.shape, [target.strides, source.strides], [target.offset, source.offset], ([p, q], [u, v], n) => {
      for (let i = 0, o = p!, j = q!; i < n; i++, o += u!, j += v!) {
        to[2 * o] = from[2 * j]!;
        to[2 * o + 1] = from[2 * j + 1]!;
      }
    });
    return;
  }
  forEachRow(target.shape, [target.strides, source.strides], [target.offset, source.offset], ([p, q], [u, v], n) => {
    if (u === 1 && v === 1) to.set(from.subarray(q!, q! + n), p!);
    else for (let i = 0, o = p!, j = q!; i < n; i++, o += u!, j += v!) to[o] = from[j]!;
  });
}

registerReferenceKernels([copy]);
