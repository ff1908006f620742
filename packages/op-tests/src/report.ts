import type { CheckKind } from "./check.ts";
import { type Count, type Counts, type FileResult, groupBy, sumCounts } from "./tally.ts";

const columns: readonly (readonly [title: string, kind: CheckKind])[] = [
  ["samples", "value"],
  ["strided", "strided"],
  ["named", "named"],
  ["options", "options"],
  ["gradients", "gradient"],
  ["2nd grads", "secondGradient"],
  ["extremal", "extremalGradient"],
  ["raised", "raises"],
  ["text", "text"],
  ["layout", "layout"],
  ["optional", "optional"],
  ["gradcheck", "gradcheck"],
  ["gradgrad", "gradgradcheck"],
];

function cell(count: Count | undefined): string {
  return count === undefined ? "" : `${count.passed}/${count.all}`;
}

function percent(count: Count | undefined): string {
  return count === undefined ? "" : `${((100 * count.passed) / count.all).toFixed(1)} %`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) => row.map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0))).join("  "))
    .join("\n");
}

function countTable(
  rows: readonly (readonly [title: string, counts: Counts])[],
  render: (count: Count | undefined) => string = cell,
): string {
  const total = rows.map(([, counts]) => counts);
  const shown = columns.filter(([, kind]) => total.some((counts) => counts[kind] !== undefined));
  return table([
    ["", ...shown.map(([title]) => title)],
    ...rows.map(([title, counts]) => [title, ...shown.map(([, kind]) => render(counts[kind]))]),
  ]);
}

/** The report of a run: operators by group and by priority, the other folders, what is missing, totals. */
export function renderReport(results: readonly FileResult[]): string {
  const operators = results.filter(({ folder }) => folder === "ops" || folder === "op_errors");
  const others = results.filter(({ folder }) => folder !== "ops" && folder !== "op_errors");
  const parts: string[] = [];
  if (operators.length > 0) {
    const byGroup = [...groupBy(operators, ({ group }) => group)].sort(([a], [b]) => a.localeCompare(b));
    parts.push("Operators by group", countTable(byGroup.map(([group, items]) => [group, sumCounts(items)])));
    const byPriority = [...groupBy(operators, ({ priority }) => `priority ${priority}`)].sort(([a], [b]) => a.localeCompare(b));
    parts.push("Operators by priority", countTable(byPriority.map(([priority, items]) => [priority, sumCounts(items)])));
  }
  if (others.length > 0) {
    const byFolder = [...groupBy(others, ({ folder }) => folder)].flatMap(([folder, items]): (readonly [string, Counts])[] => [
      [folder, sumCounts(items)],
      ...(folder === "modules" || folder === "optim" || folder === "lr_scheduler" || folder === "vision"
        ? []
        : items.map((item) => [`  ${item.name}`, item.counts] as const)),
    ]);
    parts.push("Other folders", countTable(byFolder));
  }
  const missing = missingNames(results);
  if (missing.length > 0) {
    parts.push(`Missing (${missing.length})`, missing.join(", "));
  }
  const total = sumCounts(results);
  parts.push(
    "Total",
    countTable([["", total]]),
    countTable([["", total]], percent)
      .split("\n")
      .slice(1)
      .join("\n"),
  );
  return parts.join("\n\n");
}

/** What the library lacks, by name, without repetition. */
export function missingNames(results: readonly FileResult[]): string[] {
  return [...new Set(results.flatMap(({ missing }) => missing))].sort();
}

/** The failures of a run, up to `limit` a file. */
export function renderFailures(results: readonly FileResult[], limit: number): string {
  return results
    .filter(({ failures }) => failures.length > 0)
    .map(({ folder, name, failures }) => {
      const shown = failures
        .slice(0, limit)
        .map(
          ({ index, kind, call, detail }) =>
            `  #${index} ${kind}: ${call.length > 300 ? `${call.slice(0, 300)}...` : call}\n      ${detail.length > 700 ? `${detail.slice(0, 700)}...` : detail}`,
        );
      const rest = failures.length - shown.length;
      return [`${folder}/${name}: ${failures.length} failures`, ...shown, ...(rest > 0 ? [`  ... and ${rest} more`] : [])].join("\n");
    })
    .join("\n");
}
