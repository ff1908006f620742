/** What was seen: an operator's kernel, or a range that a program named. Times are microseconds. */
export interface ProfiledEvent {
  readonly name: string;
  readonly kind: "operator" | "user";
  /** Since the start of the process. */
  readonly start: number;
  duration: number;
  /** Time in events within this one. */
  childDuration: number;
  /** Shapes of tensor inputs, where asked for. */
  readonly shapes: readonly (readonly number[])[] | null;
  readonly dtypes: readonly string[] | null;
  /** Bytes of results, where asked for, those of events within included. */
  bytes: number;
  childBytes: number;
  readonly depth: number;
}
