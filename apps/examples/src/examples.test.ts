import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { io } from "bluedot";
import { describe, expect, it } from "vitest";

interface Run {
  example: string;
  arguments: string[];
  losses: number[];
}

const here = fileURLToPath(new URL("..", import.meta.url));
const runs = JSON.parse(readFileSync(join(here, "pytorch", "losses.json"), "utf8")) as Run[];
// The course's data beside the checkout serves where no other folder is named.
process.env["BLUEDOT_DATA"] ??= fileURLToPath(new URL("../../../../shared/data", import.meta.url));

/** What each example reads. */
const data: Readonly<Record<string, string>> = {
  gpt: io.dataPath("1342-0.txt"),
  lstm: io.dataPath("1342-0.txt"),
  "resnet18-cifar10": io.dataPath("cifar-10-batches-bin", "cifar10/cifar-10-batches-bin"),
  "vae-mnist": io.dataPath("mnist/t10k-images-idx3-ubyte.gz"),
};
const more: Readonly<Record<string, string[]>> = { gpt: ["--sample", "5"], lstm: ["--sample", "5"] };

// On small shapes; the losses of the examples as they are stand in the same file.
describe("the first losses are PyTorch's", () => {
  for (const { example, arguments: given, losses } of runs.filter((run) => run.arguments.length > 2)) {
    it.skipIf(!existsSync(data[example]!))(
      example,
      async () => {
        const folder = mkdtempSync(join(tmpdir(), "examples-"));
        const program = ["--conditions=source", "--import", "tsx", join(here, "src", `${example}.ts`), ...given, ...(more[example] ?? [])];
        const pictures = example === "vae-mnist" ? ["--pictures", folder] : [];
        const { stdout } = await promisify(execFile)(process.execPath, [...program, ...pictures], { cwd: here });
        rmSync(folder, { recursive: true });
        const found = [...stdout.matchAll(/^step \d+ loss (.*)$/gm)].map(([, loss]) => Number(loss));
        expect(found.length).toBe(losses.length);
        losses.forEach((loss, i) => {
          expect(Math.abs(found[i]! - loss), `step ${i}: ${found[i]}, not ${loss}`).toBeLessThan(1e-3);
        });
      },
      120_000,
    );
  }
});
