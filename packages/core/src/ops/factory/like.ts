import { isOptions } from "../../dispatch/arguments.ts";
import { ShapeError } from "../../errors.ts";
import type { Scalar } from "../../tensor/scalar.ts";
import { formatShape, type Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { asStrided } from "../view/as-strided.ts";
import { checkFactoryOptions, empty, type FactoryOptions, finish, full, ones, sizesAndOptions, zeros } from "./filled.ts";
import { type TensorData, tensor } from "./tensor.ts";

/** Sizes one by one or as an array, options last; dtype and device are the receiver's unless given. */
export type NewSized = (
  self: Tensor,
  ...args:
    | [...size: number[]]
    | [size: Shape]
    | [...size: number[], options: FactoryOptions]
    | [size: Shape, options: FactoryOptions]
    | [options: FactoryOptions & { size: Shape }]
) => Tensor;

const ofKind = (self: Tensor, options: FactoryOptions): FactoryOptions => ({
  ...options,
  dtype: options.dtype ?? self.dtype,
  device: options.device ?? self.device,
});

const newSized =
  (name: string, make: (size: Shape, options: FactoryOptions) => Tensor): NewSized =>
  (self, ...args) => {
    const [size, options] = sizesAndOptions(name, args);
    return make(size, ofKind(self, options));
  };

/** Zeros of `self`'s dtype and device. @see torch.Tensor.new_zeros */
export const newZeros: NewSized = newSized("newZeros", (size, options) => zeros(size, options));
/** Ones of `self`'s dtype and device. @see torch.Tensor.new_ones */
export const newOnes: NewSized = newSized("newOnes", (size, options) => ones(size, options));
/** Uninitialised memory of `self`'s dtype and device. @see torch.Tensor.new_empty */
export const newEmpty: NewSized = newSized("newEmpty", (size, options) => empty(size, options));

/** `fillValue` everywhere, in `self`'s dtype and device. @see torch.Tensor.new_full */
export function newFull(
  self: Tensor,
  size: Shape | (FactoryOptions & { size: Shape; fillValue: Scalar }),
  fillValue?: Scalar | (FactoryOptions & { fillValue: Scalar }),
  options: FactoryOptions = {},
): Tensor {
  const given = isOptions(size) ? size : isOptions(fillValue) ? fillValue : options;
  const { size: namedSize, fillValue: namedValue, ...rest } = given as FactoryOptions & { size?: Shape; fillValue?: Scalar };
  return full(namedSize ?? (size as Shape), namedValue ?? (fillValue as Scalar), ofKind(self, rest));
}

/** A tensor holding a copy of `data`, of `self`'s dtype and device. @see torch.Tensor.new_tensor */
export function newTensor(self: Tensor, data: TensorData | (FactoryOptions & { data: TensorData }), options: FactoryOptions = {}): Tensor {
  if (isOptions(data)) {
    const { data: values, ...rest } = data as FactoryOptions & { data: TensorData };
    return tensor(values, ofKind(self, rest));
  }
  return tensor(data as TensorData, ofKind(self, options));
}

/** Uninitialised memory with these sizes and strides. @throws {ShapeError} on a negative stride @see torch.empty_strided */
export function emptyStrided(
  size: Shape | (FactoryOptions & { size: Shape; stride: Shape }),
  stride?: Shape | (FactoryOptions & { stride: Shape }),
  options: FactoryOptions = {},
): Tensor {
  if (isOptions(size)) {
    const { size: sizes, stride: strides, ...rest } = size as FactoryOptions & { size: Shape; stride: Shape };
    return emptyStrided(sizes, strides, rest);
  }
  if (isOptions(stride)) {
    const { stride: strides, ...rest } = stride as FactoryOptions & { stride: Shape };
    return emptyStrided(size as Shape, strides, rest);
  }
  const [sizes, strides] = [size as Shape, stride as Shape];
  checkFactoryOptions("emptyStrided", options);
  if (sizes.length !== strides.length) {
    throw new ShapeError(`mismatch in length of strides and shape: sizes ${formatShape(sizes)}, strides ${formatShape(strides)}`);
  }
  const last = sizes.some((n) => n === 0) ? 0 : sizes.reduce((at, n, i) => at + (n - 1) * strides[i]!, 0) + 1;
  const memory = empty([last], { dtype: options.dtype, device: options.device });
  const view = asStrided(memory, sizes, strides);
  view.base = null;
  return finish(view, options);
}

/** Uninitialised memory with these sizes and strides, of `self`'s dtype and device. @see torch.Tensor.new_empty_strided */
export function newEmptyStrided(
  self: Tensor,
  size: Shape | (FactoryOptions & { size: Shape; stride: Shape }),
  stride?: Shape | (FactoryOptions & { stride: Shape }),
  options: FactoryOptions = {},
): Tensor {
  if (isOptions(size)) return emptyStrided(ofKind(self, size as FactoryOptions) as FactoryOptions & { size: Shape; stride: Shape });
  if (isOptions(stride)) return emptyStrided(size as Shape, ofKind(self, stride as FactoryOptions) as FactoryOptions & { stride: Shape });
  return emptyStrided(size as Shape, stride as Shape, ofKind(self, options));
}
