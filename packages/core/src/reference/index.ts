// Importing this file registers the kernels in TypeScript that are not registered beside their operator's definition.
import "./copy.ts";
import "./linalg.ts";
import "./conv.ts";
import "./pool.ts";
import "./embedding.ts";
import "./attention.ts";
import "./loss.ts";
import "./norm.ts";
import "./optimizer.ts";
