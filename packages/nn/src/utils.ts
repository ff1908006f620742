export * from "./utils/clip-grad.ts";
export * from "./utils/convert-parameters.ts";
export * from "./utils/fusion.ts";
export * as parametrizations from "./utils/parametrizations.ts";
export * as parametrize from "./utils/parametrize.ts";
export * as prune from "./utils/prune.ts";
export * from "./utils/reparametrization-hooks.ts";
export * as rnn from "./utils/rnn.ts";
export * as stateless from "./utils/stateless.ts";
