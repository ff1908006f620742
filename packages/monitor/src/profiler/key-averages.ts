import { signature } from "@bluedot/core/extend";
import type { ProfiledEvent } from "./event.ts";

/** All calls of one operator, or of one with the same shapes. Times are microseconds. */
export interface OperatorAverage {
  readonly key: string;
  readonly shapes: ProfiledEvent["shapes"];
  count: number;
  /** Time in the calls. */
  cpuTimeTotal: number;
  /** The same without what ran within them. */
  selfCpuTimeTotal: number;
  /** Bytes of results. */
  cpuMemoryUsage: number;
  selfCpuMemoryUsage: number;
}

export interface AveragesOptions {
  /** Keep calls with different shapes apart; they must have been recorded. Default false. */
  groupByInputShape?: boolean;
}

export interface TableOptions {
  /** What the largest come first by. Default: the order of the first calls. */
  sortBy?: "cpuTimeTotal" | "selfCpuTimeTotal" | "cpuMemoryUsage" | "selfCpuMemoryUsage" | "count" | null;
  /** Rows at most. Default 100. */
  rowLimit?: number;
  /** Longer names are cut. Default 55. */
  maxNameColumnWidth?: number;
  /** Longer shapes are cut. Default 80. */
  maxShapesColumnWidth?: number;
  header?: string | null;
}

const bindTable = signature("table", { sortBy: null, rowLimit: 100, maxNameColumnWidth: 55, maxShapesColumnWidth: 80, header: null });

function time(microseconds: number): string {
  if (microseconds >= 1e6) return `${(microseconds / 1e6).toFixed(3)}s`;
  return microseconds >= 1e3 ? `${(microseconds / 1e3).toFixed(3)}ms` : `${microseconds.toFixed(3)}us`;
}

function memory(bytes: number): string {
  for (const [unit, size] of [
    ["Gb", 2 ** 30],
    ["Mb", 2 ** 20],
    ["Kb", 2 ** 10],
  ] as const) {
    if (bytes >= size) return `${(bytes / size).toFixed(2)} ${unit}`;
  }
  return `${bytes} b`;
}

const share = (part: number, whole: number): string => (whole === 0 ? "0.00%" : `${((100 * part) / whole).toFixed(2)}%`);
const cut = (text: string, width: number): string => (text.length > width ? `${text.slice(0, width - 3)}...` : text);
const shapesText = (shapes: ProfiledEvent["shapes"]): string => `[${(shapes ?? []).map((shape) => `[${shape.join(", ")}]`).join(", ")}]`;

/** Calls summed by operator. @see torch.profiler.profile.key_averages */
export class KeyAverages implements Iterable<OperatorAverage> {
  private readonly rows: OperatorAverage[];
  private readonly byShape: boolean;
  private readonly withMemory: boolean;
  /** Time in all operators and ranges, each counted once. */
  readonly selfCpuTimeTotal: number;

  constructor(events: readonly ProfiledEvent[], byShape: boolean, withMemory: boolean) {
    const groups = new Map<string, OperatorAverage>();
    for (const { name, shapes, duration, childDuration, bytes, childBytes } of events) {
      const key = byShape ? `${name} ${shapesText(shapes)}` : name;
      let group = groups.get(key);
      if (group === undefined) {
        group = {
          key: name,
          shapes: byShape ? shapes : null,
          count: 0,
          cpuTimeTotal: 0,
          selfCpuTimeTotal: 0,
          cpuMemoryUsage: 0,
          selfCpuMemoryUsage: 0,
        };
        groups.set(key, group);
      }
      group.count++;
      group.cpuTimeTotal += duration;
      group.selfCpuTimeTotal += duration - childDuration;
      group.cpuMemoryUsage += bytes;
      group.selfCpuMemoryUsage += bytes - childBytes;
    }
    this.rows = [...groups.values()];
    this.byShape = byShape;
    this.withMemory = withMemory;
    this.selfCpuTimeTotal = this.rows.reduce((sum, row) => sum + row.selfCpuTimeTotal, 0);
  }

  [Symbol.iterator](): Iterator<OperatorAverage> {
    return this.rows[Symbol.iterator]();
  }

  /** The averages as PyTorch's table. @see torch.autograd.profiler.EventList.table */
  table(...settings: readonly (string | number | null | TableOptions)[]): string {
    const { sortBy, rowLimit, maxNameColumnWidth, maxShapesColumnWidth, header } = bindTable(settings) as Required<TableOptions>;
    const rows = sortBy === null ? this.rows : [...this.rows].sort((a, b) => b[sortBy] - a[sortBy]);
    const total = this.selfCpuTimeTotal;
    const nameWidth = Math.min(maxNameColumnWidth, Math.max(4, ...this.rows.map(({ key }) => key.length)) + 4);
    const headers = ["Name", "Self CPU %", "Self CPU", "CPU total %", "CPU total", "CPU time avg"];
    if (this.withMemory) headers.push("CPU Mem", "Self CPU Mem");
    headers.push("# of Calls");
    if (this.byShape) headers.push("Input Shapes");
    const cells = rows.slice(0, rowLimit).map((row) => {
      const line = [
        cut(row.key, nameWidth),
        share(row.selfCpuTimeTotal, total),
        time(row.selfCpuTimeTotal),
        share(row.cpuTimeTotal, total),
        time(row.cpuTimeTotal),
        time(row.cpuTimeTotal / row.count),
      ];
      if (this.withMemory) line.push(memory(row.cpuMemoryUsage), memory(row.selfCpuMemoryUsage));
      line.push(String(row.count));
      if (this.byShape) line.push(cut(shapesText(row.shapes), maxShapesColumnWidth));
      return line;
    });
    const shapesWidth = Math.max(12, ...cells.map((line) => line.at(-1)!.length));
    const widths = headers.map((_, i) => (i === 0 ? nameWidth : this.byShape && i === headers.length - 1 ? shapesWidth : 12));
    const format = (line: readonly string[]): string => line.map((cell, i) => cell.padStart(widths[i]!)).join("  ");
    const rule = widths.map((width) => "-".repeat(width)).join("  ");
    const title = header === null ? [] : [header];
    return [...title, rule, format(headers), rule, ...cells.map(format), rule, `Self CPU time total: ${time(total)}`].join("\n");
  }
}
