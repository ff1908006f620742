import { emptyPlanes, type Planes, planeCount, roundHalfEven } from "./planes.ts";

/** Where each output pixel is read: pairs x, y from -1 to 1 over the input, its outer edges. */
export interface SampleGrid {
  coordinates: Float32Array | Float64Array;
  height: number;
  width: number;
}

/**
 * Reads planes at the places of a grid. What lies outside is `fill` (one value, or one a channel), or 0.
 * @see torch.nn.functional.grid_sample
 */
export function samplePlanes(planes: Planes, grid: SampleGrid, mode: "nearest" | "bilinear", fill: readonly number[] | null): Planes {
  const { height, width, data } = planes;
  const out = emptyPlanes(planes, grid.height, grid.width);
  const round = planes.dtype === "float64" ? (value: number) => value : Math.fround;
  const channels = planes.leading.at(-1) ?? 1;
  const size = grid.height * grid.width;
  for (let i = 0; i < size; i++) {
    const x = round(round(round(round(grid.coordinates[2 * i]! + 1) * width) - 1) / 2);
    const y = round(round(round(round(grid.coordinates[2 * i + 1]! + 1) * height) - 1) / 2);
    if (mode === "nearest") {
      const column = roundHalfEven(x);
      const row = roundHalfEven(y);
      const inside = column >= 0 && column < width && row >= 0 && row < height;
      for (let p = 0; p < planeCount(planes); p++) {
        out.data[p * size + i] = inside
          ? data[(p * height + row) * width + column]!
          : fill === null
            ? 0
            : fill[fill.length === 1 ? 0 : p % channels]!;
      }
      continue;
    }
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const [fx, fy] = [x - x0, y - y0];
    const corners = [
      [y0, x0, (1 - fx) * (1 - fy)],
      [y0, x0 + 1, fx * (1 - fy)],
      [y0 + 1, x0, (1 - fx) * fy],
      [y0 + 1, x0 + 1, fx * fy],
    ].filter(([row, column]) => row! >= 0 && row! < height && column! >= 0 && column! < width) as [number, number, number][];
    const mask = round(corners.reduce((sum, [, , weight]) => sum + weight, 0));
    for (let p = 0; p < planeCount(planes); p++) {
      let value = 0;
      for (const [row, column, weight] of corners) value += weight * data[(p * height + row) * width + column]!;
      out.data[p * size + i] = fill === null ? value : round(value) * mask + (1 - mask) * fill[fill.length === 1 ? 0 : p % channels]!;
    }
  }
  return out;
}
