/** Running other programs. Plain Node, no dependencies. */
import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** True for the module that Node was started with. */
export function isMain(url) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
}

/** Environment that keeps colours for the terminal. */
export const colours = process.stdout.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" };

/** Runs a program with the terminal as its own; resolves to its exit code, 1 when a signal ended it. */
export function run(command, { cwd, env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), { cwd, env: { ...process.env, ...env }, stdio: "inherit" });
    child.on("error", (error) => {
      process.stderr.write(`${command[0]}: ${error.message}\n`);
      resolve(127);
    });
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

/** Runs a program quietly; resolves to its exit code and everything it wrote. `BLUEDOT_VERBOSE=1` shows the output as it comes. */
export function capture(command, { cwd, env, shell = false } = {}) {
  const verbose = process.env.BLUEDOT_VERBOSE === "1";
  return new Promise((resolve) => {
    const child = spawn(command[0], command.slice(1), { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], shell });
    let output = "";
    const collect = (chunk) => {
      output += chunk;
      if (verbose) process.stderr.write(chunk);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => resolve({ code: 127, output: `${output}${command[0]}: ${error.message}\n` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The last `count` lines that say something, indented for a message. */
export function lastLines(output, count = 25) {
  const lines = output
    .replace(/\r/g, "\n")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines
    .slice(-count)
    .map((line) => `    ${line}`)
    .join("\n");
}

/** Calls `work` with every item, `count` at a time, in their order. */
export async function eachOf(items, count, work) {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: count }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
