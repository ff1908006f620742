import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildArguments } from "./prebuilt.mjs";
import { root } from "./set-up.mjs";

const read = (path) => JSON.parse(readFileSync(join(root, "packages", "cpu", path), "utf8"));

describe("prebuilt kernels", () => {
  it("are built by the compiler of their platform", () => {
    expect(buildArguments("x64", "out", "x64").join(" ")).not.toContain("COMPILER");
    expect(buildArguments("arm64", "out", "x64")).toContain("--CDCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++");
    expect(() => buildArguments("riscv64", "out", "x64")).toThrow("expected one of x64, arm64");
  });

  it("lie in packages that @bluedot/cpu asks for, each of the same version", () => {
    const { version, optionalDependencies } = read("package.json");
    const packages = readdirSync(join(root, "packages", "cpu", "npm")).map((folder) => read(join("npm", folder, "package.json")));
    expect(packages.map(({ name }) => name).sort()).toEqual(Object.keys(optionalDependencies));
    for (const { name, version: own, os, cpu } of packages) expect([name, own]).toEqual([`@bluedot/cpu-${os[0]}-${cpu[0]}`, version]);
  });
});
