import { run } from "../../dispatch/run.ts";
import type { ComplexOut } from "../../reference/pointwise.ts";
import { isComplex } from "../../tensor/dtype.ts";
import { defineUnary, type Unary, type UnaryOp } from "./pointwise.ts";

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

/** The complex conjugate; a real tensor itself. @see torch.conj */
export const conj: Unary = (self) => (isComplex(self.dtype) ? run(conjOp, [self], undefined) : self);
