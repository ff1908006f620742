import type { DType, Tensor } from "@bluedot/core";
import type { Image } from "../image.ts";
import { convertImageDtype, normalize, pilToTensor, toPilImage, toTensor } from "./conversion.ts";
import { Transform } from "./transform.ts";

/** Python's way of writing a list of floats. */
export const listText = (values: readonly number[], brackets = "()"): string => {
  const items = values.map((value) => (Number.isInteger(value) ? value.toFixed(1) : String(value)));
  return `${brackets[0]}${items.join(", ")}${items.length === 1 && brackets === "()" ? "," : ""}${brackets[1]}`;
};

/** A picture, or uint8 pixels `[H, W, C]`, as a float tensor `[C, H, W]` from 0 to 1. @see torchvision.transforms.ToTensor */
export class ToTensor extends Transform<Image | Tensor, Tensor> {
  forward(picture: Image | Tensor): Tensor {
    return toTensor(picture);
  }

  override get isPixelwise(): boolean {
    return true;
  }
}

/** A picture as a uint8 tensor `[C, H, W]`. @see torchvision.transforms.PILToTensor */
export class PILToTensor extends Transform<Image, Tensor> {
  forward(picture: Image): Tensor {
    return pilToTensor(picture);
  }

  override get isPixelwise(): boolean {
    return true;
  }
}

/** A tensor `[C, H, W]` as a picture. @see torchvision.transforms.ToPILImage */
export class ToPILImage extends Transform<Tensor, Image> {
  forward(tensor: Tensor): Image {
    return toPilImage(tensor);
  }
}

/** The tensor in another dtype, its range of values along. @see torchvision.transforms.ConvertImageDtype */
export class ConvertImageDtype extends Transform<Tensor, Tensor> {
  readonly dtype: DType;

  constructor(dtype: DType) {
    super();
    this.dtype = dtype;
  }

  forward(image: Tensor): Tensor {
    return convertImageDtype(image, this.dtype);
  }

  override get isPixelwise(): boolean {
    return true;
  }

  override toString(): string {
    return "ConvertImageDtype()";
  }
}

/** `(tensor - mean) / std` by channel. @see torchvision.transforms.Normalize */
export class Normalize extends Transform<Tensor, Tensor> {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly inplace: boolean;

  constructor(mean: readonly number[], std: readonly number[], inplace: boolean | { inplace?: boolean } = false) {
    super();
    this.mean = mean;
    this.std = std;
    this.inplace = typeof inplace === "boolean" ? inplace : (inplace.inplace ?? false);
  }

  forward(tensor: Tensor): Tensor {
    return normalize(tensor, this.mean, this.std, this.inplace);
  }

  override get isPixelwise(): boolean {
    return true;
  }

  protected override extraRepr(): string {
    return `mean=${listText(this.mean)}, std=${listText(this.std)}`;
  }
}
