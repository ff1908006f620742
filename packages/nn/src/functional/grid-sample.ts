import * as torch from "@bluedot/core";
import { ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import { inPrecisionOf } from "./precision.ts";

export type GridSampleMode = "bilinear" | "nearest" | "bicubic";
export type GridPaddingMode = "zeros" | "border" | "reflection";

export interface GridSampleOptions {
  /** Default "bilinear" (trilinear in three dimensions). */
  mode?: GridSampleMode;
  /** What lies outside the image. Default "zeros". */
  paddingMode?: GridPaddingMode;
  /** Let -1 and 1 mean the centres of the corner pixels rather than the corners. Default false. */
  alignCorners?: boolean | null;
}
const bind = signature("gridSample", { grid: required, mode: "bilinear", paddingMode: "zeros", alignCorners: null });

/** Coordinates in [-1, 1] as places of pixels. */
const unnormalize = (x: Tensor, size: number, align: boolean): Tensor =>
  align
    ? x
        .add(1)
        .div(2)
        .mul(size - 1)
    : x.add(1).mul(size).sub(1).div(2);

/** Places folded back at the bounds `low / 2` and `high / 2`. */
function reflect(x: Tensor, low: number, high: number): Tensor {
  if (low === high) return x.mul(0);
  const least = low / 2;
  const span = (high - low) / 2;
  const away = x.sub(least).abs();
  const turns = away.detach().div(span).floor();
  const rest = away.sub(turns.mul(span));
  const even = turns.remainder(2).eq(0);
  return torch.where(even, rest.add(least), rest.neg().add(span + least));
}

/** Places moved into the image as the padding asks. */
function inside(x: Tensor, size: number, padding: GridPaddingMode, align: boolean): Tensor {
  if (padding === "border") return x.clamp(0, size - 1);
  if (padding === "reflection") return reflect(x, align ? 0 : -1, align ? 2 * (size - 1) : 2 * size - 1).clamp(0, size - 1);
  return x;
}

/** The image's values at whole places, 0 outside: `places` has one tensor `[N, ...out]` a dimension. */
function valuesAt(image: Tensor, sizes: readonly number[], places: readonly Tensor[]): Tensor {
  const [N, C] = image.shape as [number, number];
  const out = places[0]!.shape.slice(1);
  let flat: Tensor | null = null;
  let valid: Tensor | null = null;
  places.forEach((place, d) => {
    const size = sizes[d]!;
    const within = place.ge(0).logicalAnd(place.le(size - 1));
    valid = valid === null ? within : (valid as Tensor).logicalAnd(within);
    const clamped = place.clamp(0, size - 1);
    flat = flat === null ? clamped : (flat as Tensor).mul(size).add(clamped);
  });
  const index = (flat as unknown as Tensor).nanToNum().long().reshape([N, 1, -1]).expand([N, C, -1]);
  const values = image
    .reshape([N, C, -1])
    .gather(2, index)
    .reshape([N, C, ...out]);
  return values.mul((valid as unknown as Tensor).to(image.dtype).unsqueeze(1));
}

/** Weights of the four neighbours for cubic convolution with a = -0.75, at distance `t` behind the second. */
function cubicWeights(t: Tensor): Tensor[] {
  const a = -0.75;
  const inner = (x: Tensor): Tensor =>
    x
      .mul(a + 2)
      .sub(a + 3)
      .mul(x)
      .mul(x)
      .add(1);
  const outer = (x: Tensor): Tensor =>
    x
      .mul(a)
      .sub(5 * a)
      .mul(x)
      .add(8 * a)
      .mul(x)
      .sub(4 * a);
  const back = t.neg().add(1);
  return [outer(t.add(1)), inner(t), inner(back), outer(back.add(1))];
}

const sum = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => a.add(b));

/**
 * Values of an image at given places: `input [N, C, H, W]`, `grid [N, Ho, Wo, 2]` with (x, y) in [-1, 1] -> `[N, C, Ho, Wo]`; also in three
 * dimensions. @throws {ShapeError} @throws {TensorError} for an unknown mode @see torch.nn.functional.grid_sample
 */
export function gridSample(
  input: Tensor,
  grid: Tensor | (GridSampleOptions & { grid: Tensor }),
  ...rest: Rest<[mode: GridSampleMode, paddingMode: GridPaddingMode, alignCorners: boolean | null], GridSampleOptions>
): Tensor {
  const { grid: given, mode, paddingMode, alignCorners } = bind([grid, ...rest]);
  if (!["bilinear", "nearest", "bicubic"].includes(mode)) {
    throw new TensorError(`nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '${mode}'`);
  }
  if (!["zeros", "border", "reflection"].includes(paddingMode)) {
    throw new TensorError(
      `nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '${paddingMode}'`,
    );
  }
  const [image, places] = inPrecisionOf("gridSample", input, given as Tensor);
  checkGrid(image, places, mode);
  const align = alignCorners === true;
  const sizes = image.shape.slice(2);
  const n = sizes.length;
  // The last coordinate of the grid belongs to the first spatial dimension.
  const raw = sizes.map((size, d) => unnormalize(places.select(-1, n - 1 - d), size, align));
  const fit = (x: Tensor, d: number): Tensor => inside(x, sizes[d]!, paddingMode, align);
  if (mode === "nearest") {
    const values = valuesAt(
      image,
      sizes,
      raw.map((x, d) => fit(x, d).round()),
    );
    // The places have derivative zero, rather than none.
    return places.requiresGrad ? values.add(places.sum(-1).mul(0).unsqueeze(1)) : values;
  }
  if (mode === "bicubic") {
    const floors = raw.map((x) => x.detach().floor());
    const weights = raw.map((x, d) => cubicWeights(x.sub(floors[d]!)));
    const terms: Tensor[] = [];
    for (let i = 0; i < 4; i++) {
      for (let j = 0; j < 4; j++) {
        const at = [floors[0]!.add(i - 1), floors[1]!.add(j - 1)].map((x, d) => fit(x, d));
        terms.push(valuesAt(image, sizes, at).mul(weights[0]![i]!.mul(weights[1]![j]!).unsqueeze(1)));
      }
    }
    return sum(terms);
  }
  const at = raw.map(fit);
  const floors = at.map((x) => x.detach().floor());
  const terms: Tensor[] = [];
  for (let corner = 0; corner < 2 ** n; corner++) {
    const upper = (d: number): boolean => ((corner >> d) & 1) === 1;
    const weight = at.map((x, d) => (upper(d) ? x.sub(floors[d]!) : floors[d]!.add(1).sub(x))).reduce((a, b) => a.mul(b));
    const corners = floors.map((x, d) => (upper(d) ? x.add(1) : x));
    terms.push(valuesAt(image, sizes, corners).mul(weight.unsqueeze(1)));
  }
  return sum(terms);
}

function checkGrid(input: Tensor, grid: Tensor, mode: string): void {
  const list = (t: Tensor): string => `[${t.shape.join(", ")}]`;
  if (input.shape[0] !== grid.shape[0]) {
    throw new ShapeError(
      `grid_sampler(): expected grid and input to have same batch size, but got input with sizes ${list(input)} and grid with sizes ${list(grid)}`,
    );
  }
  if (grid.shape.at(-1) !== input.ndim - 2) {
    throw new ShapeError(
      `grid_sampler(): expected grid to have size ${input.ndim - 2} in last dimension, but got grid with sizes ${list(grid)}`,
    );
  }
  if ((input.ndim !== 4 && input.ndim !== 5) || input.ndim !== grid.ndim) {
    throw new ShapeError(
      `grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but got input with sizes ${list(input)} and grid with sizes ${list(grid)}`,
    );
  }
  if (input.ndim === 5 && mode === "bicubic") throw new TensorError("grid_sampler(): bicubic interpolation only supports 4D input");
  input.shape.slice(2).forEach((size, d) => {
    if (size <= 0) {
      throw new ShapeError(
        `grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes ${list(input)} with dimension ${d + 2} being empty`,
      );
    }
  });
}

const bindAffine = signature("affineGrid", { size: required, alignCorners: null });
/** The grid of an affine map: `theta [N, 2, 3]` and size `[N, C, H, W]` -> `[N, H, W, 2]`; also `[N, 3, 4]` in three dimensions. @throws {ShapeError} @see torch.nn.functional.affine_grid */
export function affineGrid(
  theta: Tensor,
  size: readonly number[] | { size: readonly number[]; alignCorners?: boolean | null },
  ...rest: Rest<[alignCorners: boolean | null], { alignCorners?: boolean | null }>
): Tensor {
  const { size: shape, alignCorners } = bindAffine([size, ...rest]) as { size: readonly number[]; alignCorners: boolean | null };
  if (!theta.isFloatingPoint()) throw new TensorError(`Expected theta to have floating point type, but got torch.${theta.dtype}`);
  const n = shape.length - 2;
  if (n !== 2 && n !== 3) {
    throw new TensorError(
      `affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size torch.Size([${shape.join(", ")}]).`,
    );
  }
  if (theta.ndim !== 3 || theta.shape[1] !== n || theta.shape[2] !== n + 1) {
    throw new ShapeError(
      `Expected a batch of ${n}D affine matrices of shape Nx${n}x${n + 1} for size torch.Size([${shape.join(", ")}]). Got torch.Size([${theta.shape.join(", ")}]).`,
    );
  }
  if (shape.some((s) => s <= 0)) throw new ShapeError(`Expected non-zero, positive output size. Got torch.Size([${shape.join(", ")}])`);
  const spatial = shape.slice(2);
  // Homogeneous coordinates of every place: (x, y, 1) or (x, y, z, 1).
  const axes = spatial.map((steps, d) => {
    const reach = alignCorners === true ? 1 : (steps - 1) / steps;
    const line = steps === 1 ? torch.zeros([1], { dtype: theta.dtype }) : torch.linspace(-reach, reach, steps, { dtype: theta.dtype });
    return line.reshape(spatial.map((_, i) => (i === d ? steps : 1))).expand(spatial);
  });
  const base = torch.stack([...axes.reverse(), torch.ones(spatial, { dtype: theta.dtype })], -1).reshape([1, -1, n + 1]);
  const N = theta.shape[0]!;
  const places = base.shape[1]!;
  return torch.bmm(base.expand([N, places, n + 1]), theta.transpose(1, 2)).reshape([N, ...spatial, n]);
}
