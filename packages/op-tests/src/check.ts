import type { Json, JsonObject } from "./json.ts";
import { describeError, type Library, MissingFeature } from "./library.ts";

/**
 * What one check of a record is about.
 *
 * - `value`: results, dtypes, shapes, and for views strides and shared storage
 * - `gradient`, `extremalGradient`, `secondGradient`: recorded gradients; those at infinities and NaN have a score of their own
 * - `strided`: the same values from inputs that are spread out or transposed in memory
 * - `named`: the same call with all arguments but the first passed by name in the options object
 * - `options`: an unknown option is a `TypeError` that names it
 * - `layout`: strides of results that are no views (a bonus)
 * - `raises`, `text`: a call that must fail does, with PyTorch's message
 * - `gradcheck`, `gradgradcheck`: derivatives against differences, where asked for
 * - `optional`: what the records call optional
 */
export type CheckKind =
  | "value"
  | "gradient"
  | "extremalGradient"
  | "secondGradient"
  | "strided"
  | "named"
  | "options"
  | "layout"
  | "raises"
  | "text"
  | "gradcheck"
  | "gradgradcheck"
  | "optional";

/** One judged fact about a record. */
export interface Check {
  readonly kind: CheckKind;
  readonly passed: boolean;
  /** Why it failed. */
  readonly detail?: string;
  /** The library has no such function; `detail` names it. */
  readonly missing?: boolean;
}

/** What a runner works with. */
export interface RunContext {
  readonly library: Library;
  /** The folder that `file` entries of records are relative to. */
  readonly directory: string;
  /** Also check derivatives against differences. */
  readonly gradcheck: boolean;
}

/** Judges one record. May throw: that fails the record. */
export type RecordRunner = (context: RunContext, record: JsonObject) => Check[] | Promise<Check[]>;

/** A check that passed unless `mismatch` says why not. */
export function check(kind: CheckKind, mismatch: string | undefined): Check {
  return mismatch === undefined ? { kind, passed: true } : { kind, passed: false, detail: mismatch };
}

/** A failed check for something thrown. */
export function failure(kind: CheckKind, error: unknown): Check {
  return error instanceof MissingFeature
    ? { kind, passed: false, missing: true, detail: error.message }
    : { kind, passed: false, detail: describeError(error) };
}

/** Runs `judge`, which gives a mismatch or undefined; what it throws is a failed check. */
export function attempt(kind: CheckKind, judge: () => string | undefined): Check {
  try {
    return check(kind, judge());
  } catch (error) {
    return failure(kind, error);
  }
}

/** The tolerance of a record, widened to nothing when it has none. */
export function toleranceOf(record: JsonObject): { rtol: number; atol: number } {
  const number = (value: Json | undefined): number => (typeof value === "number" ? value : 0);
  return { rtol: number(record["rtol"]), atol: number(record["atol"]) };
}
