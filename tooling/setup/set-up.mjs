/**
 * Sets up what is missing on a machine that has only Node and npm: packages, a C++ compiler where the system lets us install one,
 * the JavaScript build and the native kernels. Does nothing, within milliseconds, when nothing changed. Plain Node, no dependencies.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { capture, isMain, lastLines } from "./process.mjs";
import { contentDigest, isStamped, stamp, stateDigest, unstamp } from "./stamp.mjs";

/** The repository root. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const quiet = { TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", CI: process.env.CI ?? "1", NO_UPDATE_NOTIFIER: "1" };

/** A set-up that can't go on; the message is for the person at the terminal. */
export class SetUpError extends Error {}

/** Progress goes to stderr: stdout belongs to the program that is set up for. */
function say(text) {
  process.stderr.write(`bluedot: ${text}\n`);
}

let pnpmWords;

/** Words that run pnpm at the version this repository pins: the installed one when it is that version, else through npx. */
export function pnpm() {
  pnpmWords ??= findPnpm();
  return pnpmWords;
}

async function findPnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const version = packageManager.split("@")[1];
  const installed = await capture(["pnpm", "--version"], {
    cwd: root,
    env: { COREPACK_ENABLE_DOWNLOAD_PROMPT: "0", COREPACK_ENABLE_NETWORK: "0" },
  });
  if (installed.code === 0 && installed.output.trim() === version) return ["pnpm"];
  return ["npx", "--yes", `pnpm@${version}`];
}

/** Folders of the workspace that have a package.json, relative to the root. */
export function workspaceFolders(from = root) {
  return ["packages", "apps", "tooling"].flatMap((group) =>
    existsSync(join(from, group))
      ? readdirSync(join(from, group))
          .map((name) => `${group}/${name}`)
          .filter((path) => existsSync(join(from, path, "package.json")))
      : [],
  );
}

async function install() {
  say("installing npm packages");
  const command = [...(await pnpm()), "install", "--frozen-lockfile"];
  const { code, output } = await capture(command, { cwd: root, env: quiet });
  if (code !== 0) {
    throw new SetUpError(
      `installing the npm packages failed (exit code ${code}). The last lines of \`${command.join(" ")}\`:\n${lastLines(output)}`,
    );
  }
}

async function buildJavaScript() {
  say("building the packages");
  const { code, output } = await capture([...(await pnpm()), "run", "build"], { cwd: root, env: quiet });
  if (code !== 0) throw new SetUpError(`the build failed (exit code ${code}). Its last lines:\n${lastLines(output, 40)}`);
}

/** What compiles the native kernels and is not on the PATH. */
function missingCompilers() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const suffix = process.platform === "win32" ? ".exe" : "";
  return ["g++", "cmake", "make"].filter((program) => !folders.some((folder) => existsSync(join(folder, program + suffix))));
}

/** Installs compilers where the system is Debian's and we are root; elsewhere that is the owner's decision. */
async function installCompilers() {
  const names = missingCompilers();
  if (names.length === 0 || process.platform !== "linux" || process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return;
  say(`installing ${names.join(", ")} (apt-get)`);
  const apt = { env: { DEBIAN_FRONTEND: "noninteractive" } };
  const get = ["apt-get", "install", "-y", "--no-install-recommends", ...names];
  if ((await capture(get, apt)).code === 0) return;
  await capture(["apt-get", "update"], apt);
  const { code, output } = await capture(get, apt);
  if (code !== 0) say(`apt-get could not install ${names.join(", ")}:\n${lastLines(output, 8)}`);
}

/** Native kernels make things fast, never possible: a failure is a warning. */
async function buildNative() {
  await installCompilers();
  say("building the native kernels");
  const { code, output } = await capture([...(await pnpm()), "--filter", "@bluedot/cpu", "run", "build:native"], { cwd: root, env: quiet });
  if (code === 0) return;
  const missing = missingCompilers();
  const reason = missing.length > 0 ? ` (missing: ${missing.join(", ")})` : "";
  say(
    `warning: the native kernels did not build${reason}; the reference kernels serve, which are slower. Last lines:\n${lastLines(output, 15)}`,
  );
}

/** Runs `work` alone: a second set-up in the same checkout waits for the first. */
async function exclusively(work) {
  const path = join(tmpdir(), `bluedot-set-up-${createHash("sha256").update(root).digest("hex").slice(0, 16)}.lock`);
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (!isAlive(Number(readFileSync(path, "utf8")))) {
        rmSync(path, { force: true });
        continue;
      }
      if (!waited) say("waiting for another set-up to finish");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** The steps, each with what decides whether it is due and where its results lie. Cheap: a start with nothing to do costs only this. */
function steps() {
  const folders = workspaceFolders();
  const built = folders.filter((path) => existsSync(join(root, path, "tsup.config.ts")));
  const sources = built.flatMap((path) => [`${path}/src`, `${path}/package.json`, `${path}/tsup.config.ts`]);
  const native = ["packages/cpu/native", "packages/cpu/CMakeLists.txt", "packages/cpu/package.json"];
  return [
    {
      name: "install",
      digest: contentDigest(root, [
        "package.json",
        "pnpm-lock.yaml",
        "pnpm-workspace.yaml",
        ...folders.map((path) => `${path}/package.json`),
      ]),
      ready: () => existsSync(join(root, "node_modules", ".modules.yaml")),
      work: install,
    },
    {
      name: "build",
      digest: stateDigest(root, ["pnpm-lock.yaml", "tsconfig.base.json", "tooling/config", ...sources]),
      ready: () => built.every((path) => existsSync(join(root, path, "dist"))),
      work: buildJavaScript,
    },
    {
      name: "native",
      // A compiler that has appeared since is a reason to try again.
      digest: `${stateDigest(root, native)} ${missingCompilers()}`,
      ready: () => true,
      work: buildNative,
    },
  ].filter(({ name }) => name !== "native" || existsSync(join(root, "packages/cpu/native")));
}

/** Runs one step unless its stamp holds. */
async function take({ name, digest, ready, work }) {
  if (isStamped(root, name, digest) && ready()) return;
  unstamp(root, name);
  const started = performance.now();
  await work();
  stamp(root, name, digest);
  say(`${name} took ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** Makes the checkout ready to run. @throws {SetUpError} when packages can't be installed or the sources do not build. */
export async function setUp() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new SetUpError(`Node ${process.versions.node} is too old: 20.19 or newer is needed`);
  if (steps().every(({ name, digest, ready }) => isStamped(root, name, digest) && ready())) return;
  await exclusively(async () => {
    for (const { name } of steps()) await take(steps().find((fresh) => fresh.name === name));
  });
}

/** Sets up, then runs `program`; its result is the exit code. A set-up that fails is reported plainly, without a stack. */
export async function main(program) {
  try {
    await setUp();
    process.exitCode = await program();
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    say(`error: ${error.message}`);
    process.exitCode = 1;
  }
}

if (isMain(import.meta.url)) await main(() => 0);
