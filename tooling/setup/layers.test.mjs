import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { layers } from "../../.dependency-cruiser.mjs";
import { root } from "./set-up.mjs";

const packages = readdirSync(join(root, "packages")).filter((name) => name !== "bluedot");

describe.each(packages)("layers of %s", (name) => {
  it("are what its package.json depends on", () => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
    const below = Object.entries(dependencies).filter(([, version]) => version.startsWith("workspace:"));
    expect(below.map(([other]) => other.replace("@bluedot/", "")).sort()).toEqual([...layers[name]].sort());
  });

  it("are what docs/architecture.md says", () => {
    const row = readFileSync(join(root, "docs", "architecture.md"), "utf8")
      .split("\n")
      .find((line) => line.startsWith(`| \`${name}\``));
    expect(row?.split("|").at(-2)?.trim()).toBe(layers[name].join(", ") || "nothing");
  });
});
