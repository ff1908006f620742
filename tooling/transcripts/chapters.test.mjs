import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { differences } from "./compare.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** The course's data: in the folder that `BLUEDOT_DATA` names, or in a `shared` folder beside the repository. */
const data = [process.env.BLUEDOT_DATA, join(root, "../shared/data")].find(
  (folder) => folder && existsSync(join(folder, "winequality-white.csv")),
);

/** Runs a chapter from its sources and returns what it prints. */
async function run(chapter, args = [], env = {}) {
  const program = join(root, "apps", chapter, "src/main.ts");
  const command = ["--conditions=source", "--import", "tsx", program, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    cwd: root,
    env: { ...process.env, ...env },
    maxBuffer: 1 << 26,
  });
  return stdout;
}

const transcript = (chapter) => readFileSync(new URL(`${chapter}.txt`, import.meta.url), "utf8");

describe("the course prints what PyTorch prints", () => {
  test("chapter 1: tensors", { timeout: 120_000 }, async () => {
    expect(differences(transcript("01-tensors"), await run("01-tensors"))).toEqual([]);
  });

  test.skipIf(data === undefined)("chapter 2: data (skipped without the course's files)", { timeout: 120_000 }, async () => {
    expect(differences(transcript("02-data"), await run("02-data", [], { BLUEDOT_DATA: data }))).toEqual([]);
  });

  test("chapter 2 runs on made-up files where there are none", { timeout: 120_000 }, async () => {
    const empty = mkdtempSync(join(tmpdir(), "no-data-"));
    const output = await run("02-data", [], { BLUEDOT_DATA: empty, BLUEDOT_CACHE: empty });
    expect(output).toContain("# precision and recall");
    expect(output).toContain("# normalized");
  });

  test("chapter 3: training", { timeout: 120_000 }, async () => {
    expect(differences(transcript("03-training"), await run("03-training"))).toEqual([]);
  });

  test("chapter 4 trains on pictures of its own where there is neither data nor network", { timeout: 300_000 }, async () => {
    const empty = mkdtempSync(join(tmpdir(), "no-data-"));
    const pictures = mkdtempSync(join(tmpdir(), "pictures-"));
    const output = await run("04-cifar10", ["--epochs", "1", "--pictures", pictures], {
      BLUEDOT_DATA: empty,
      BLUEDOT_CACHE: empty,
      BLUEDOT_OFFLINE: "1",
    });
    // The parameters come from the seed alone, so they are PyTorch's whatever the pictures are.
    const initial = (text) =>
      text
        .split("\n")
        .filter((line) => line.startsWith("init "))
        .join("\n");
    expect(differences(initial(transcript("04-cifar10")), initial(output))).toEqual([]);
    expect(Number(/Accuracy of the network on 1000 test imgs: (\d+)%/.exec(output)?.[1])).toBeGreaterThan(60);
    expect(existsSync(join(pictures, "cifar10-images.png"))).toBe(true);
    expect(existsSync(join(pictures, "cifar10-loss.png"))).toBe(true);
    expect(existsSync(join(pictures, "cifar_net.pth"))).toBe(true);
  });
});
