export { Figure, type FigureOptions, figure, type LegendPlace } from "./figure.ts";
export type { SeriesStyle } from "./line-format.ts";
export type { Numbers } from "./plot-data.ts";
