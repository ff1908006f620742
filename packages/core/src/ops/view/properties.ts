import { isOptions, signature } from "../../dispatch/arguments.ts";
import { type DType, dtypeInfo, isComplex as isComplexDType, isFloatingPoint as isFloatingDType } from "../../tensor/dtype.ts";
import { isInFormat, type MemoryFormat } from "../../tensor/memory-format.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Storage } from "../../tensor/storage.ts";
import type { Tensor } from "../../tensor/tensor.ts";

type OneDim = number | { dim?: number };
const dimOf = (dim: OneDim | undefined): number | undefined =>
  isOptions(dim) ? (dim as { dim?: number }).dim : (dim as number | undefined);

/** All sizes, or the size of one dimension. @throws {IndexError} @see torch.Tensor.size */
export function size(self: Tensor): readonly number[];
export function size(self: Tensor, dim: OneDim): number;
export function size(self: Tensor, dim?: OneDim): number | readonly number[] {
  const d = dimOf(dim);
  return d === undefined ? self.shape : self.shape[wrapDim(d, self.ndim)]!;
}

/** All strides in elements, or that of one dimension. @throws {IndexError} @see torch.Tensor.stride */
export function stride(self: Tensor): readonly number[];
export function stride(self: Tensor, dim: OneDim): number;
export function stride(self: Tensor, dim?: OneDim): number | readonly number[] {
  const d = dimOf(dim);
  return d === undefined ? self.strides : self.strides[wrapDim(d, self.ndim)]!;
}

/** Where the first element lies in the storage, in elements. @see torch.Tensor.storage_offset */
export const storageOffset = (self: Tensor): number => self.offset;
/** Number of elements. @see torch.numel */
export const numel = (self: Tensor): number => self.count;
/** Number of elements. @see torch.Tensor.nelement */
export const nelement = (self: Tensor): number => self.count;
/** Number of dimensions. @see torch.Tensor.dim */
export const dim = (self: Tensor): number => self.ndim;
/** Number of dimensions. @see torch.Tensor.ndimension */
export const ndimension = (self: Tensor): number => self.ndim;
/** Bytes of one element. @see torch.Tensor.element_size */
export const elementSize = (self: Tensor): number => dtypeInfo[self.dtype].itemSize;
/** Whether elements lie in row-major order without gaps. @see torch.Tensor.is_contiguous */
export const isContiguous = (self: Tensor, options?: { memoryFormat?: MemoryFormat | null }): boolean =>
  options === undefined ? self.contiguousLayout : isInFormat(self, bindContiguous([options]).memoryFormat ?? "contiguous_format");
const bindContiguous = signature("isContiguous", { memoryFormat: "contiguous_format" });
/** Whether the dtype is a floating-point one. @see torch.is_floating_point */
export const isFloatingPoint = (self: Tensor): boolean => isFloatingDType(self.dtype);
/** Whether the dtype is a complex one. @see torch.is_complex */
export const isComplex = (self: Tensor): boolean => isComplexDType(self.dtype);
/** Whether the dtype has a sign. @see torch.is_signed */
export const isSigned = (self: Tensor): boolean => self.dtype !== "uint8" && self.dtype !== "bool";
/** The storage that the tensor views. @see torch.Tensor.untyped_storage */
export const untypedStorage = (self: Tensor): Storage => self.storage;
/** A number that is equal for tensors whose first elements lie at one place. @see torch.Tensor.data_ptr */
export function dataPtr(self: Tensor): number {
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
export function type(self: Tensor, dtype?: DType | { dtype: DType }): string | Tensor {
  if (dtype === undefined) return `torch.${dtypeInfo[self.dtype].scalarType}Tensor`;
  return self.to(typeof dtype === "string" ? dtype : dtype.dtype);
}
