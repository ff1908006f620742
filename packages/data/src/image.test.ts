import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromTypedArray, tensor } from "@bluedot/core";
import { afterAll, describe, expect, it } from "vitest";
import { readImage, writeImage } from "./image.ts";

const folder = mkdtempSync(join(tmpdir(), "bluedot-image-"));
afterAll(() => rmSync(folder, { recursive: true }));
const data = process.env["BLUEDOT_DATA"] ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));
const python = ["/usr/bin/python3", "python3"].find((command) => spawnSync(command, ["-c", "import PIL, numpy"]).status === 0);

const image = (channels: number) =>
  fromTypedArray(
    Uint8Array.from({ length: 6 * channels }, (_, i) => (i * 37) % 256),
    [2, 3, channels],
  );

describe("images", () => {
  it.each(["png", "webp"])("%s keeps every pixel, with 1, 3 and 4 channels", async (extension) => {
    for (const channels of extension === "png" ? [1, 2, 3, 4] : [3, 4]) {
      const path = join(folder, `${channels}.${extension}`);
      const pixels = channels === 4 ? image(4).clone() : image(channels);
      await writeImage(path, pixels);
      const back = await readImage(path);
      expect([back.dtype, back.shape]).toEqual(["uint8", [2, 3, channels]]);
      expect(back.tolist()).toEqual(pixels.tolist());
    }
  });

  it("JPEG is close, and grayscale stays one channel", async () => {
    const flat = fromTypedArray(new Uint8Array(64).fill(100), [8, 8]);
    await writeImage(join(folder, "g.jpg"), flat, { quality: 95 });
    const back = await readImage(join(folder, "g.jpg"));
    expect(back.shape).toEqual([8, 8, 1]);
    for (const value of back.typedArray() as Uint8Array) expect(Math.abs(value - 100)).toBeLessThanOrEqual(1);
    expect((await readImage(join(folder, "g.jpg"), { mode: "rgb" })).shape).toEqual([8, 8, 3]);
    expect((await readImage(readFileSync(join(folder, "g.jpg")), { mode: "rgba" })).shape).toEqual([8, 8, 4]);
  });

  it("refuses what is no image, leaving no file", async () => {
    await expect(writeImage(join(folder, "x.png"), tensor([[0.5]]))).rejects.toThrow(
      "image is float32[1, 1], expected uint8 with values from 0 to 255",
    );
    await expect(writeImage(join(folder, "x.png"), fromTypedArray(new Uint8Array(48), [3, 2, 8]))).rejects.toThrow("permute(1, 2, 0)");
    await expect(writeImage(join(folder, "x.gif"), image(3))).rejects.toThrow("names no known format, expected .png, .jpg or .webp");
    expect(readdirSync(folder).filter((name) => name.startsWith("x."))).toEqual([]);
    writeFileSync(join(folder, "bad.png"), "no image");
    await expect(readImage(join(folder, "bad.png"))).rejects.toThrow(/readImage: .*bad\.png cannot be decoded/);
    await expect(readImage(join(folder, "missing.png"))).rejects.toThrow("ENOENT");
    writeFileSync(join(folder, "cut.png"), readFileSync(join(folder, "3.png")).subarray(0, 60));
    await expect(readImage(join(folder, "cut.png"))).rejects.toThrow("cannot be decoded");
  });

  it.skipIf(python === undefined || !existsSync(data))("decodes JPEG and PNG as PIL does", async () => {
    for (const name of ["bobby.jpg", "image_cats/cat1.png"]) {
      execFileSync(python!, [
        "-c",
        `import numpy, sys; from PIL import Image; numpy.array(Image.open(sys.argv[1])).tofile(sys.argv[2])`,
        join(data, name),
        join(folder, "raw"),
      ]);
      const expected = readFileSync(join(folder, "raw"));
      const found = (await readImage(join(data, name))).typedArray() as Uint8Array;
      expect(found.length).toBe(expected.length);
      let worst = 0;
      for (let i = 0; i < found.length; i++) worst = Math.max(worst, Math.abs(found[i]! - expected[i]!));
      expect(worst).toBeLessThanOrEqual(1);
    }
  });
});
