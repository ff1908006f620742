import { execFileSync, spawnSync } from "node:child_process";
import { fromTypedArray, manualSeed, tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { Image, transforms, utils } from "../index.ts";

const { functional: F } = transforms;
const python = ["/usr/bin/python3", "python3"].find((command) => spawnSync(command, ["-c", "import torchvision"]).status === 0);

const picture = (height: number, width: number, channels = 3) =>
  new Image(
    fromTypedArray(
      Uint8Array.from({ length: height * width * channels }, (_, i) => (i * 37 + (i >> 3) * 11) % 256),
      [height, width, channels],
    ),
  );

describe("transforms", () => {
  it("are functions, and print as PyTorch's", () => {
    const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])]);
    expect(String(transform)).toBe("Compose(\n    ToTensor()\n    Normalize(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))\n)");
    const image = transform(picture(2, 2));
    expect([image.dtype, image.shape]).toEqual(["float32", [3, 2, 2]]);
    expect(image.at(0, 0, 1).item()).toBeCloseTo((111 / 255 - 0.5) / 0.5, 6);
    expect(new transforms.Lambda((x: number) => x + 1)(1)).toBe(2);
    expect(() => new transforms.Compose([5 as never])).toThrow("transforms[0] is number");
  });

  it("take pictures and tensors alike", () => {
    const image = picture(6, 5);
    const planes = F.pilToTensor(image);
    for (const apply of [F.hflip, F.vflip, F.invert, F.autocontrast, F.equalize] as ((x: never) => unknown)[]) {
      expect(F.pilToTensor(apply(image as never) as Image).tolist()).toEqual((apply(planes as never) as typeof planes).tolist());
    }
    expect(F.crop(image, 1, 2, 3, 2).size).toEqual([2, 3]);
    expect(F.rotate(image, 90, { expand: true }).size).toEqual([6, 5]);
    manualSeed(3);
    const a = new transforms.RandomCrop(4, { padding: 1 })(image) as Image;
    manualSeed(3);
    expect(F.pilToTensor(a).tolist()).toEqual((new transforms.RandomCrop(4, { padding: 1 })(planes) as typeof planes).tolist());
    expect((new transforms.Resize(3)(image) as Image).size).toEqual([3, 3]);
  });

  it("say what they refuse", () => {
    expect(() => F.toTensor(tensor([1]))).toThrow("pic should be 2/3 dimensional. Got 1 dimensions.");
    expect(() => F.toTensor("x" as never)).toThrow("pic should be PIL Image or ndarray");
    expect(() => F.pad(picture(2, 2), [1, 2, 3])).toThrow("Padding must be an int or a 1, 2, or 4 element tuple, not a 3 element tuple");
    expect(() => F.pad(picture(2, 2), 2, { paddingMode: "reflect" })).toThrow(
      "Padding size should be less than the corresponding input dimension",
    );
    expect(() => new transforms.RandomCrop(9)(picture(4, 4))).toThrow("Required crop size (9, 9) is larger than input image size (4, 4)");
    expect(() => F.adjustBrightness(picture(2, 2), -1)).toThrow("brightness_factor (-1) is not non-negative.");
    expect(() => F.gaussianBlur(picture(9, 9), 4)).toThrow("kernel_size should have odd and positive integers. Got 4");
  });

  it.skipIf(python === undefined)("resize and augment as torchvision does, pictures within a level of PIL", () => {
    const image = picture(40, 30);
    const bytes = JSON.stringify([...(image.pixels.contiguous().typedArray() as Uint8Array)]);
    const out = JSON.parse(
      execFileSync(
        python!,
        [
          "-c",
          `
import json, sys, numpy as np, torch
from PIL import Image
from torchvision import transforms as T
from torchvision.transforms import functional as F, InterpolationMode as M
data = np.array(json.loads(sys.stdin.read()), dtype=np.uint8).reshape(40, 30, 3)
img = Image.fromarray(data)
t = torch.from_numpy(data).permute(2, 0, 1)
r = {}
for name, mode in [("nearest", M.NEAREST), ("bilinear", M.BILINEAR), ("bicubic", M.BICUBIC)]:
    for size in [(20, 17), (61, 50)]: r[f"{name} {size[0]} {size[1]}"] = np.array(F.resize(img, size, mode)).tolist()
torch.manual_seed(5)
r["jitter"] = T.ColorJitter(0.4, 0.3, 0.2, 0.1)(t).permute(1, 2, 0).tolist()
r["resized"] = T.RandomResizedCrop(8)(t).permute(1, 2, 0).tolist()
r["rotation"] = T.RandomRotation(30)(t).permute(1, 2, 0).tolist()
r["affine"] = T.RandomAffine(20, (0.1, 0.2), (0.8, 1.2), 5)(t).permute(1, 2, 0).tolist()
r["perspective"] = T.RandomPerspective(0.5, p=1)(t).permute(1, 2, 0).tolist()
r["blur"] = T.GaussianBlur(5)(t).permute(1, 2, 0).tolist()
r["equalize"] = F.equalize(t).permute(1, 2, 0).tolist()
r["posterize"] = F.posterize(t, 3).permute(1, 2, 0).tolist()
print(json.dumps(r))`,
        ],
        { input: bytes, encoding: "utf8", maxBuffer: 1 << 26 },
      ),
    ) as Record<string, number[][][]>;
    const differences = (found: Image, expected: number[][][]) => {
      const wanted = expected.flat(2);
      const gaps = (found.pixels.tolist() as number[][][]).flat(2).map((value, i) => Math.abs(value - wanted[i]!));
      return { worst: Math.max(...gaps), share: gaps.filter((gap) => gap > 0).length / gaps.length };
    };
    for (const [name, expected] of Object.entries(out).slice(0, 6)) {
      const [mode, height, width] = name.split(" ") as ["nearest", string, string];
      expect(differences(F.resize(image, [Number(height), Number(width)], mode), expected).worst, name).toBeLessThanOrEqual(
        mode === "nearest" ? 0 : 1,
      );
    }
    manualSeed(5);
    const planes = F.pilToTensor(image);
    const random = {
      jitter: new transforms.ColorJitter({ brightness: 0.4, contrast: 0.3, saturation: 0.2, hue: 0.1 }),
      resized: new transforms.RandomResizedCrop(8),
      rotation: new transforms.RandomRotation(30),
      affine: new transforms.RandomAffine(20, { translate: [0.1, 0.2], scale: [0.8, 1.2], shear: 5 }),
      perspective: new transforms.RandomPerspective({ distortionScale: 0.5, p: 1 }),
      blur: new transforms.GaussianBlur(5),
    };
    for (const [name, transform] of Object.entries(random)) {
      const result = differences(new Image((transform(planes) as typeof planes).permute(1, 2, 0)), out[name]!);
      expect(result.share, name).toBeLessThan(0.02); // a few pixels lie halfway between two, or two levels
    }
    expect(differences(F.equalize(image), out["equalize"]!).worst).toBe(0);
    expect(differences(F.posterize(image, 3), out["posterize"]!).worst).toBe(0);
  });
});

describe("utils", () => {
  it("lays images out in a grid", () => {
    const grid = utils.makeGrid(tensor([[[[1]]], [[[2]]], [[[3]]]]), { nrow: 2, padding: 1, padValue: 9 });
    expect(grid.shape).toEqual([3, 5, 5]);
    expect(grid.at(0).tolist()).toEqual([
      [9, 9, 9, 9, 9],
      [9, 1, 9, 2, 9],
      [9, 9, 9, 9, 9],
      [9, 3, 9, 9, 9],
      [9, 9, 9, 9, 9],
    ]);
    expect(() => utils.makeGrid(tensor([1]), { rows: 2 } as object)).toThrow("unexpected keyword argument 'rows'");
  });
});
