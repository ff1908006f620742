import { type Tensor, TensorError } from "@bluedot/core";
import { type Arguments, required, signature } from "../arguments.ts";
import { Image } from "../image.ts";
import { fromPlanes, getDimensions, type ImageLike, onTensor, toPlanes } from "./planes.ts";
import { type SampleGrid, samplePlanes } from "./sample-grid.ts";

/** Fill of what comes from outside of the image: one value, or one a channel. */
export type Fill = number | readonly number[] | null;

/** Interpolation where pixels are read at arbitrary points. */
type PointInterpolation = "nearest" | "bilinear";
/** Points `[x, y]`. */
type Points = readonly (readonly number[])[];

const bindRotate = signature("rotate", { angle: required, interpolation: "nearest", expand: false, center: null, fill: null });
const bindAffine = signature("affine", {
  angle: required,
  translate: required,
  scale: required,
  shear: required,
  interpolation: "nearest",
  fill: null,
  center: null,
});
const bindPerspective = signature("perspective", { startpoints: required, endpoints: required, interpolation: "bilinear", fill: null });

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Rows of the matrix that maps output to input places, both measured from the centre of the image. */
type Matrix = [number, number, number, number, number, number];

/** The inverse of: shear, scale, rotate, translate about a centre, by hand. */
function inverseAffine(
  center: readonly [number, number],
  angle: number,
  translate: readonly [number, number],
  scale: number,
  shear: readonly [number, number],
): Matrix {
  const rotation = radians(angle);
  const [sx, sy] = [radians(shear[0]), radians(shear[1])];
  const [cx, cy] = center;
  const a = Math.cos(rotation - sy) / Math.cos(sy);
  const b = (-Math.cos(rotation - sy) * Math.tan(sx)) / Math.cos(sy) - Math.sin(rotation);
  const c = Math.sin(rotation - sy) / Math.cos(sy);
  const d = (-Math.sin(rotation - sy) * Math.tan(sx)) / Math.cos(sy) + Math.cos(rotation);
  const [m0, m1, m3, m4] = [d / scale, -b / scale, -c / scale, a / scale];
  const [dx, dy] = [-cx - translate[0], -cy - translate[1]];
  return [m0, m1, m0 * dx + m1 * dy + cx, m3, m4, m3 * dx + m4 * dy + cy];
}

function affineGrid(matrix: Matrix, width: number, height: number, outWidth: number, outHeight: number, double: boolean): SampleGrid {
  const round = double ? (value: number) => value : Math.fround;
  const m = matrix.map(round);
  const scaled = m.map((value, i) => round(value / round(0.5 * (i < 3 ? width : height))));
  const coordinates = new (double ? Float64Array : Float32Array)(2 * outWidth * outHeight);
  for (let row = 0, at = 0; row < outHeight; row++) {
    const y = row - 0.5 * outHeight + 0.5;
    for (let column = 0; column < outWidth; column++) {
      const x = column - 0.5 * outWidth + 0.5;
      coordinates[at++] = round(round(round(x * scaled[0]!) + round(y * scaled[1]!)) + scaled[2]!);
      coordinates[at++] = round(round(round(x * scaled[3]!) + round(y * scaled[4]!)) + scaled[5]!);
    }
  }
  return { coordinates, height: outHeight, width: outWidth };
}

/** Width and height that hold the whole turned image. */
function expandedSize([a, b, c, d, e, f]: Matrix, width: number, height: number): [number, number] {
  const extent = (p: number, q: number, r: number, half: number): number => {
    const values = [
      [-1, -1],
      [-1, 1],
      [1, 1],
      [1, -1],
    ].map(([sx, sy]) => Math.fround(0.5 * sx! * width * p + 0.5 * sy! * height * q + r + half));
    // Cut at 1e-4, so that 7.0000001 does not become 8.
    const cut = (value: number) => Math.trunc(Math.fround(value / 1e-4)) * 1e-4;
    return Math.ceil(Math.fround(cut(Math.max(...values)))) - Math.floor(Math.fround(cut(Math.min(...values))));
  };
  return [extent(a, b, c, 0.5 * width), extent(d, e, f, 0.5 * height)];
}

function fillList(fill: Fill, channels: number, picture: boolean): readonly number[] | null {
  const list = fill === null ? (picture ? [0] : null) : typeof fill === "number" ? [fill] : fill;
  if (list !== null && list.length > 1 && list.length !== channels) {
    throw new RangeError(
      `The number of elements in 'fill' cannot broadcast to match the number of channels of the image (${list.length} != ${channels})`,
    );
  }
  return list;
}

function sample<I extends ImageLike>(
  image: I,
  interpolation: string,
  fill: Fill,
  makeGrid: (height: number, width: number, double: boolean) => SampleGrid,
): I {
  if (interpolation !== "nearest" && interpolation !== "bilinear")
    throw new RangeError(`Interpolation mode '${interpolation}' is unsupported with Tensor input`);
  const [channels] = getDimensions(image);
  const fills = fillList(fill, channels, image instanceof Image);
  return onTensor(image, (tensor) => {
    const planes = toPlanes(tensor.ndim === 2 ? tensor.unsqueeze(0) : tensor);
    const result = fromPlanes(
      samplePlanes(planes, makeGrid(planes.height, planes.width, tensor.dtype === "float64"), interpolation, fills),
    );
    return tensor.ndim === 2 ? result.squeeze(0) : result;
  });
}

/** Options of {@link rotate}. */
export interface RotateOptions {
  interpolation?: "nearest" | "bilinear";
  /** Makes the result large enough for the whole turned image. */
  expand?: boolean;
  /** `[x, y]` from the upper left corner; the middle by default. */
  center?: readonly number[] | null;
  fill?: Fill;
}

/** Turns an image counter-clockwise by `angle` degrees. @see torchvision.transforms.functional.rotate */
export function rotate<I extends ImageLike>(
  image: I,
  ...args: Arguments<
    [angle: number],
    [interpolation: PointInterpolation, expand: boolean, center: readonly number[] | null, fill: Fill],
    RotateOptions,
    { angle: number }
  >
): I {
  const { angle, ...options } = bindRotate(args) as Required<RotateOptions> & { angle: number };
  if (typeof angle !== "number") throw new TypeError("Argument angle should be int or float");
  const [, height, width] = getDimensions(image);
  if (image instanceof Image && options.center === null) {
    const turns = (((angle / 90) % 4) + 4) % 4;
    if (turns === 0 || turns === 2 || ((options.expand || width === height) && Number.isInteger(turns)))
      return new Image(quarterTurns(image.pixels, turns)) as ImageLike as I;
  }
  const matrix = inverseAffine(centerOf(options.center, height, width), -angle, [0, 0], 1, [0, 0]);
  const [outWidth, outHeight] = options.expand ? expandedSize(matrix, width, height) : [width, height];
  return sample(image, options.interpolation, options.fill, (h, w, double) => affineGrid(matrix, w, h, outWidth, outHeight, double));
}

/** Pictures are turned by right angles without sampling, as PIL does it. */
function quarterTurns(pixels: Tensor, turns: number): Tensor {
  const turned = turns % 2 === 1 ? pixels.transpose(0, 1) : pixels;
  return turned.flip(turns === 1 ? [0] : turns === 2 ? [0, 1] : turns === 3 ? [1] : []);
}

function centerOf(center: readonly number[] | null | undefined, height: number, width: number): [number, number] {
  if (center === null || center === undefined) return [0, 0];
  if (center.length !== 2) throw new TypeError("Argument center should be a sequence");
  return [center[0]! - 0.5 * width, center[1]! - 0.5 * height];
}

/** Options of {@link affine}. */
export interface AffineOptions {
  interpolation?: "nearest" | "bilinear";
  fill?: Fill;
  /** `[x, y]` from the upper left corner; the middle by default. */
  center?: readonly number[] | null;
}

/**
 * Turns by `angle` degrees clockwise, moves by `translate` pixels, scales and shears (degrees).
 *
 * @throws {RangeError} for a scale that is not positive @see torchvision.transforms.functional.affine
 */
export function affine<I extends ImageLike>(
  image: I,
  ...args: Arguments<
    [angle: number, translate: readonly number[], scale: number, shear: number | readonly number[]],
    [interpolation: PointInterpolation, fill: Fill, center: readonly number[] | null],
    AffineOptions,
    { angle: number; translate: readonly number[]; scale: number; shear: number | readonly number[] }
  >
): I {
  const { angle, translate, scale, shear, ...options } = bindAffine(args) as Required<AffineOptions> & {
    angle: number;
    translate: readonly number[];
    scale: number;
    shear: number | readonly number[];
  };
  if (translate.length !== 2) throw new RangeError("translate should be a sequence of length 2");
  if (!(scale > 0)) throw new RangeError("Argument scale should be positive");
  const shears = typeof shear === "number" ? [shear, 0] : shear.length === 1 ? [shear[0]!, shear[0]!] : shear;
  if (shears.length !== 2) throw new RangeError(`Shear should be a sequence containing two values. Got ${String(shear)}`);
  const [, height, width] = getDimensions(image);
  const matrix = inverseAffine(
    centerOf(options.center, height, width),
    angle,
    translate as [number, number],
    scale,
    shears as [number, number],
  );
  return sample(image, options.interpolation, options.fill, (h, w, double) => affineGrid(matrix, w, h, w, h, double));
}

/** The eight numbers of the projection that takes `endpoints` to `startpoints`: Gauss elimination with pivoting. */
function perspectiveCoefficients(startpoints: readonly (readonly number[])[], endpoints: readonly (readonly number[])[]): number[] {
  const rows: number[][] = [];
  for (const [i, [x, y]] of endpoints.entries()) {
    const [u, v] = startpoints[i] as [number, number];
    rows.push([x!, y!, 1, 0, 0, 0, -u * x!, -u * y!, u], [0, 0, 0, x!, y!, 1, -v * x!, -v * y!, v]);
  }
  for (let column = 0; column < 8; column++) {
    let pivot = column;
    for (let row = column + 1; row < 8; row++) if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const lead = rows[column]![column]!;
    if (lead === 0) throw new TensorError("perspective: three of the points lie on a line");
    for (let row = 0; row < 8; row++) {
      if (row === column) continue;
      const factor = rows[row]![column]! / lead;
      for (let k = column; k < 9; k++) rows[row]![k]! -= factor * rows[column]![k]!;
    }
  }
  return rows.map((row, i) => row[8]! / row[i]!);
}

/** Options of {@link perspective}. */
export interface PerspectiveOptions {
  interpolation?: "nearest" | "bilinear";
  fill?: Fill;
}

/** Moves the four `startpoints` `[x, y]` to `endpoints`, and all else along. @see torchvision.transforms.functional.perspective */
export function perspective<I extends ImageLike>(
  image: I,
  ...args: Arguments<
    [startpoints: Points, endpoints: Points],
    [interpolation: PointInterpolation, fill: Fill],
    PerspectiveOptions,
    { startpoints: Points; endpoints: Points }
  >
): I {
  const { startpoints, endpoints, ...options } = bindPerspective(args) as Required<PerspectiveOptions> & {
    startpoints: Points;
    endpoints: Points;
  };
  if (startpoints.length !== 4 || endpoints.length !== 4)
    throw new RangeError("perspective: four start points and four end points are needed");
  const [a, b, c, d, e, f, g, h] = perspectiveCoefficients(startpoints, endpoints) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return sample(image, options.interpolation, options.fill, (height, width, double) => {
    const coordinates = new (double ? Float64Array : Float32Array)(2 * height * width);
    for (let row = 0, at = 0; row < height; row++) {
      const y = row + 0.5;
      for (let column = 0; column < width; column++) {
        const x = column + 0.5;
        const below = g * x + h * y + 1;
        coordinates[at++] = (a * x + b * y + c) / (0.5 * width) / below - 1;
        coordinates[at++] = (d * x + e * y + f) / (0.5 * height) / below - 1;
      }
    }
    return { coordinates, height, width };
  });
}
