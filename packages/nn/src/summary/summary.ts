import { type DType, isTensor, rand, type Tensor, zeros } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import type { Module } from "../module/module.ts";
import { type Layer, tensorsIn, traceLayers } from "./trace.ts";

/** Shape of an input, those of several, an input, or several. */
export type SummaryInput = readonly number[] | readonly (readonly number[])[] | Tensor | readonly unknown[];

export interface SummaryOptions {
  /** How deep the printed tree goes. Default 3. */
  depth?: number;
  /** Dtypes of inputs that are given by their shape. Default float32. */
  dtypes?: DType | readonly DType[] | null;
  /** Columns after the first. Default output sizes and parameters. */
  colNames?: readonly SummaryColumn[];
  /** Width of the columns after the first. Default 25. */
  colWidth?: number;
  /** What rows begin with: the place in the tree, the name of the field, and whether lines are drawn in ASCII. Default the place alone. */
  rowSettings?: readonly ("depth" | "varNames" | "asciiOnly")[];
}

/** A column of the table. */
export type SummaryColumn = keyof typeof headers;

const headers = {
  inputSize: "Input Shape",
  outputSize: "Output Shape",
  numParams: "Param #",
  paramsPercent: "Param %",
  kernelSize: "Kernel Shape",
  multAdds: "Mult-Adds",
  trainable: "Trainable",
};

const bind = signature("summary", {
  depth: 3,
  dtypes: null,
  colNames: ["outputSize", "numParams"],
  colWidth: 25,
  rowSettings: ["depth"],
});
type Layout = Required<Pick<SummaryOptions, "depth" | "colNames" | "colWidth" | "rowSettings">>;

const product = (sizes: readonly number[]): number => sizes.reduce((n, size) => n * size, 1);
const grouped = (n: number): string => n.toLocaleString("en-US");
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2);

/** Parameters that are the module's own, not its children's, each once. */
const ownParameters = (module: Module): Tensor[] => module.parameters(false);
const countOf = (tensors: readonly Tensor[]): number => tensors.reduce((n, t) => n + t.count, 0);

/** How often a call of a layer uses each of its parameters: once per position of the output that shares them. */
function uses(type: string, shape: readonly number[]): number {
  if (/Conv/.test(type)) return product(shape) / (shape[1] ?? 1);
  if (/^(Linear|Bilinear|LazyLinear)$/.test(type)) return product(shape.slice(0, -1));
  if (/^(RNN|LSTM|GRU)$/.test(type)) return product(shape.slice(0, 2));
  return shape[0] ?? 1;
}

const multiplyAdds = ({ type, module, outputs, recursive }: Layer): number => {
  const parameters = recursive ? 0 : countOf(ownParameters(module));
  return parameters === 0 ? 0 : outputs.reduce((sum, shape) => sum + parameters * uses(type, shape), 0);
};

function walk(layer: Layer, visit: (layer: Layer) => void): void {
  visit(layer);
  for (const child of layer.children) walk(child, visit);
}

/** What {@link summary} found; printing it gives the table. */
export class ModelSummary {
  readonly root: Layer;
  readonly totalParams: number;
  readonly trainableParams: number;
  /** Multiplications with additions of one forward pass. */
  readonly totalMultAdds: number;
  readonly inputBytes: number;
  /** Results of the layers that have parameters, and as much again for their gradients. */
  readonly forwardBackwardBytes: number;
  readonly paramBytes: number;
  private readonly layout: Layout;

  constructor(root: Layer, inputs: readonly unknown[], layout: Layout) {
    this.root = root;
    this.layout = layout;
    const parameters = root.module.parameters();
    this.totalParams = countOf(parameters);
    this.trainableParams = countOf(parameters.filter((p) => p.requiresGrad));
    this.paramBytes = parameters.reduce((bytes, p) => bytes + p.count * p.itemsize, 0);
    this.inputBytes = tensorsIn(inputs).reduce((bytes, t) => bytes + t.count * t.itemsize, 0);
    let multAdds = 0;
    let bytes = 0;
    walk(root, (layer) => {
      multAdds += multiplyAdds(layer);
      if (layer.children.length === 0 && ownParameters(layer.module).length > 0) bytes += layer.outputBytes;
    });
    this.totalMultAdds = multAdds;
    this.forwardBackwardBytes = 2 * bytes;
  }

  /** The table, as torchinfo prints it. */
  toString(): string {
    const { colNames, colWidth, rowSettings } = this.layout;
    const rows = this.rows();
    const title = `type${rowSettings.includes("varNames") ? " (var_name)" : ""}${rowSettings.includes("depth") ? ":depth-idx" : ""}`;
    const width = Math.max(40, ...rows.map(([name]) => name!.length + 3));
    const line = (cells: readonly string[]): string =>
      [cells[0]!.padEnd(width), ...cells.slice(1).map((cell) => ` ${cell}`.padEnd(colWidth))].join("").trimEnd();
    const rule = "=".repeat(width + colNames.length * colWidth);
    const macs = this.totalMultAdds;
    const [unit, scale] = macs >= 1e12 ? ["T", 1e12] : macs >= 1e9 ? ["G", 1e9] : ["M", 1e6];
    return [
      rule,
      line([`Layer (${title})`, ...colNames.map((column) => headers[column])]),
      rule,
      ...rows.map(line),
      rule,
      `Total params: ${grouped(this.totalParams)}`,
      `Trainable params: ${grouped(this.trainableParams)}`,
      `Non-trainable params: ${grouped(this.totalParams - this.trainableParams)}`,
      `Total mult-adds (${unit}): ${(macs / (scale as number)).toFixed(2)}`,
      rule,
      `Input size (MB): ${megabytes(this.inputBytes)}`,
      `Forward/backward pass size (MB): ${megabytes(this.forwardBackwardBytes)}`,
      `Params size (MB): ${megabytes(this.paramBytes)}`,
      `Estimated Total Size (MB): ${megabytes(this.inputBytes + this.forwardBackwardBytes + this.paramBytes)}`,
      rule,
    ].join("\n");
  }

  private rows(): string[][] {
    const rows: string[][] = [];
    const counts: number[] = [];
    walk(this.root, (layer) => {
      const index = (counts[layer.depth] = (counts[layer.depth] ?? 0) + 1);
      if (layer.depth > this.layout.depth) return;
      rows.push([this.nameOf(layer, index), ...this.layout.colNames.map((column) => this.cell(column, layer))]);
    });
    return rows;
  }

  private nameOf({ type, name, depth }: Layer, index: number): string {
    const { rowSettings } = this.layout;
    const [beside, corner, first] = rowSettings.includes("asciiOnly") ? ["|    ", "+ ", "+ "] : ["│    ", "└─", "├─"];
    const branch = depth === 0 ? "" : depth === 1 ? first : beside.repeat(depth - 1) + corner;
    const field = rowSettings.includes("varNames") ? ` (${depth === 0 ? type : name})` : "";
    return `${branch}${type}${field}${rowSettings.includes("depth") && depth > 0 ? `: ${depth}-${index}` : ""}`;
  }

  private cell(column: SummaryColumn, layer: Layer): string {
    const { module, recursive } = layer;
    // A layer at the deepest level that is printed stands for what lies below it.
    const whole = layer.children.length > 0 && layer.depth === this.layout.depth;
    const parameters = whole ? module.parameters() : ownParameters(module);
    const count = countOf(parameters);
    switch (column) {
      case "inputSize":
        return sizeText(layer.inputs[0]);
      case "outputSize":
        return sizeText(layer.outputs[0]);
      case "numParams":
        return describeCount(parameters, recursive);
      case "paramsPercent":
        if (count === 0) return "--";
        return recursive ? "(recursive)" : `${((100 * count) / this.totalParams).toFixed(2)}%`;
      case "kernelSize": {
        const { kernelSize } = module as { kernelSize?: number | readonly number[] };
        return kernelSize === undefined ? "--" : typeof kernelSize === "number" ? String(kernelSize) : sizeText(kernelSize);
      }
      case "multAdds": {
        let macs = multiplyAdds(layer);
        if (whole) for (const child of layer.children) walk(child, (below) => (macs += multiplyAdds(below)));
        return macs === 0 ? "--" : grouped(macs);
      }
      case "trainable": {
        const all = module.parameters();
        if (all.length === 0) return "--";
        const learnt = all.filter((p) => p.requiresGrad).length;
        return learnt === all.length ? "True" : learnt === 0 ? "False" : "Partial";
      }
    }
  }

  /** What `console.log` prints in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

const sizeText = (sizes: readonly number[] | undefined): string => (sizes === undefined ? "--" : `[${sizes.join(", ")}]`);

/** Frozen parameters stand in parentheses. */
function describeCount(parameters: readonly Tensor[], recursive: boolean): string {
  const count = countOf(parameters);
  if (count === 0) return "--";
  if (recursive) return "(recursive)";
  return parameters.some((p) => p.requiresGrad) ? grouped(count) : `(${grouped(count)})`;
}

const isSize = (value: unknown): value is readonly number[] => Array.isArray(value) && value.length > 0 && value.every(Number.isInteger);

function inputsFor(given: SummaryInput, dtypes: DType | readonly DType[] | null): readonly unknown[] {
  if (isTensor(given)) return [given];
  const made = (size: readonly number[], i: number): Tensor => {
    const dtype = typeof dtypes === "string" ? dtypes : (dtypes?.[i] ?? "float32");
    return dtype.startsWith("float") || dtype === "bfloat16" ? rand([...size], { dtype }) : zeros([...size], { dtype });
  };
  if (isSize(given)) return [made(given, 0)];
  return (given as readonly unknown[]).map((item, i) => (isSize(item) ? made(item, i) : item));
}

/**
 * The tree of a module's layers with shapes, parameters, multiply-adds and memory, found by running it once, in evaluation mode.
 * Multiply-adds count each parameter as often as a call of its layer uses it.
 *
 * ```ts
 * console.log(torch.summary(net, [1, 3, 32, 32]));
 * ```
 * @param input the input's shape or the shapes of several, batch included; or the input itself, or several
 * @see torchinfo.summary
 */
export function summary(module: Module, input: SummaryInput, ...rest: readonly (number | SummaryOptions)[]): ModelSummary {
  const { dtypes, ...layout } = bind(rest) as Required<SummaryOptions>;
  const unknown = layout.colNames.find((column) => !(column in headers));
  if (unknown !== undefined) throw new TypeError(`summary() has no column '${unknown}'; it has ${Object.keys(headers).join(", ")}`);
  const inputs = inputsFor(input, dtypes);
  return new ModelSummary(traceLayers(module, inputs), inputs, layout);
}
