import { dtypeInfo, type Kernel, type Resampling } from "@bluedot/core/extend";
import { POINTERS, pointer, TYPE } from "../descriptor.ts";
import type { Addon } from "../native.ts";
import { product, served } from "./served.ts";

type Factory = (reference: Kernel) => Kernel;

/** Interpolation along one dimension, and its derivative. */
export function resampleKernels(addon: Addon): Record<string, Factory> {
  const D = addon.descriptor;
  const resample = addon.kernels["resample"]!;
  const address = (array: Int32Array | Float64Array): number => addon.addressOf(array.buffer as ArrayBuffer) + array.byteOffset;
  return {
    resample: (reference) => (inputs, outputs, params) => {
      const { dim, inputSize, outputSize, taps, transposed, places, weights } = params as Resampling;
      const [x, y] = [inputs[0]!, outputs[0]!];
      if (!served(x) || !served(y) || y.count === 0) return reference(inputs, outputs, params);
      D[TYPE] = dtypeInfo[x.dtype].code;
      D[2] = product(x.shape, 0, dim);
      D[3] = product(x.shape, dim + 1, x.ndim);
      D[4] = inputSize;
      D[5] = outputSize;
      D[6] = taps;
      D[7] = transposed ? 1 : 0;
      D[POINTERS + 2] = address(places);
      D[POINTERS + 3] = address(weights);
      D[POINTERS] = pointer(y);
      D[POINTERS + 1] = pointer(x);
      resample();
    },
  };
}
