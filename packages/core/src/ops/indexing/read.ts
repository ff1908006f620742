import { nothingElse } from "../../dispatch/arguments.ts";
import { AutogradError, ShapeError } from "../../errors.ts";
import { decoder } from "../../reference/loops.ts";
import { isComplex, type TypedArray } from "../../tensor/dtype.ts";
import { ComplexScalar } from "../../tensor/scalar.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** What an element is in JavaScript: int64 beyond 2^53 is a bigint, complex a {@link ComplexScalar}. */
export type Element = number | bigint | boolean | ComplexScalar;
/** Elements in nested arrays; an element alone for a 0-d tensor. */
export type Nested = Element | Nested[];

const safe = (value: bigint): number | bigint => (value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value);

/** Reads the element at a position of the storage. */
function reader(t: Tensor): (at: number) => Element {
  const elements = t.elements;
  if (t.dtype === "bool") return (at) => elements[at] !== 0;
  if (t.dtype === "int64") return (at) => safe(elements[at] as bigint);
  if (isComplex(t.dtype)) return (at) => new ComplexScalar(elements[2 * at] as number, elements[2 * at + 1] as number);
  const decode = decoder(t.dtype);
  return (at) => decode(elements[at] as never);
}

const onHost = (self: Tensor): Tensor => (self.device === "cpu" ? self : self.cpu());

/** The one element as a JavaScript value. @throws {ShapeError} when there are more, or none @see torch.Tensor.item */
export function item(self: Tensor, ...extra: never[]): number {
  nothingElse("item", extra);
  if (self.count !== 1) {
    throw new ShapeError(
      self.count === 0
        ? "a Tensor with 0 elements cannot be converted to Scalar"
        : "only one element tensors can be converted to Python scalars",
    );
  }
  const host = onHost(self);
  // Typed as a number because nearly always it is: booleans, large integers and complex values say so at run time.
  return reader(host)(host.offset) as number;
}

/** The elements as nested arrays; a number for a 0-d tensor. @see torch.Tensor.tolist */
export function tolist(self: Tensor, ...extra: never[]): Nested {
  nothingElse("tolist", extra);
  const host = onHost(self);
  const read = reader(host);
  const { shape, strides } = host;
  const walk = (dim: number, at: number): Nested => {
    if (dim === shape.length) return read(at);
    const out = new Array<Nested>(shape[dim]!);
    for (let i = 0; i < out.length; i++) out[i] = walk(dim + 1, at + i * strides[dim]!);
    return out;
  };
  return walk(0, host.offset);
}

/**
 * The elements in row-major order as a typed array: the tensor's own memory where it is contiguous, else a copy.
 * float16 and bfloat16 give their bits, complex interleaved parts. @throws {AutogradError} when it requires grad @see torch.Tensor.numpy
 */
export function typedArray(self: Tensor, ...extra: never[]): TypedArray {
  nothingElse("typedArray", extra);
  if (self.requiresGrad) {
    throw new AutogradError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
  }
  const host = onHost(self).contiguous();
  const width = isComplex(host.dtype) ? 2 : 1;
  return host.elements.subarray(host.offset * width, (host.offset + host.count) * width) as TypedArray;
}

/** Reads elements by their place in row-major order, at any layout. */
export function elementAt(self: Tensor): (flatIndex: number) => Element {
  const host = onHost(self);
  const read = reader(host);
  const { shape, strides, offset } = host;
  if (host.contiguousLayout) return (flatIndex) => read(offset + flatIndex);
  return (flatIndex) => {
    let at = offset;
    let rest = flatIndex;
    for (let d = shape.length - 1; d >= 0; d--) {
      at += (rest % shape[d]!) * strides[d]!;
      rest = Math.floor(rest / shape[d]!);
    }
    return read(at);
  };
}

/** Whether the one element differs from zero. @throws {ShapeError} when there are more, or none @see torch.is_nonzero */
export function isNonzero(self: Tensor, ...extra: never[]): boolean {
  nothingElse("isNonzero", extra);
  if (self.count === 0) throw new ShapeError("Boolean value of Tensor with no values is ambiguous");
  if (self.count > 1) throw new ShapeError("Boolean value of Tensor with more than one value is ambiguous");
  const value = item(self) as Element;
  return value instanceof ComplexScalar ? value.re !== 0 || value.im !== 0 : Number(value) !== 0;
}
