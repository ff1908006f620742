import * as torch from "bluedot";
import { type Tensor, utils } from "bluedot";

/** Whether a point at (x, y), measured from the centre in radii, belongs to a shape. */
type Inside = (x: number, y: number) => boolean;

const SHAPES: Readonly<Record<string, Inside>> = {
  disc: (x, y) => x * x + y * y < 1,
  ring: (x, y) => x * x + y * y < 1 && x * x + y * y > 0.4,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.85,
  frame: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.9 && Math.max(Math.abs(x), Math.abs(y)) > 0.5,
  diamond: (x, y) => Math.abs(x) + Math.abs(y) < 1,
  triangle: (x, y) => y < 0.8 && y > 2 * Math.abs(x) - 0.9,
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.25 && Math.max(Math.abs(x), Math.abs(y)) < 1,
  saltire: (x, y) => Math.min(Math.abs(x - y), Math.abs(x + y)) < 0.35 && Math.max(Math.abs(x), Math.abs(y)) < 0.9,
  bars: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.95 && Math.floor((y + 1) * 2.5) % 2 === 0,
  stripes: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.95 && Math.floor((x + 1) * 2.5) % 2 === 0,
};

const SIZE = 32;

/** Pictures `[32, 32, 3]` of ten classes of shapes, in random places, sizes and colours over noise: the same ones for the same seed. */
export class Shapes extends utils.data.Dataset<[Tensor, number]> {
  static readonly classes = Object.keys(SHAPES);
  readonly length: number;
  private readonly pixels: Uint8Array;
  private readonly transform: (image: Tensor) => Tensor;

  constructor(length: number, seed: number, transform: (image: Tensor) => Tensor) {
    super();
    this.length = length;
    this.transform = transform;
    const generator = new torch.Generator().manualSeed(seed);
    const chance = torch.rand(length, 9, { generator }).tolist() as number[][];
    this.pixels = torch.rand(length, SIZE, SIZE, 3, { generator }).mul(60).to(torch.uint8).typedArray() as Uint8Array;
    chance.forEach((numbers, i) => {
      this.draw(i, numbers);
    });
  }

  private draw(index: number, [cx, cy, size, ...colours]: readonly number[]): void {
    const inside = SHAPES[Shapes.classes[index % Shapes.classes.length]!]!;
    const radius = 8 + 5 * size!;
    const [x0, y0] = [cx!, cy!].map((c) => radius + c * (SIZE - 2 * radius)) as [number, number];
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        const on = inside((x - x0) / radius, (y - y0) / radius);
        const at = ((index * SIZE + y) * SIZE + x) * 3;
        for (let c = 0; c < 3; c++) this.pixels[at + c]! += on ? 90 + 105 * colours[c]! : 80 * colours[3 + c]!;
      }
    }
  }

  getItem(index: number): [Tensor, number] {
    const bytes = this.pixels.subarray(index * SIZE * SIZE * 3, (index + 1) * SIZE * SIZE * 3);
    return [this.transform(torch.fromTypedArray(bytes, [SIZE, SIZE, 3])), index % Shapes.classes.length];
  }
}
