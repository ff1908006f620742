import type { Node } from "./node.ts";

let enabled = false;
let checkNaN = true;
const traces = new WeakMap<Node, string>();

/** Whether nodes remember the call that made them. */
export const isAnomalyEnabled = (): boolean => enabled;
/** Whether a derivative that gives NaN is an error, in anomaly mode. */
export const isAnomalyCheckNaNEnabled = (): boolean => checkNaN;

/** Lets errors of the backward pass name the forward call they belong to, and turns NaN in a gradient into an error. Slow: for debugging. @see torch.autograd.set_detect_anomaly */
export function setDetectAnomaly(mode: boolean, options: { checkNan?: boolean } = {}): Disposable {
  const before = [enabled, checkNaN] as const;
  enabled = mode;
  checkNaN = options.checkNan ?? true;
  return {
    [Symbol.dispose]() {
      [enabled, checkNaN] = before;
    },
  };
}

/** Anomaly mode for `fn`, or until the returned scope is disposed of. @see torch.autograd.detect_anomaly */
export function detectAnomaly<T>(fn: () => T, options?: { checkNan?: boolean }): T;
export function detectAnomaly(options?: { checkNan?: boolean }): Disposable;
export function detectAnomaly<T>(fn?: (() => T) | { checkNan?: boolean }, options: { checkNan?: boolean } = {}): T | Disposable {
  if (typeof fn !== "function") return setDetectAnomaly(true, fn ?? {});
  const scope = setDetectAnomaly(true, options);
  try {
    return fn();
  } finally {
    scope[Symbol.dispose]();
  }
}

/** Remembers where the running call comes from. */
export function rememberTrace(node: Node): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const stack = new Error().stack ?? "";
  Error.stackTraceLimit = limit;
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  traces.set(
    node,
    (
      frames.filter((line) => !/[\\/](?:@bluedot|packages)[\\/](?:autograd|core)[\\/](?:src|dist)[\\/](?!.*\.test\.)/.test(line)) || frames
    ).join("\n"),
  );
}

/** The call that made `node`, as a stack trace. */
export const traceOf = (node: Node): string | undefined => traces.get(node);

/** `error` with the forward call that made `node` beside it. */
export function withTrace(error: unknown, node: Node): unknown {
  if (!(error instanceof Error) || "forwardTrace" in error) return error;
  const trace = traceOf(node);
  const where =
    trace === undefined
      ? "No forward pass information available. Enable detect anomaly during forward pass for more information."
      : `Traceback of forward call that caused the error:\n${trace}`;
  Object.defineProperty(error, "forwardTrace", { value: trace ?? "", enumerable: false });
  error.stack = `${error.stack ?? error.message}\nError detected in ${node.name()}. ${where}`;
  return error;
}
