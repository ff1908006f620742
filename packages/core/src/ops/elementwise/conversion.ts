import { isOptions, required, signature } from "../../dispatch/arguments.ts";
import { device as deviceNamed } from "../../dispatch/backend.ts";
import { type DType, isDType } from "../../tensor/dtype.ts";
import { isInFormat, type MemoryFormat } from "../../tensor/memory-format.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { clone, type MemoryFormatOptions } from "./clone.ts";
import { to as cast } from "./to.ts";
import { transfer } from "./transfer.ts";

export interface ToOptions {
  dtype?: DType | null;
  device?: string | null;
  nonBlocking?: boolean;
  /** Copy even where nothing changes. Default false. */
  copy?: boolean;
  memoryFormat?: MemoryFormat | null;
  /** Take dtype and device from this tensor. */
  other?: Tensor;
}

/**
 * The tensor as another dtype, on another device, or as `other` is: itself where nothing changes (unless `copy`), else a copy.
 * @throws {DeviceError} where the device is absent @see torch.Tensor.to
 */
export function to(
  self: Tensor,
  target: DType | string | Tensor | ToOptions,
  ...rest: readonly (DType | boolean | ToOptions | null)[]
): Tensor {
  const last = rest[rest.length - 1];
  const options: ToOptions = isOptions(target) ? (target as ToOptions) : isOptions(last) ? (last as ToOptions) : {};
  for (const key of Object.keys(options)) {
    if (!toOptions.has(key)) throw new TypeError(`to() got an unexpected keyword argument '${key}'; it takes ${[...toOptions].join(", ")}`);
  }
  const like = target instanceof Tensor ? target : (options.other ?? null);
  let dtype = like === null ? (options.dtype ?? null) : like.dtype;
  let device = like === null ? (options.device ?? null) : like.device;
  if (isDType(target)) dtype = target;
  else if (typeof target === "string") device = deviceNamed(target);
  if (isDType(rest[0])) dtype = rest[0];
  const flags = rest.filter((v): v is boolean => typeof v === "boolean");
  const copy = options.copy ?? flags[1] ?? false;
  let out = dtype === null ? self : cast(self, dtype);
  if (device !== null && deviceNamed(device) !== out.device) out = transfer(out.contiguous(), device);
  const format = options.memoryFormat ?? "preserve_format";
  if (format !== "preserve_format" && !isInFormat(out, format)) return clone(out, { memoryFormat: format });
  return copy && out === self ? clone(self) : out;
}

const toOptions = new Set(["dtype", "device", "other", "nonBlocking", "copy", "memoryFormat"]);
const bindCast = signature("cast", { memoryFormat: "preserve_format" });

const casting =
  (dtype: DType) =>
  (self: Tensor, options?: MemoryFormatOptions): Tensor =>
    options === undefined ? cast(self, dtype) : to(self, { dtype, memoryFormat: bindCast([options]).memoryFormat });
type Cast = (self: Tensor, options?: MemoryFormatOptions) => Tensor;

/** As float32. @see torch.Tensor.float */
export const float: Cast = casting("float32");
/** As float64. @see torch.Tensor.double */
export const double: Cast = casting("float64");
/** As float16. @see torch.Tensor.half */
export const half: Cast = casting("float16");
/** As bfloat16. @see torch.Tensor.bfloat16 */
export const bfloat16: Cast = casting("bfloat16");
/** As int8. @see torch.Tensor.char */
export const char: Cast = casting("int8");
/** As uint8. @see torch.Tensor.byte */
export const byte: Cast = casting("uint8");
/** As int16. @see torch.Tensor.short */
export const short: Cast = casting("int16");
/** As int32. @see torch.Tensor.int */
export const int: Cast = casting("int32");
/** As int64. @see torch.Tensor.long */
export const long: Cast = casting("int64");
/** As bool: whether elements differ from zero. @see torch.Tensor.bool */
export const bool: Cast = casting("bool");
/** As complex64. @see torch.Tensor.cfloat */
export const cfloat: Cast = casting("complex64");
/** As complex128. @see torch.Tensor.cdouble */
export const cdouble: Cast = casting("complex128");
/** On the CPU: itself, or a copy. @see torch.Tensor.cpu */
export const cpu = (self: Tensor): Tensor => to(self, "cpu");
/** On a CUDA device. @throws {DeviceError} where there is none @see torch.Tensor.cuda */
export const cuda = (self: Tensor, device: string | number = 0): Tensor => to(self, typeof device === "number" ? `cuda:${device}` : device);
/** The dtype of `other`. @see torch.Tensor.type_as */
export function typeAs(self: Tensor, other: Tensor | { other: Tensor }, ...extra: never[]): Tensor {
  return cast(self, (bindTypeAs([other, ...extra]).other as Tensor).dtype);
}
const bindTypeAs = signature("typeAs", { other: required });
