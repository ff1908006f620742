import { asTensor, type DType, fromTypedArray, Tensor, TensorError } from "@bluedot/core";
import { type Arguments, required, signature } from "../arguments.ts";
import { Image } from "../image.ts";
import { assertImage, isFloat } from "./planes.ts";

/** One number a channel. */
type Statistics = readonly number[] | Tensor;

const bindConvertImageDtype = signature("convertImageDtype", { dtype: "float32" });
const bindNormalize = signature("normalize", { mean: required, std: required, inplace: false });

const MAX_VALUES = new Map<DType, number>([
  ["uint8", 255],
  ["int8", 127],
  ["int16", 32767],
  ["int32", 2147483647],
  ["int64", 2 ** 63],
]);
const maxValue = (dtype: DType): number => MAX_VALUES.get(dtype) ?? 1;

/**
 * A picture, or pixels `[H, W]` or `[H, W, C]`, as a tensor `[C, H, W]`; uint8 becomes float32 from 0 to 1.
 *
 * @throws {TypeError} for anything else @see torchvision.transforms.functional.to_tensor
 */
export function toTensor(picture: Image | Tensor): Tensor {
  if (!(picture instanceof Image) && !(picture instanceof Tensor))
    throw new TypeError(`pic should be PIL Image or ndarray. Got ${typeof picture}`);
  const pixels = picture instanceof Image ? picture.pixels : picture;
  if (pixels.ndim !== 2 && pixels.ndim !== 3) throw new RangeError(`pic should be 2/3 dimensional. Got ${pixels.ndim} dimensions.`);
  const planes = (pixels.ndim === 2 ? pixels.unsqueeze(2) : pixels).permute(2, 0, 1).contiguous();
  if (planes.dtype !== "uint8") return planes;
  const bytes = planes.typedArray() as Uint8Array;
  const values = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) values[i] = bytes[i]! / 255;
  return fromTypedArray(values, planes.shape);
}

/** A picture as a uint8 tensor `[C, H, W]`, values unchanged. @see torchvision.transforms.functional.pil_to_tensor */
export function pilToTensor(picture: Image): Tensor {
  if (!(picture instanceof Image)) throw new TypeError(`pic should be PIL Image. Got ${typeof picture}`);
  return picture.pixels.permute(2, 0, 1).contiguous();
}

/**
 * A tensor `[C, H, W]` or `[H, W]` as a picture; floats are taken from 0 to 1 and cut, not rounded.
 *
 * @throws {RangeError} for more than four channels or three dimensions @see torchvision.transforms.functional.to_pil_image
 */
export function toPilImage(tensor: Tensor): Image {
  if (!(tensor instanceof Tensor)) throw new TypeError(`pic should be Tensor or ndarray. Got ${typeof tensor}.`);
  if (tensor.ndim !== 2 && tensor.ndim !== 3) throw new RangeError(`pic should be 2/3 dimensional. Got ${tensor.ndim} dimensions.`);
  const planes = tensor.detach().ndim === 2 ? tensor.detach().unsqueeze(0) : tensor.detach();
  if (planes.shape[0]! > 4) throw new RangeError(`pic should not have > 4 channels. Got ${planes.shape[0]} channels.`);
  if (planes.dtype !== "uint8" && !isFloat(planes.dtype)) throw new TypeError(`Input type ${planes.dtype} is not supported`);
  const bytes = isFloat(planes.dtype) ? planes.mul(255).to("uint8") : planes;
  return new Image(bytes.permute(1, 2, 0).contiguous());
}

/**
 * The image in another dtype, its range of values along: floats are from 0 to 1, integers from 0 to the largest.
 *
 * @throws {TensorError} for casts that would lose exactness (float32 to int32) @see torchvision.transforms.functional.convert_image_dtype
 */
export function convertImageDtype(image: Tensor, ...args: Arguments<[], [dtype: DType], { dtype?: DType }, object>): Tensor {
  const { dtype } = bindConvertImageDtype(args) as { dtype: DType };
  if (!(image instanceof Tensor)) throw new TypeError("Input img should be Tensor Image");
  if (image.dtype === dtype) return image;
  if (isFloat(image.dtype)) {
    if (isFloat(dtype)) return image.to(dtype);
    if ((image.dtype === "float32" && (dtype === "int32" || dtype === "int64")) || (image.dtype === "float64" && dtype === "int64")) {
      throw new TensorError(`The cast from torch.${image.dtype} to torch.${dtype} cannot be performed safely.`);
    }
    // A little less than the range plus one, so that every integer gets an equal share of the floats.
    return image.mul(maxValue(dtype) + 1 - 1e-3).to(dtype);
  }
  const [inputMax, outputMax] = [maxValue(image.dtype), maxValue(dtype)];
  if (isFloat(dtype)) return image.to(dtype).div(inputMax);
  if (inputMax > outputMax) {
    const factor = Math.floor((inputMax + 1) / (outputMax + 1));
    return image.floorDivide(factor).to(dtype);
  }
  return image.to(dtype).mul(Math.floor((outputMax + 1) / (inputMax + 1)));
}

/**
 * `(tensor - mean) / std` by channel, for float tensors `[..., C, H, W]`.
 *
 * @throws {TypeError} for integer tensors @throws {RangeError} below three dimensions, and for a std of zero
 * @see torchvision.transforms.functional.normalize
 */
export function normalize(
  tensor: Tensor,
  ...args: Arguments<[mean: Statistics, std: Statistics], [inplace: boolean], { inplace?: boolean }, { mean: Statistics; std: Statistics }>
): Tensor {
  const { mean, std, inplace } = bindNormalize(args) as { mean: Statistics; std: Statistics; inplace: boolean };
  if (!(tensor instanceof Tensor)) throw new TypeError(`img should be Tensor Image. Got ${typeof tensor}`);
  assertImage(tensor);
  const { dtype } = tensor;
  if (!isFloat(dtype)) throw new TypeError(`Input tensor should be a float tensor. Got torch.${dtype}.`);
  if (tensor.ndim < 3)
    throw new RangeError(
      `Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = torch.Size([${tensor.shape.join(", ")}])`,
    );
  const column = (values: readonly number[] | Tensor) => {
    const made = asTensor(values as Tensor, { dtype });
    return made.ndim === 1 ? made.view(-1, 1, 1) : made;
  };
  const [means, deviations] = [column(mean), column(std)];
  if ([deviations.tolist()].flat(3).some((value) => value === 0))
    throw new RangeError(`std evaluated to zero after conversion to torch.${dtype}, leading to division by zero.`);
  if (inplace) return tensor.sub_(means).div_(deviations);
  return tensor.sub(means).div(deviations);
}
