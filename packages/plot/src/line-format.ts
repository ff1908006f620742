/** How a series is drawn. */
export interface SeriesStyle {
  /** A CSS colour; by default the next of ten. */
  color?: string;
  linestyle?: "-" | "--" | ":" | "-." | "";
  marker?: "o" | "s" | "^" | "v" | "D" | "x" | "+" | "." | "*" | "";
  /** Width of the line, in points. */
  linewidth?: number;
  /** Size of markers, in points across. */
  markersize?: number;
  /** Opacity from 0 to 1. */
  alpha?: number;
  /** Name in the legend. */
  label?: string;
}

/** Names of the options of a series, for messages. */
export const STYLE_OPTIONS = ["color", "linestyle", "marker", "linewidth", "markersize", "alpha", "label"];

const LETTERS: Readonly<Record<string, string>> = {
  b: "#0000ff",
  g: "#008000",
  r: "#ff0000",
  c: "#00bfbf",
  m: "#bf00bf",
  y: "#bfbf00",
  k: "#000000",
  w: "#ffffff",
};

/**
 * matplotlib's short form: an optional colour letter, marker and line style in any order (`"o"`, `"r--"`, `"k.-"`). Markers without a line style mean no line.
 *
 * @throws {TypeError} for a letter that means nothing
 */
export function parseFormat(format: string): SeriesStyle {
  const style: SeriesStyle = {};
  let rest = format;
  const line = /--|-\.|-|:/.exec(rest);
  if (line !== null) {
    style.linestyle = line[0] as "-";
    rest = rest.replace(line[0], "");
  }
  for (const letter of rest) {
    const color = LETTERS[letter];
    if (color !== undefined && style.color === undefined) style.color = color;
    else if ("os^vDx+.*".includes(letter) && style.marker === undefined) style.marker = letter as "o";
    else throw new TypeError(`plot: '${format}' is not a valid format string (unrecognized character '${letter}')`);
  }
  if (style.marker !== undefined && style.linestyle === undefined) style.linestyle = "";
  return style;
}

const DASHES: Readonly<Record<string, number[]>> = { "--": [6, 4], ":": [1.5, 3], "-.": [7, 3, 1.5, 3] };
const SHAPES: Readonly<Record<string, string>> = {
  o: "circle",
  ".": "circle",
  s: "square",
  "^": "triangle-up",
  v: "triangle-down",
  D: "diamond",
  x: "M-1,-1L1,1M1,-1L-1,1",
  "+": "cross",
  "*": "M0,-1L0.22,-0.31L0.95,-0.31L0.36,0.12L0.59,0.81L0,0.38L-0.59,0.81L-0.36,0.12L-0.95,-0.31L-0.22,-0.31Z",
};

/** Vega's dash pattern of a line style, `undefined` for a solid line. */
export const dashOf = (linestyle: string): number[] | undefined => DASHES[linestyle];

/** Vega's shape of a marker. */
export const shapeOf = (marker: string): string => SHAPES[marker] ?? "circle";
