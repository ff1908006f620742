import { type Tensor, where, zerosLike } from "@bluedot/core";
import { type Arguments, required, signature } from "../arguments.ts";
import { convertImageDtype } from "./conversion.ts";
import {
  assertChannels,
  assertThreeDimensions,
  fromPlanes,
  getDimensions,
  type ImageLike,
  isFloat,
  onTensor,
  type Planes,
  planeCount,
  toPlanes,
} from "./planes.ts";

const bindAdjustBrightness = signature("adjustBrightness", { brightnessFactor: required });
const bindAdjustContrast = signature("adjustContrast", { contrastFactor: required });
const bindAdjustSaturation = signature("adjustSaturation", { saturationFactor: required });
const bindAdjustHue = signature("adjustHue", { hueFactor: required });
const bindSolarize = signature("solarize", { threshold: required });
const bindPosterize = signature("posterize", { bits: required });
const bindInvert = signature("invert", {});
const bindAutocontrast = signature("autocontrast", {});
const bindEqualize = signature("equalize", {});
const bindAdjustGamma = signature("adjustGamma", { gamma: required, gain: 1 });
const bindRgbToGrayscale = signature("rgbToGrayscale", { numOutputChannels: 1 });
const boundOf = (image: Tensor): number => (isFloat(image.dtype) ? 1 : 255);
const asFloat = (image: Tensor): Tensor => (isFloat(image.dtype) ? image : image.to("float32"));

/** `ratio` of one image and the rest of another, within the range of values. */
export function blend(first: Tensor, second: Tensor, ratio: number): Tensor {
  return asFloat(first)
    .mul(ratio)
    .add(asFloat(second).mul(1 - ratio))
    .clamp(0, boundOf(first))
    .to(first.dtype);
}

function checkFactor(name: string, factor: number): void {
  if (!(factor >= 0)) throw new RangeError(`${name} (${factor}) is not non-negative.`);
}

function grayscale(image: Tensor): Tensor {
  const [red, green, blue] = [0, 1, 2].map((c) => asFloat(image.narrow(-3, c, 1))) as [Tensor, Tensor, Tensor];
  return red.mul(0.2989).add(green.mul(0.587)).add(blue.mul(0.114)).to(image.dtype);
}

/** The luminance of an RGB image, in one channel or in three equal ones. @see torchvision.transforms.functional.rgb_to_grayscale */
export function rgbToGrayscale<I extends ImageLike>(
  image: I,
  ...args: Arguments<[], [numOutputChannels: number], { numOutputChannels?: number }, object>
): I {
  const { numOutputChannels: channels } = bindRgbToGrayscale(args) as { numOutputChannels: number };
  return onTensor(image, (tensor) => {
    assertThreeDimensions(tensor);
    assertChannels(tensor);
    if (channels !== 1 && channels !== 3) throw new RangeError("num_output_channels should be either 1 or 3");
    const gray = getDimensions(tensor)[0] === 3 ? grayscale(tensor) : tensor.clone();
    return channels === 3 ? gray.expand([...tensor.shape.slice(0, -3), 3, ...tensor.shape.slice(-2)]) : gray;
  });
}

/** Scales all values: 0 gives black, 1 the image. @see torchvision.transforms.functional.adjust_brightness */
export function adjustBrightness<I extends ImageLike>(
  image: I,
  ...args: Arguments<[brightnessFactor: number], [], object, { brightnessFactor: number }>
): I {
  const { brightnessFactor } = bindAdjustBrightness(args) as { brightnessFactor: number };
  checkFactor("brightness_factor", brightnessFactor);
  return onTensor(image, (tensor) => {
    assertChannels(tensor);
    return blend(tensor, zerosLike(tensor), brightnessFactor);
  });
}

/** Moves values away from their mean: 0 gives gray, 1 the image. @see torchvision.transforms.functional.adjust_contrast */
export function adjustContrast<I extends ImageLike>(
  image: I,
  ...args: Arguments<[contrastFactor: number], [], object, { contrastFactor: number }>
): I {
  const { contrastFactor } = bindAdjustContrast(args) as { contrastFactor: number };
  checkFactor("contrast_factor", contrastFactor);
  return onTensor(image, (tensor) => {
    assertChannels(tensor);
    const gray = getDimensions(tensor)[0] === 3 ? grayscale(tensor) : tensor;
    return blend(tensor, asFloat(gray).mean([-3, -2, -1], { keepdim: true }), contrastFactor);
  });
}

/** Moves colours away from gray: 0 gives gray, 1 the image. @see torchvision.transforms.functional.adjust_saturation */
export function adjustSaturation<I extends ImageLike>(
  image: I,
  ...args: Arguments<[saturationFactor: number], [], object, { saturationFactor: number }>
): I {
  const { saturationFactor } = bindAdjustSaturation(args) as { saturationFactor: number };
  checkFactor("saturation_factor", saturationFactor);
  return onTensor(image, (tensor) => {
    assertChannels(tensor);
    return getDimensions(tensor)[0] === 1 ? tensor : blend(tensor, grayscale(tensor), saturationFactor);
  });
}

/** `gain * image ^ gamma` on the range from 0 to 1. @see torchvision.transforms.functional.adjust_gamma */
export function adjustGamma<I extends ImageLike>(
  image: I,
  ...args: Arguments<[gamma: number], [gain: number], { gain?: number }, { gamma: number }>
): I {
  const { gamma, gain } = bindAdjustGamma(args) as { gamma: number; gain: number };
  if (!(gamma >= 0)) throw new RangeError("Gamma should be a non-negative real number");
  return onTensor(image, (tensor) => {
    assertChannels(tensor);
    const floats = isFloat(tensor.dtype) ? tensor : convertImageDtype(tensor, "float32");
    return convertImageDtype(floats.pow(gamma).mul(gain).clamp(0, 1), tensor.dtype);
  });
}

/** The negative. @see torchvision.transforms.functional.invert */
export function invert<I extends ImageLike>(image: I, ...none: [] | [options: object]): I {
  bindInvert(none);
  return onTensor(image, (tensor) => {
    assertThreeDimensions(tensor);
    assertChannels(tensor);
    return tensor.neg().add(boundOf(tensor));
  });
}

/** Inverts what is at least `threshold`. @see torchvision.transforms.functional.solarize */
export function solarize<I extends ImageLike>(image: I, ...args: Arguments<[threshold: number], [], object, { threshold: number }>): I {
  const { threshold } = bindSolarize(args) as { threshold: number };
  return onTensor(image, (tensor) => {
    assertThreeDimensions(tensor);
    assertChannels(tensor);
    if (threshold > boundOf(tensor)) throw new TypeError("Threshold should be less than bound of img.");
    return where(tensor.ge(threshold), tensor.neg().add(boundOf(tensor)), tensor);
  });
}

/** Keeps the `bits` highest bits of each value. @see torchvision.transforms.functional.posterize */
export function posterize<I extends ImageLike>(image: I, ...args: Arguments<[bits: number], [], object, { bits: number }>): I {
  const { bits } = bindPosterize(args) as { bits: number };
  if (!Number.isInteger(bits) || bits < 0 || bits > 8) throw new RangeError(`The number if bits should be between 0 and 8. Got ${bits}`);
  return onTensor(image, (tensor) => {
    assertThreeDimensions(tensor);
    if (tensor.dtype !== "uint8") throw new TypeError(`Only torch.uint8 image tensors are supported, but found torch.${tensor.dtype}`);
    assertChannels(tensor);
    return mapPlanes(tensor, (values) => {
      const mask = 256 - 2 ** (8 - bits);
      for (let i = 0; i < values.length; i++) values[i] = values[i]! & mask;
    });
  });
}

/** Runs `change` on a copy of each plane. */
function mapPlanes(image: Tensor, change: (values: Float32Array | Float64Array) => void): Tensor {
  const planes = toPlanes(image);
  const copy: Planes = { ...planes, data: planes.data.slice() };
  const size = planes.height * planes.width;
  for (let p = 0; p < planeCount(planes); p++) change(copy.data.subarray(p * size, (p + 1) * size));
  return fromPlanes(copy);
}

/** Stretches each channel to the whole range. @see torchvision.transforms.functional.autocontrast */
export function autocontrast<I extends ImageLike>(image: I, ...none: [] | [options: object]): I {
  bindAutocontrast(none);
  return onTensor(image, (tensor) => {
    assertThreeDimensions(tensor);
    assertChannels(tensor);
    const bound = boundOf(tensor);
    const floats = asFloat(tensor);
    const result = mapPlanes(floats, (values) => {
      const round = values instanceof Float64Array ? (value: number) => value : Math.fround;
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
      const scale = round(bound / round(high - low));
      if (!Number.isFinite(scale)) return;
      for (let i = 0; i < values.length; i++) values[i] = Math.min(bound, Math.max(0, round(round(values[i]! - low) * scale)));
    });
    return result.to(tensor.dtype);
  });
}

/** Spreads the values of each channel evenly over the range. @see torchvision.transforms.functional.equalize */
export function equalize<I extends ImageLike>(image: I, ...none: [] | [options: object]): I {
  bindEqualize(none);
  return onTensor(image, (tensor) => {
    if (tensor.ndim < 3 || tensor.ndim > 4)
      throw new TypeError(`Input image tensor should have 3 or 4 dimensions, but found ${tensor.ndim}`);
    if (tensor.dtype !== "uint8") throw new TypeError(`Only torch.uint8 image tensors are supported, but found torch.${tensor.dtype}`);
    assertChannels(tensor);
    return mapPlanes(tensor, (values) => {
      const counts = new Array<number>(256).fill(0);
      for (const value of values) counts[value]!++;
      const used = counts.filter((count) => count > 0);
      const step = Math.floor(used.slice(0, -1).reduce((a, b) => a + b, 0) / 255);
      if (step === 0) return;
      let before = 0;
      const table = counts.map((count) => {
        const level = Math.floor((before + Math.floor(step / 2)) / step);
        before += count;
        return Math.min(255, Math.max(0, level));
      });
      table[0] = 0;
      for (let i = 0; i < values.length; i++) values[i] = table[values[i]!]!;
    });
  });
}

/** Turns the hue by a share of the circle from -0.5 to 0.5. @throws {RangeError} beyond it @see torchvision.transforms.functional.adjust_hue */
export function adjustHue<I extends ImageLike>(image: I, ...args: Arguments<[hueFactor: number], [], object, { hueFactor: number }>): I {
  const { hueFactor } = bindAdjustHue(args) as { hueFactor: number };
  if (!(hueFactor >= -0.5 && hueFactor <= 0.5)) throw new RangeError(`hue_factor (${hueFactor}) is not in [-0.5, 0.5].`);
  return onTensor(image, (tensor) => {
    assertChannels(tensor);
    if (getDimensions(tensor)[0] === 1) return tensor;
    const floats = tensor.dtype === "uint8" ? tensor.to("float32").div(255) : tensor;
    const planes = toPlanes(floats);
    const copy: Planes = { ...planes, data: planes.data.slice() };
    turnHue(copy, hueFactor);
    // Colours of a pixel lie side by side in memory, as in PyTorch's result.
    const turned = fromPlanes(copy).movedim(-3, -1).contiguous().movedim(-1, -3);
    return tensor.dtype === "uint8" ? turned.mul(255).to("uint8") : turned;
  });
}

/** In the arithmetic of the image's dtype step by step, because uint8 images are cut to integers afterwards. */
function turnHue({ data, height, width, dtype }: Planes, factor: number): void {
  const round = dtype === "float64" ? (value: number) => value : Math.fround;
  const clamp = (value: number): number => Math.min(1, Math.max(0, round(value)));
  const size = height * width;
  const pixels = data.length / 3;
  for (let i = 0; i < pixels; i++) {
    const at = Math.floor(i / size) * 3 * size + (i % size);
    const [r, g, b] = [data[at]!, data[at + size]!, data[at + 2 * size]!];
    const v = Math.max(r, g, b);
    const range = round(v - Math.min(r, g, b));
    const s = range === 0 ? 0 : round(range / v);
    const divisor = range === 0 ? 1 : range;
    const [rc, gc, bc] = [round(round(v - r) / divisor), round(round(v - g) / divisor), round(round(v - b) / divisor)];
    let h = v === r ? round(bc - gc) : v === g ? round(round(2 + rc) - bc) : round(round(4 + gc) - rc);
    h = round(round(round(h / 6) + 1) % 1);
    h = round(round(h + factor) % 1);
    if (h < 0) h = round(h + 1);
    const sector = Math.floor(round(h * 6));
    const f = round(round(h * 6) - sector);
    const p = clamp(v * round(1 - s));
    const q = clamp(v * round(1 - round(s * f)));
    const t = clamp(v * round(1 - round(s * round(1 - f))));
    const colours = [
      [v, t, p],
      [q, v, p],
      [p, v, t],
      [p, q, v],
      [t, p, v],
      [v, p, q],
    ][sector % 6]!;
    for (let c = 0; c < 3; c++) data[at + c * size] = colours[c]!;
  }
}
