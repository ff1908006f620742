import { fileURLToPath } from "node:url";
import type { Tensor } from "@bluedot/core";
import { type ImageLayer, renderPng, renderSvg, type Scene, type Series } from "./figure-renderer.ts";
import { parseFormat, type SeriesStyle, STYLE_OPTIONS } from "./line-format.ts";
import { type Numbers, toNumbers, toPixels } from "./plot-data.ts";

/** The ten colours that series take in turn. */
const COLORS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"];

/** Options of {@link figure}. */
export interface FigureOptions {
  /** Width and height in inches of 100 pixels; `[6.4, 4.8]` by default. */
  figsize?: readonly [number, number];
  /** Pixels an inch of PNG files, 150 by default. */
  dpi?: number;
}

/** Where a legend stands. */
export type LegendPlace = "upper right" | "upper left" | "lower right" | "lower left" | "right";

/** A drawing with two axes: lines, points, bars, images. Methods return the figure, so that calls can be chained. @see matplotlib.figure.Figure */
export class Figure {
  private readonly scene: Scene;

  constructor(options: FigureOptions = {}) {
    checkOptions("figure", options, ["figsize", "dpi"]);
    const [width, height] = options.figsize ?? [6.4, 4.8];
    if (!(width > 0 && height > 0)) throw new RangeError(`figure size must be positive finite not (${width}, ${height})`);
    const dpi = options.dpi ?? 150;
    if (!(dpi > 0)) throw new RangeError(`figure: dpi must be positive, got ${dpi}`);
    this.scene = {
      width: Math.round(100 * width),
      height: Math.round(100 * height),
      dpi,
      series: [],
      image: null,
      title: "",
      xlabel: "",
      ylabel: "",
      xlim: null,
      ylim: null,
      xscale: "linear",
      yscale: "linear",
      grid: false,
      legend: null,
      axes: true,
    };
  }

  /**
   * A line through the points, or markers with the format `"o"`. With one array, it is drawn over 0, 1, 2 ...
   *
   * @example
   * fig.plot(x, y, "r--", { label: "fit" })
   *
   * @throws {RangeError} `x and y must have same first dimension` @see matplotlib.pyplot.plot
   */
  plot(x: Numbers, y?: Numbers | string | SeriesStyle, format?: string | SeriesStyle, style?: SeriesStyle): this {
    const [ys, fmt, options] = typeof y === "string" || isStyle(y) || y === undefined ? [x, y, format] : [y, format, style];
    const given: SeriesStyle = { ...(typeof fmt === "string" ? parseFormat(fmt) : fmt), ...(typeof options === "object" ? options : {}) };
    const yValues = toNumbers(ys, "y");
    this.add("line", ys === x ? yValues.map((_, i) => i) : toNumbers(x, "x"), yValues, given);
    return this;
  }

  /** Points. @see matplotlib.pyplot.scatter */
  scatter(x: Numbers, y: Numbers, style: SeriesStyle = {}): this {
    this.add("line", toNumbers(x, "x"), toNumbers(y, "y"), { marker: "o", linestyle: "", ...style });
    return this;
  }

  /** Bars from 0, at numbers or at names. @see matplotlib.pyplot.bar */
  bar(x: Numbers | readonly string[], height: Numbers, style: SeriesStyle = {}): this {
    const names = Array.isArray(x) && x.some((name) => typeof name === "string") ? x.map(String) : null;
    const heights = toNumbers(height, "height");
    this.add("bar", names === null ? toNumbers(x as Numbers, "x") : names.map((_, i) => i), heights, style, names);
    return this;
  }

  /** An image `[H, W]`, `[H, W, 3]` or `[H, W, 4]`: uint8, or floats from 0 to 1; one channel is stretched to black and white. @throws {TypeError} @see matplotlib.pyplot.imshow */
  imshow(image: Tensor): this {
    this.scene.image = { pixels: toPixels(image) } satisfies ImageLayer;
    return this;
  }

  title(text: string): this {
    this.scene.title = text;
    return this;
  }
  xlabel(text: string): this {
    this.scene.xlabel = text;
    return this;
  }
  ylabel(text: string): this {
    this.scene.ylabel = text;
    return this;
  }
  xlim(low: number, high: number): this {
    this.scene.xlim = [low, high];
    return this;
  }
  ylim(low: number, high: number): this {
    this.scene.ylim = [low, high];
    return this;
  }
  xscale(scale: "linear" | "log"): this {
    this.scene.xscale = scale;
    return this;
  }
  yscale(scale: "linear" | "log"): this {
    this.scene.yscale = scale;
    return this;
  }
  /** Lines across the plot at the ticks. */
  grid(visible = true): this {
    this.scene.grid = visible;
    return this;
  }
  /** Names the series that have a label. */
  legend(place: LegendPlace = "upper right"): this {
    this.scene.legend = place;
    return this;
  }
  /** `"off"` hides the axes, as one wants it around an image. */
  axis(mode: "on" | "off"): this {
    this.scene.axes = mode === "on";
    return this;
  }

  /** The figure as SVG text. */
  toSvg(): Promise<string> {
    return renderSvg(this.scene);
  }

  /** The figure as the bytes of a PNG file. */
  toPng(options: { dpi?: number } = {}): Promise<Uint8Array> {
    return renderPng(this.scene, options.dpi ?? this.scene.dpi);
  }

  /** Writes the figure as `.svg` or `.png`, whole or not at all. @throws {TypeError} for another extension @see matplotlib.pyplot.savefig */
  async savefig(path: string | URL, options: { dpi?: number } = {}): Promise<void> {
    checkOptions("savefig", options, ["dpi"]);
    const target = path instanceof URL ? fileURLToPath(path) : path;
    const extension = target.slice(target.lastIndexOf(".") + 1).toLowerCase();
    if (extension !== "svg" && extension !== "png")
      throw new TypeError(`Format '${extension}' is not supported (supported formats: png, svg)`);
    const { default: writeFileAtomic } = await import("write-file-atomic");
    await writeFileAtomic(target, extension === "svg" ? await this.toSvg() : Buffer.from(await this.toPng(options)));
  }

  private add(kind: Series["kind"], x: number[], y: number[], style: SeriesStyle, names: string[] | null = null): void {
    checkOptions("plot", style, STYLE_OPTIONS);
    if (x.length !== y.length)
      throw new RangeError(`x and y must have same first dimension, but have shapes (${x.length},) and (${y.length},)`);
    this.scene.series.push({ kind, x, y, names, style: { color: COLORS[this.scene.series.length % COLORS.length]!, ...style } });
  }
}

function isStyle(value: unknown): value is SeriesStyle {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function checkOptions(name: string, options: object, known: readonly string[]): void {
  for (const option of Object.keys(options))
    if (!known.includes(option)) throw new TypeError(`${name}: unknown option ${option}, expected one of ${known.join(", ")}`);
}

/** An empty figure. @see matplotlib.pyplot.figure */
export function figure(options: FigureOptions = {}): Figure {
  return new Figure(options);
}
