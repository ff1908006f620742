import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromTypedArray, tensor } from "@bluedot/core";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { figure } from "./index.ts";
import { parseFormat } from "./line-format.ts";
import { enlarge, toPixels } from "./plot-data.ts";

const folder = mkdtempSync(join(tmpdir(), "bluedot-plot-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("figure", () => {
  it("draws tensors as labelled lines and points, as SVG", async () => {
    const x = tensor([1, 2, 3]);
    const svg = await figure()
      .xlabel("Unknown")
      .ylabel("Celsius")
      .title("Thermometer")
      .plot(x, x.mul(2), { label: "model" })
      .plot(x, [2, 4, 5], "o")
      .legend()
      .toSvg();
    for (const text of ["Unknown", "Celsius", "Thermometer", "model"]) expect(svg).toContain(`>${text}</text>`);
    expect(svg).toContain('stroke="#1f77b4"');
    expect(svg).toContain('fill="#ff7f0e"');
  });

  it("writes PNG files of figsize times dpi, and nothing else", async () => {
    await figure({ figsize: [3, 2], dpi: 200 })
      .plot([1, 4, 9])
      .savefig(join(folder, "a.png"));
    const { width, height, format } = await sharp(join(folder, "a.png")).metadata();
    expect([width, height, format]).toEqual([600, 400, "png"]);
    expect(readdirSync(folder)).toEqual(["a.png"]);
  });

  it("shows the pixels of an image", async () => {
    const red = fromTypedArray(Uint8Array.of(255, 0, 0, 0, 0, 255), [1, 2, 3]);
    const png = await figure({ figsize: [3, 2] })
      .imshow(red)
      .axis("off")
      .toPng({ dpi: 100 });
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    const at = (x: number) => [
      ...data.subarray(
        (Math.floor(info.height / 2) * info.width + x) * info.channels,
        (Math.floor(info.height / 2) * info.width + x) * info.channels + 3,
      ),
    ];
    expect(at(Math.round(info.width * 0.3))).toEqual([255, 0, 0]);
    expect(at(Math.round(info.width * 0.7))).toEqual([0, 0, 255]);
  });

  it("says what is wrong before a file appears", async () => {
    expect(() => figure().plot([1, 2], [1])).toThrow("x and y must have same first dimension, but have shapes (2,) and (1,)");
    expect(() => figure().plot([1], [1], "q")).toThrow("'q' is not a valid format string (unrecognized character 'q')");
    expect(() => figure().plot([1], [1], { colour: "red" } as object)).toThrow("unknown option colour");
    expect(() => figure().imshow(tensor([1, 2]))).toThrow("Invalid shape (2) for image data");
    await expect(figure().savefig(join(folder, "b.pdf"))).rejects.toThrow("Format 'pdf' is not supported (supported formats: png, svg)");
    expect(readdirSync(folder)).not.toContain("b.pdf");
  });

  it("writes SVG text", async () => {
    await figure().bar(["cat", "dog"], [40, 60]).savefig(join(folder, "c.svg"));
    expect(readFileSync(join(folder, "c.svg"), "utf8")).toMatch(/^<svg[\s\S]*cat[\s\S]*dog/);
  });
});

describe("formats and pixels", () => {
  it("reads matplotlib's short form", () => {
    expect(parseFormat("o")).toEqual({ marker: "o", linestyle: "" });
    expect(parseFormat("r--")).toEqual({ color: "#ff0000", linestyle: "--" });
    expect(parseFormat("k.-")).toEqual({ color: "#000000", marker: ".", linestyle: "-" });
  });

  it("takes floats from 0 to 1, and stretches a single channel", () => {
    expect([...toPixels(tensor([[[0, 0.5, 2]]])).data]).toEqual([0, 128, 255]);
    expect([...toPixels(tensor([[-1, 0, 1]])).data]).toEqual([0, 128, 255]);
  });

  it("enlarges by repeating pixels", () => {
    const big = enlarge({ width: 2, height: 1, channels: 1, data: Uint8Array.of(1, 2) }, 2);
    expect([...big.data]).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
  });
});
