#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import process from "node:process";
import { cpuInfo } from "@bluedot/cpu";

const usage = `usage: bluedot info

  info   which version, kernels, instruction set and threads this machine gets, and what would make it faster
`;

/** What `bluedot info` prints: one fact a line. */
function report(): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  const { kernels, isa, threads, addon, reason } = cpuInfo();
  const processors = cpus();
  const rows: [string, string][] = [
    ["bluedot", version],
    ["node", `${process.versions.node}, ${process.platform} ${process.arch}`],
    ["processor", `${processors[0]?.model ?? "unknown"}, ${processors.length} cores`],
    ["kernels", kernels === "native" ? "native" : "reference, in TypeScript: everything works, slowly"],
    ["instructions", isa],
    ["threads", String(threads)],
    ["addon", addon ?? "none"],
    ...(reason === null ? [] : [["reason", reason] as [string, string]]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(14)}${value}\n`).join("");
}

const [command, ...rest] = process.argv.slice(2);
if (command === "info" && rest.length === 0) {
  // What the warning says stands in the report.
  process.removeAllListeners("warning");
  process.stdout.write(report());
} else {
  const asked = command === undefined || command === "help" || command === "--help" || command === "-h";
  (asked ? process.stdout : process.stderr).write(asked ? usage : `bluedot: unknown command ${[command, ...rest].join(" ")}\n\n${usage}`);
  process.exitCode = asked ? 0 : 2;
}
