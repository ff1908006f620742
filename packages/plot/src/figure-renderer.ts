import { dashOf, type SeriesStyle, shapeOf } from "./line-format.ts";
import { enlarge, type Pixels } from "./plot-data.ts";

/** Values drawn alike. */
export interface Series {
  kind: "line" | "bar";
  x: number[];
  y: number[];
  /** Names under bars instead of numbers. */
  names: string[] | null;
  style: SeriesStyle & { color: string };
}

/** An image that fills the axes. */
export interface ImageLayer {
  pixels: Pixels;
}

/** Everything a figure shows. */
export interface Scene {
  width: number;
  height: number;
  dpi: number;
  series: Series[];
  image: ImageLayer | null;
  title: string;
  xlabel: string;
  ylabel: string;
  xlim: [number, number] | null;
  ylim: [number, number] | null;
  xscale: "linear" | "log";
  yscale: "linear" | "log";
  grid: boolean;
  legend: string | null;
  axes: boolean;
}

const FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif";
const LEGEND_PLACES = new Map([
  ["upper right", "top-right"],
  ["upper left", "top-left"],
  ["lower right", "bottom-right"],
  ["lower left", "bottom-left"],
  ["right", "right"],
]);
/** Shares of the width and height that labels and ticks take from an image. */
const MARGIN = 90;

type Spec = Record<string, unknown>;

/** Draws a scene as SVG, with Vega-Lite: no browser, no DOM. */
export async function renderSvg(scene: Scene): Promise<string> {
  const [vega, lite] = await Promise.all([import("vega"), import("vega-lite")]);
  const spec = scene.image === null ? chart(scene) : await picture(scene, scene.image.pixels);
  const compiled = lite.compile(spec as unknown as Parameters<typeof lite.compile>[0], { logger: vega.logger(vega.Error) });
  const view = new vega.View(vega.parse(compiled.spec), { renderer: "none", logLevel: vega.Error });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** Draws a scene as PNG; `dpi` pixels for every 100 units of the figure. */
export async function renderPng(scene: Scene, dpi: number): Promise<Uint8Array> {
  const [svg, { default: sharp }] = await Promise.all([renderSvg(scene), import("sharp")]);
  return sharp(Buffer.from(svg), { density: (72 * dpi) / 100, unlimited: true })
    .flatten({ background: "#ffffff" })
    .png()
    .toBuffer();
}

function base(scene: Scene): Spec {
  return {
    background: "white",
    width: scene.width,
    height: scene.height,
    autosize: { type: "fit", contains: "padding" },
    padding: 12,
    title: scene.title === "" ? undefined : { text: scene.title, fontSize: 15, fontWeight: "normal", offset: 8 },
    config: {
      font: FONT,
      view: { stroke: scene.axes ? "#333333" : null },
      axis: {
        labelFont: FONT,
        titleFont: FONT,
        labelFontSize: 12,
        titleFontSize: 13,
        titleFontWeight: "normal",
        titlePadding: 8,
        labelColor: "#222222",
        tickColor: "#333333",
        domainColor: "#333333",
        grid: scene.grid,
        gridColor: "#d9d9d9",
      },
      title: { font: FONT },
      legend: { labelFont: FONT, labelFontSize: 12, symbolStrokeWidth: 2 },
    },
  };
}

function axis(title: string): Spec {
  return { title: title === "" ? null : title, tickCount: 7, labelOverlap: true };
}

/** The range to show: a margin of 5 % around the data, as matplotlib leaves it; bars stand on 0. */
function domainOf(scene: Scene, key: "x" | "y"): [number, number] {
  const log = scene[key === "x" ? "xscale" : "yscale"] === "log";
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const series of scene.series) {
    const half = series.kind === "bar" && key === "x" ? 0.5 : 0;
    for (const value of series[key]) {
      if (!Number.isFinite(value) || (log && value <= 0)) continue;
      low = Math.min(low, value - half);
      high = Math.max(high, value + half);
    }
    if (series.kind === "bar" && key === "y") [low, high] = [Math.min(low, 0), Math.max(high, 0)];
  }
  if (low > high) return log ? [1, 10] : [0, 1];
  if (log) return low === high ? [low / 10, high * 10] : [low / (high / low) ** 0.05, high * (high / low) ** 0.05];
  if (low === high) return [low - 0.5, high + 0.5];
  const margin = 0.05 * (high - low);
  const bars = key === "y" && scene.series.some(({ kind }) => kind === "bar");
  return [bars && low === 0 ? 0 : low - margin, bars && high === 0 ? 0 : high + margin];
}

function chart(scene: Scene): Spec {
  const labelled = scene.legend === null ? [] : scene.series.filter(({ style }) => style.label !== undefined);
  const color = (series: Series): Spec => {
    if (!labelled.includes(series)) return { value: series.style.color };
    return {
      datum: series.style.label,
      scale: { domain: labelled.map(({ style }) => style.label), range: labelled.map(({ style }) => style.color) },
      legend: {
        title: null,
        orient: LEGEND_PLACES.get(scene.legend!) ?? "top-right",
        symbolType: labelled.every(({ kind, style }) => kind === "line" && style.linestyle === "") ? "circle" : "stroke",
        symbolSize: 160,
        fillColor: "#ffffff",
        strokeColor: "#cccccc",
        padding: 6,
        offset: 8,
        cornerRadius: 3,
      },
    };
  };
  const encoding = {
    x: {
      field: "x",
      type: "quantitative",
      scale: { type: scene.xscale, domain: scene.xlim ?? domainOf(scene, "x"), nice: false, zero: false },
      axis: scene.axes ? xAxis(scene) : null,
    },
    y: {
      field: "y",
      type: "quantitative",
      scale: { type: scene.yscale, domain: scene.ylim ?? domainOf(scene, "y"), nice: false, zero: false },
      axis: scene.axes ? axis(scene.ylabel) : null,
    },
  };
  const layers: Spec[] = [];
  for (const series of scene.series) {
    const { style } = series;
    const data = { values: series.x.map((x, i) => ({ x, y: Number.isFinite(series.y[i]) ? series.y[i] : null, order: i })) };
    const opacity = style.alpha ?? 1;
    if (series.kind === "bar") {
      const bars = series.x.map((x, i) => ({ from: x - 0.4, to: x + 0.4, y: series.y[i], zero: 0 }));
      layers.push({
        data: { values: bars },
        mark: { type: "rect", opacity, clip: true },
        encoding: { x: { ...encoding.x, field: "from" }, x2: { field: "to" }, y: encoding.y, y2: { field: "zero" }, color: color(series) },
      });
      continue;
    }
    const linestyle = style.linestyle ?? "-";
    if (linestyle !== "") {
      const dash = dashOf(linestyle);
      layers.push({
        data,
        mark: {
          type: "line",
          strokeWidth: style.linewidth ?? 1.8,
          opacity,
          clip: true,
          ...(dash === undefined ? {} : { strokeDash: dash }),
        },
        encoding: { ...encoding, order: { field: "order", type: "quantitative" }, color: color(series) },
      });
    }
    if (style.marker !== undefined && style.marker !== "") {
      const across = (style.markersize ?? (style.marker === "." ? 3.5 : 6)) * 1.2;
      layers.push({
        data,
        mark: {
          type: "point",
          filled: style.marker !== "x",
          shape: shapeOf(style.marker),
          size: across * across,
          opacity,
          strokeWidth: 1.5,
          clip: true,
        },
        encoding: { ...encoding, color: color(series) },
      });
    }
  }
  if (layers.length === 0) layers.push({ data: { values: [{ x: null, y: null }] }, mark: "point", encoding });
  return { ...base(scene), layer: layers };
}

function xAxis(scene: Scene): Spec {
  const names = scene.series.find((series) => series.names !== null)?.names;
  if (names === undefined || names === null) return axis(scene.xlabel);
  return {
    ...axis(scene.xlabel),
    values: names.map((_, i) => i),
    labelExpr: `${JSON.stringify(names)}[datum.value]`,
    tickCount: names.length,
  };
}

/** The image keeps its proportions and is enlarged by whole factors; ticks count its pixels. */
async function picture(scene: Scene, pixels: Pixels): Promise<Spec> {
  const { default: sharp } = await import("sharp");
  const room = scene.axes ? MARGIN : 24;
  const scale = Math.min((scene.width - room) / pixels.width, (scene.height - room) / pixels.height);
  const [width, height] = [Math.max(1, Math.round(pixels.width * scale)), Math.max(1, Math.round(pixels.height * scale))];
  const big = enlarge(pixels, Math.min(16, Math.max(1, Math.ceil((scale * scene.dpi) / 100))));
  const png = await sharp(big.data, { raw: { width: big.width, height: big.height, channels: big.channels } })
    .png()
    .toBuffer();
  const position = (size: number, title: string, flip: boolean): Spec => ({
    type: "quantitative",
    scale: { domain: flip ? [size - 0.5, -0.5] : [-0.5, size - 0.5], nice: false, zero: false },
    axis: scene.axes ? { ...axis(title), grid: false } : null,
  });
  return {
    ...base(scene),
    width,
    height,
    autosize: { type: "pad", contains: "padding" },
    layer: [
      {
        data: {
          values: [{ x: (pixels.width - 1) / 2, y: (pixels.height - 1) / 2, url: `data:image/png;base64,${png.toString("base64")}` }],
        },
        mark: { type: "image", width, height, aspect: false },
        encoding: {
          x: { field: "x", ...position(pixels.width, scene.xlabel, false) },
          y: { field: "y", ...position(pixels.height, scene.ylabel, true) },
          url: { field: "url", type: "nominal" },
        },
      },
    ],
  };
}
