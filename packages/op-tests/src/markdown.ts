import type { NamespaceCoverage } from "./names.ts";
import type { Count, FileResult } from "./tally.ts";
import { groupBy } from "./tally.ts";

/** `docs/compatibility.md`: PyTorch's operators and modules against the library's, with the share of recorded samples that pass. */
export function renderCompatibility(results: readonly FileResult[], coverage: readonly NamespaceCoverage[]): string {
  const operators = results.filter(({ folder }) => folder === "ops");
  const errors = new Map(results.filter(({ folder }) => folder === "op_errors").map((result) => [result.name, result]));
  const modules = results.filter(({ folder, name }) => folder === "modules" && !name.startsWith("_"));
  const standing = operators.map(standingOf);
  const count = (word: string): number => standing.filter(({ verdict }) => verdict === word).length;
  const sections = [...groupBy(operators, ({ group }) => group)]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([group, items]) => `## ${capitalised(group)}\n\n${operatorTable(items, errors)}`);
  return `${[
    "# Compatibility with PyTorch",
    "Made by `pnpm conformance --markdown docs/compatibility.md` from results recorded from PyTorch 1.13; do not edit. An operator is here when every recorded sample of it gives PyTorch's dtype, shape and values, and every recorded gradient agrees; it is *partly* here when some do not, with the first reason. *Samples* and *gradients* are passed / recorded; *errors* are the recorded mistakes that raise, and how many of those with PyTorch's text.",
    `${operators.length} operators: ${count("yes")} yes, ${count("partly")} partly, ${count("no")} no.`,
    ...sections,
    `## Modules\n\n${moduleTable(modules)}`,
    `## Names\n\nPublic names of PyTorch 1.13, recorded or not, that are here under their camelCase spelling. Sparse, quantised, compiled and device-specific parts are left out.\n\n${nameTable(coverage)}`,
  ].join("\n\n")}\n`;
}

interface Standing {
  readonly verdict: "yes" | "partly" | "no";
  readonly reason: string;
}

function standingOf({ counts, failures }: FileResult): Standing {
  const judged = failures.filter(({ kind }) => kind === "value" || kind === "gradient" || kind === "secondGradient");
  const value = counts.value ?? { passed: 0, all: 0 };
  if (judged.length === 0) {
    return { verdict: "yes", reason: "" };
  }
  const reason = judged[0]?.detail.replace(/\s*\(at .*\)$/, "").replace(/^threw \w+: /, "") ?? "";
  const absent = value.passed === 0 && judged.every(({ missing }) => missing);
  return { verdict: absent ? "no" : "partly", reason: absent ? "" : reason };
}

const cell = (count: Count | undefined): string => (count === undefined ? "" : `${count.passed}/${count.all}`);

const escaped = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ").slice(0, 160);

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function operatorTable(items: readonly FileResult[], errors: ReadonlyMap<string, FileResult>): string {
  const rows = [...items]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((item) => {
      const { verdict, reason } = standingOf(item);
      const raised = errors.get(item.name)?.counts;
      const mistakes =
        raised?.raises === undefined ? "" : `${cell(raised.raises)}${raised.text === undefined ? "" : `, text ${cell(raised.text)}`}`;
      return `| \`${item.name}\` | ${item.priority} | ${verdict} | ${cell(item.counts.value)} | ${cell(item.counts.gradient)} | ${mistakes} | ${escaped(reason)} |`;
    });
  return [
    "| operator | priority | here | samples | gradients | errors | what falls short |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function nameTable(coverage: readonly NamespaceCoverage[]): string {
  const rows = coverage.map(({ namespace, all, absent }) => {
    const names = absent.length === 0 ? "" : absent.map((name) => `\`${name}\``).join(", ");
    return `| \`${namespace}\` | ${all - absent.length}/${all} | ${names} |`;
  });
  return ["| namespace | here | not here |", "| --- | --- | --- |", ...rows].join("\n");
}

function moduleTable(items: readonly FileResult[]): string {
  const rows = items.map((item) => {
    const { verdict, reason } = standingOf(item);
    return `| \`nn.${item.name}\` | ${verdict} | ${cell(item.counts.value)} | ${cell(item.counts.gradient)} | ${escaped(reason)} |`;
  });
  return ["| module | here | samples | gradients | what falls short |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}
