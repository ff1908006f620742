import { given, signature } from "../../dispatch/arguments.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { dtypeInfo, isComplex, isFloatingPoint, isIntegral } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { to } from "../elementwise/to.ts";
import { dimsFor, type Reduce } from "./reduction.ts";
import { sum, sumOp } from "./sum.ts";

const bind = signature("nansum", { dim: null, keepdim: false, dtype: null });

/** Zero where an element is NaN. */
const withoutNaN = (self: Tensor): Tensor => (isFloatingPoint(self.dtype) ? self.maskedFill(self.ne(self), 0) : self);

/** Sum of the elements that are not NaN, with the arguments of `sum`. @throws {DTypeError} for complex dtypes @see torch.nansum */
export const nansum: Reduce = (self, ...args) => {
  const { dim, keepdim, dtype } = bind(given(args));
  if (isComplex(self.dtype)) throw new DTypeError("nansum does not support complex inputs");
  const target = dtype ?? (isIntegral(self.dtype) ? "int64" : self.dtype);
  return run(sumOp, [withoutNaN(to(self, target))], { dims: dimsFor(self, dim), keepdim });
};

/** Mean of the elements that are not NaN, with the arguments of `mean`. @throws {DTypeError} unless floating point @see torch.nanmean */
export const nanmean: Reduce = (self, ...args) => {
  const { dim, keepdim, dtype } = bind(given(args));
  if (!isFloatingPoint(self.dtype) && !isComplex(self.dtype)) {
    throw new DTypeError(`nanmean(): expected input to have floating point dtype but got ${dtypeInfo[self.dtype].scalarType}`);
  }
  const count = sum(self.eq(self), dim, keepdim);
  return nansum(self, dim, keepdim, { dtype }).div(count);
};
