import { required, signature } from "../../dispatch/arguments.ts";
import { defineView, type ViewOp } from "../../dispatch/op.ts";
import { run, runInto, runView } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import type { ComplexOut } from "../../reference/pointwise.ts";
import { dtypeInfo, isComplex, isFloatingPoint, toComplexDType, toRealDType } from "../../tensor/dtype.ts";
import { complexScalar } from "../../tensor/scalar.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { zerosLike } from "../factory/filled.ts";
import { select } from "../view/select.ts";
import { asFloat, type BinaryOp, defineBinary, defineUnary, exactlyOne, type Unary, type Unary1, type UnaryOp } from "./pointwise.ts";
import { where } from "./where.ts";

export const conjOp: UnaryOp = defineUnary({
  name: "conj",
  result: "same",
  backward: [({ grad }) => grad.conj()],
  compute: {
    complex: (a: number, b: number, out: ComplexOut) => {
      out[0] = a;
      out[1] = -b;
    },
  },
});

const viewAsRealView: ViewOp = defineView({
  name: "viewAsReal",
  layout: (self) => {
    if (!isComplex(self.dtype)) throw new DTypeError("view_as_real is only supported for complex tensors");
    return {
      shape: [...self.shape, 2],
      strides: [...self.strides.map((s) => 2 * s), 1],
      offset: 2 * self.offset,
      dtype: toRealDType(self.dtype),
    };
  },
  backward: ({ grad }) => viewAsComplex(grad.contiguous()),
  names: (self) => (self.dimNames === null ? null : [...self.dimNames, null]),
});

const viewAsComplexView: ViewOp = defineView({
  name: "viewAsComplex",
  layout: (self) => {
    if (self.dtype !== "float32" && self.dtype !== "float64") {
      throw new DTypeError(
        `view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: ${dtypeInfo[self.dtype].scalarType}`,
      );
    }
    const last = self.ndim - 1;
    if (last < 0) throw new ShapeError("Input tensor must have one or more dimensions");
    if (self.shape[last] !== 2) throw new ShapeError("Tensor must have a last dimension of size 2");
    if (self.strides[last] !== 1) throw new ShapeError("Tensor must have a last dimension with stride 1");
    const strides = self.strides.slice(0, last);
    if (strides.some((s) => s % 2 !== 0)) throw new ShapeError("Tensor must have a stride divisible by 2 for all but last dimension");
    if (self.offset % 2 !== 0) throw new ShapeError("Tensor must have a storage_offset divisible by 2");
    return {
      shape: self.shape.slice(0, last),
      strides: strides.map((s) => s / 2),
      offset: self.offset / 2,
      dtype: toComplexDType(self.dtype),
    };
  },
  backward: ({ grad }) => viewAsReal(grad.contiguous()),
  names: (self) => (self.dimNames === null ? null : self.dimNames.slice(0, -1)),
});

export const angleOp: UnaryOp = defineUnary({
  name: "angle",
  result: "real",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self] }) =>
      isComplex(self.dtype) ? where(self.eq(0), 0, self.div(self.abs().pow(2)).mul(grad).mul(complexScalar(0, 1))) : zerosLike(grad),
  ],
  compute: {
    real: (a) => (a !== a ? a : a < 0 ? Math.PI : 0),
    complex: (a: number, b: number, out: ComplexOut) => {
      out[0] = Math.atan2(b, a);
    },
  },
});

export const polarOp: BinaryOp = defineBinary({
  name: "polar",
  label: "polar_cpu",
  result: "complex",
  saves: { outputs: "all" },
  backward: ({ grad, output, needs }) => [
    needs[0] ? real(grad.conj().mul(output.sgn())) : null,
    needs[1] ? real(grad.conj().mul(output.mul(complexScalar(0, 1)))) : null,
  ],
  compute: {
    complex: (size: number, _size: number, angle: number, _angle: number, out: ComplexOut) => {
      out[0] = size * Math.cos(angle);
      out[1] = size * Math.sin(angle);
    },
  },
});

export const complexOp: BinaryOp = defineBinary({
  name: "complex",
  label: "complex_cpu",
  result: "complex",
  backward: [({ grad }) => real(grad), ({ grad }) => (isComplex(grad.dtype) ? imag(grad) : zerosLike(grad))],
  compute: {
    complex: (re: number, _re: number, im: number, _im: number, out: ComplexOut) => {
      out[0] = re;
      out[1] = im;
    },
  },
});

/** The complex conjugate, in new memory; a real tensor itself. @see torch.conj */
export const conj: Unary = exactlyOne("conj", (self) => (isComplex(self.dtype) ? run(conjOp, [self], undefined) : self));
/** Another name of {@link conj}. @see torch.conj_physical */
export const conjPhysical: Unary = conj;
/** In-place {@link conj}. @see torch.Tensor.conj_physical_ */
export const conjPhysical_: Unary1 = exactlyOne("conjPhysical_", (self) =>
  isComplex(self.dtype) ? runInto(conjOp, self, [self], undefined) : self,
);
/** The tensor itself: conjugates are never lazy here. @see torch.resolve_conj */
export const resolveConj: Unary = exactlyOne("resolveConj", (self) => self);
/** The tensor itself: negatives are never lazy here. @see torch.resolve_neg */
export const resolveNeg: Unary = exactlyOne("resolveNeg", (self) => self);
/** False: conjugates are never lazy here. @see torch.is_conj */
export const isConj = (_self: Tensor): boolean => false;
/** False: negatives are never lazy here. @see torch.is_neg */
export const isNeg = (_self: Tensor): boolean => false;

/** A complex tensor as a real one with a last dimension of size 2 (re, im); shares storage. @throws {DTypeError} for real tensors @see torch.view_as_real */
export const viewAsReal: Unary = exactlyOne("viewAsReal", (self) => runView(viewAsRealView, self, undefined));
/** A real tensor whose last dimension is (re, im) as a complex one; shares storage. @throws {ShapeError} @see torch.view_as_complex */
export const viewAsComplex: Unary = exactlyOne("viewAsComplex", (self) => runView(viewAsComplexView, self, undefined));

/** The real parts, sharing storage; a real tensor itself. @see torch.real */
export const real: Unary = (self) => (isComplex(self.dtype) ? select(viewAsReal(self), -1, 0) : self);
/** The imaginary parts, sharing storage. @throws {DTypeError} for real tensors @see torch.imag */
export function imag(self: Tensor): Tensor {
  if (!isComplex(self.dtype)) throw new DTypeError("imag is not implemented for tensors with non-complex dtypes.");
  return select(viewAsReal(self), -1, 1);
}

/** The angle in radians: of complex numbers that of the plane, of real ones 0 or π; integers give floats. @see torch.angle */
export const angle: Unary = exactlyOne("angle", (self) => run(angleOp, [asFloat(self)], undefined));

/** Both parts float32 or float64, and the same. */
function checkParts(a: Tensor, b: Tensor): void {
  const isPart = (t: Tensor): boolean => isFloatingPoint(t.dtype) && t.dtype !== "bfloat16";
  if (!isPart(a) || !isPart(b)) {
    throw new DTypeError(
      `Expected both inputs to be Half, Float or Double tensors but got ${dtypeInfo[a.dtype].scalarType} and ${dtypeInfo[b.dtype].scalarType}`,
    );
  }
  if (a.dtype !== b.dtype) {
    throw new DTypeError(
      `Expected object of scalar type ${dtypeInfo[a.dtype].scalarType} but got scalar type ${dtypeInfo[b.dtype].scalarType} for second argument`,
    );
  }
}

const bindPolar = signature("polar", { abs: required, angle: required });
const bindComplex = signature("complex", { real: required, imag: required });

/** Complex numbers of these sizes and angles, which broadcast. @throws {DTypeError} unless both are float32 or float64 @see torch.polar */
export function polar(...args: readonly [Tensor, Tensor | { angle: Tensor }] | readonly [{ abs: Tensor; angle: Tensor }]): Tensor {
  const { abs, angle: turn } = bindPolar(args) as { abs: Tensor; angle: Tensor };
  checkParts(abs, turn);
  return run(polarOp, [abs, turn], undefined);
}

/** Complex numbers of these parts, which broadcast. @throws {DTypeError} unless both are float32 or float64 @see torch.complex */
export function complex(...args: readonly [Tensor, Tensor | { imag: Tensor }] | readonly [{ real: Tensor; imag: Tensor }]): Tensor {
  const parts = bindComplex(args) as { real: Tensor; imag: Tensor };
  checkParts(parts.real, parts.imag);
  return run(complexOp, [parts.real, parts.imag], undefined);
}
