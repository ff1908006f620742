import { nothingElse, signature } from "../../dispatch/arguments.ts";
import { IndexError } from "../../errors.ts";
import { type DType, dtypeInfo, isComplex as isComplexDType, isFloatingPoint as isFloatingDType } from "../../tensor/dtype.ts";
import { isInFormat, type MemoryFormat } from "../../tensor/memory-format.ts";
import { dimNumber } from "../../tensor/names.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Storage } from "../../tensor/storage.ts";
import type { Tensor } from "../../tensor/tensor.ts";

type OneDim = number | string | { dim?: number | string };
const bindSize = signature("size", { dim: null });

/** A dimension that the tensor has. @throws {IndexError} */
function ownDim(self: Tensor, dim: number | string): number {
  if (self.ndim === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`);
  return wrapDim(dimNumber(self, dim), self.ndim);
}

/** All sizes, or the size of one dimension. @throws {IndexError} @see torch.Tensor.size */
export function size(self: Tensor): readonly number[];
export function size(self: Tensor, dim: OneDim): number;
export function size(self: Tensor, ...args: readonly unknown[]): number | readonly number[] {
  const { dim: d } = bindSize(args);
  return d === null ? self.shape : self.shape[ownDim(self, d)]!;
}

/** All strides in elements, or that of one dimension. @throws {IndexError} @see torch.Tensor.stride */
export function stride(self: Tensor): readonly number[];
export function stride(self: Tensor, dim: OneDim): number;
export function stride(self: Tensor, ...args: readonly unknown[]): number | readonly number[] {
  const { dim: d } = bindSize(args);
  return d === null ? self.strides : self.strides[ownDim(self, d)]!;
}

/** Where the first element lies in the storage, in elements. @see torch.Tensor.storage_offset */
export function storageOffset(self: Tensor, ...extra: never[]): number {
  nothingElse("storageOffset", extra);
  return self.offset;
}
/** Number of elements. @see torch.numel */
export function numel(self: Tensor, ...extra: never[]): number {
  nothingElse("numel", extra);
  return self.count;
}
/** Number of elements. @see torch.Tensor.nelement */
export function nelement(self: Tensor, ...extra: never[]): number {
  nothingElse("nelement", extra);
  return self.count;
}
/** Number of dimensions. @see torch.Tensor.dim */
export function dim(self: Tensor, ...extra: never[]): number {
  nothingElse("dim", extra);
  return self.ndim;
}
/** Number of dimensions. @see torch.Tensor.ndimension */
export function ndimension(self: Tensor, ...extra: never[]): number {
  nothingElse("ndimension", extra);
  return self.ndim;
}
/** Bytes of one element. @see torch.Tensor.element_size */
export function elementSize(self: Tensor, ...extra: never[]): number {
  nothingElse("elementSize", extra);
  return dtypeInfo[self.dtype].itemSize;
}
/** Whether elements lie in row-major order without gaps. @see torch.Tensor.is_contiguous */
export const isContiguous = (self: Tensor, options?: { memoryFormat?: MemoryFormat | null }): boolean =>
  options === undefined ? self.contiguousLayout : isInFormat(self, bindContiguous([options]).memoryFormat ?? "contiguous_format");
const bindContiguous = signature("isContiguous", { memoryFormat: "contiguous_format" });
/** Whether the dtype is a floating-point one. @see torch.is_floating_point */
export function isFloatingPoint(self: Tensor, ...extra: never[]): boolean {
  nothingElse("isFloatingPoint", extra);
  return isFloatingDType(self.dtype);
}
/** Whether the dtype is a complex one. @see torch.is_complex */
export function isComplex(self: Tensor, ...extra: never[]): boolean {
  nothingElse("isComplex", extra);
  return isComplexDType(self.dtype);
}
/** Whether the dtype has a sign. @see torch.is_signed */
export function isSigned(self: Tensor, ...extra: never[]): boolean {
  nothingElse("isSigned", extra);
  return self.dtype !== "uint8" && self.dtype !== "bool";
}
/** The storage that the tensor views. @see torch.Tensor.untyped_storage */
export function untypedStorage(self: Tensor, ...extra: never[]): Storage {
  nothingElse("untypedStorage", extra);
  return self.storage;
}
/** A number that is equal for tensors whose first elements lie at one place. @see torch.Tensor.data_ptr */
export function dataPtr(self: Tensor, ...extra: never[]): number {
  nothingElse("dataPtr", extra);
  return addressOfStorage(self.storage) + self.offset * self.itemsize;
}
/** Whether both have the same storage, offset, sizes and strides. @see torch.Tensor.is_set_to */
export const isSetTo = (self: Tensor, other: Tensor): boolean =>
  self.storage === other.storage &&
  self.offset === other.offset &&
  String(self.shape) === String(other.shape) &&
  String(self.strides) === String(other.strides);

const madeUp = new WeakMap<Storage, number>();
let next = 0x1000;
/** The native address where known, else a number of the storage's own. */
function addressOfStorage(storage: Storage): number {
  if (storage.address !== 0) return storage.address;
  let address = madeUp.get(storage);
  if (address === undefined) {
    address = next;
    next += Math.ceil((storage.nbytes + 1) / 64) * 64;
    madeUp.set(storage, address);
  }
  return address;
}

/** The dtype by name, or a copy as another. @see torch.Tensor.type */
export function type(self: Tensor): string;
export function type(self: Tensor, dtype: DType | { dtype: DType }): Tensor;
export function type(self: Tensor, ...args: readonly unknown[]): string | Tensor {
  const { dtype } = bindType(args);
  return dtype === null ? `torch.${dtypeInfo[self.dtype].scalarType}Tensor` : self.to(dtype as DType);
}
const bindType = signature("type", { dtype: null, nonBlocking: false });
