/**
 * What each package may import. Arrows go down only. A test holds package.json files and docs/architecture.md to this table.
 * Tests are free: they may use any package.
 */
export const layers = {
  core: [],
  autograd: ["core"],
  cpu: ["core"],
  cuda: ["core"],
  nn: ["core", "autograd"],
  optim: ["core", "autograd", "nn"],
  serialize: ["core"],
  data: ["core"],
  vision: ["core", "nn", "data", "serialize"],
  plot: ["core"],
  monitor: ["core", "nn"],
  distributed: ["core", "autograd", "nn"],
  "op-tests": ["core", "autograd", "bluedot"],
};

const tests = "\\.test\\.ts$";

/** A package's sources import its own and those of the packages below it. */
const layerRules = Object.entries(layers).map(([name, below]) => ({
  name: `layers-${name}`,
  comment: `@bluedot/${name} may import ${below.length > 0 ? below.map((other) => `@bluedot/${other}`).join(", ") : "no other package"}.`,
  severity: "error",
  from: { path: `^packages/${name}/src/`, pathNot: tests },
  to: { path: "^(packages|apps|tooling)/", pathNot: `^packages/(${[name, ...below].join("|")})/` },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...layerRules,
    {
      name: "core-stands-alone",
      comment: "core runs in a browser as it is: no npm package and no Node module.",
      severity: "error",
      from: { path: "^packages/core/src/", pathNot: tests },
      to: {
        dependencyTypes: ["core", "npm", "npm-dev", "npm-optional", "npm-peer", "npm-no-pkg", "npm-unknown"],
        pathNot: "^packages/core/",
      },
    },
    {
      name: "apps-use-the-umbrella",
      comment: "A program is written as a user would write it: bluedot, Node, and its own files.",
      severity: "error",
      from: { path: "^apps/([^/]+)/src/", pathNot: tests },
      to: { path: "^(packages|apps|tooling)/", pathNot: "^(packages/bluedot/|apps/$1/)" },
    },
    {
      name: "no-test-imports",
      comment: "Nothing that ships imports a test.",
      severity: "error",
      from: { pathNot: tests },
      to: { path: tests },
    },
    {
      name: "no-cycles-between-packages",
      severity: "error",
      from: { path: "^packages/([^/]+)/src/", pathNot: tests },
      to: { circular: true, via: { path: "^packages/", pathNot: "^packages/$1/" } },
    },
    {
      name: "resolvable",
      comment: "An import that leads nowhere.",
      severity: "error",
      from: { path: "^(packages|apps|tooling)/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ["node_modules", "/dist/"] },
    exclude: { path: ["/dist/", "/build/"] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.test.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["source", "import", "node", "types", "default"] },
    skipAnalysisNotInRules: true,
  },
};
