import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pid } from "node:process";
import { signature } from "@bluedot/core/extend";
import { chromeTrace } from "./chrome-trace.ts";
import type { ProfiledEvent } from "./event.ts";
import { type AveragesOptions, KeyAverages } from "./key-averages.ts";
import { Recorder } from "./recorder.ts";

export type { ProfiledEvent } from "./event.ts";

/** What a profile does during a step: nothing, run without keeping, keep, or keep and hand over at the step's end. */
export type Action = "none" | "warmup" | "record" | "recordAndSave";

export interface ScheduleOptions {
  /** Steps without recording, in every cycle. */
  wait: number;
  /** Steps that are recorded and forgotten. */
  warmup: number;
  /** Steps that are kept. */
  active: number;
  /** Cycles; 0 for no end. Default 0. */
  repeat?: number;
  /** Steps before the first cycle. Default 0. */
  skipFirst?: number;
}

/** What to do in step `n`, cycle after cycle. @throws {RangeError} for negative counts @see torch.profiler.schedule */
export function schedule({ wait, warmup, active, repeat = 0, skipFirst = 0 }: ScheduleOptions): (step: number) => Action {
  if (!(wait >= 0 && warmup >= 0 && active > 0 && repeat >= 0 && skipFirst >= 0))
    throw new RangeError("Invalid profiler schedule arguments");
  const cycle = wait + warmup + active;
  return (n) => {
    const step = n - skipFirst;
    if (step < 0 || (repeat > 0 && step >= repeat * cycle)) return "none";
    const at = step % cycle;
    if (at < wait) return "none";
    if (at < wait + warmup) return "warmup";
    return at < cycle - 1 ? "record" : "recordAndSave";
  };
}

export interface ProfileOptions {
  /** Keep the shapes and dtypes of inputs. Default false. */
  recordShapes?: boolean;
  /** Keep the bytes of results. Default false. */
  profileMemory?: boolean;
  /** What to do in which step. Default: record all. */
  schedule?: ((step: number) => Action) | null;
  /** Called with the profile when a schedule's cycle, or else the profile, ends. */
  onTraceReady?: ((profile: Profile) => void) | null;
}

const bind = signature("profile", { recordShapes: false, profileMemory: false, schedule: null, onTraceReady: null });

/** The profile that records now. */
let current: Profile | null = null;

/** Records operators, made by {@link profile}. @see torch.profiler.profile */
export class Profile implements Disposable {
  private readonly settings: Required<ProfileOptions>;
  private recorder: Recorder;
  private recording = false;
  private action: Action = "none";
  private mark: ProfiledEvent | null = null;
  /** Steps so far. */
  stepNumber = 0;

  constructor(options: ProfileOptions = {}) {
    this.settings = bind([options]);
    this.recorder = this.freshRecorder();
  }

  private freshRecorder(): Recorder {
    return new Recorder(this.settings.recordShapes, this.settings.profileMemory);
  }

  /** Begins to record. @throws {Error} while another profile records */
  start(): void {
    if (current !== null) throw new Error("Profiler is already enabled on this thread");
    current = this;
    this.enter(this.settings.schedule?.(0) ?? "record");
  }

  private enter(action: Action): void {
    const records = action !== "none";
    if (records && (!this.recording || (this.action === "warmup" && action !== "warmup"))) this.recorder = this.freshRecorder();
    this.action = action;
    this.recording = records;
    if (!records) return;
    this.recorder.attach();
    if (this.settings.schedule !== null) this.mark = this.recorder.begin(`ProfilerStep#${this.stepNumber}`, "user");
  }

  private leave(): void {
    if (!this.recording) return;
    if (this.mark !== null) this.recorder.end(this.mark);
    this.mark = null;
    this.recorder.detach();
  }

  /** Ends a step and begins the next one, for a schedule. @see torch.profiler.profile.step */
  step(): void {
    if (current !== this) return;
    const { schedule: plan, onTraceReady } = this.settings;
    if (plan === null) {
      this.stepNumber++;
      return;
    }
    this.leave();
    const saves = this.action === "recordAndSave";
    if (saves) onTraceReady?.(this);
    this.stepNumber++;
    if (saves) this.recording = false;
    this.enter(plan(this.stepNumber));
  }

  /** Stops recording. */
  stop(): void {
    if (current !== this) return;
    const unsaved = this.recording && (this.settings.schedule === null || this.action.startsWith("record"));
    this.leave();
    this.recording = false;
    current = null;
    if (unsaved) this.settings.onTraceReady?.(this);
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** For {@link recordFunction}: the recorder, while it records. */
  get active(): Recorder | null {
    return this.recording ? this.recorder : null;
  }

  /** What was recorded, by start. @see torch.profiler.profile.events */
  events(): readonly ProfiledEvent[] {
    return this.recorder.events;
  }

  /** Calls summed by operator. @see torch.profiler.profile.key_averages */
  keyAverages(groupByInputShape: boolean | AveragesOptions = false): KeyAverages {
    const byShape = typeof groupByInputShape === "boolean" ? groupByInputShape : (groupByInputShape.groupByInputShape ?? false);
    return new KeyAverages(this.recorder.events, byShape, this.settings.profileMemory);
  }

  /** Writes a file that chrome://tracing and Perfetto show. @see torch.profiler.profile.export_chrome_trace */
  exportChromeTrace(path: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(chromeTrace(this.recorder.events, pid)));
  }
}

const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;

/**
 * Records every operator with its time, and if asked its shapes and memory: while `fn` runs, which may be asynchronous and gets the profile, or
 * without it until the profile is disposed of. Operators cost nothing extra while nothing records.
 *
 * ```ts
 * using prof = torch.profiler.profile({ recordShapes: true });
 * net(x);
 * console.log(prof.keyAverages().table({ sortBy: "cpuTimeTotal", rowLimit: 10 }));
 * prof.exportChromeTrace("trace.json");
 * ```
 * @throws {Error} while another profile records @see torch.profiler.profile
 */
export function profile(options?: ProfileOptions): Profile;
export function profile(options: ProfileOptions, fn: (profile: Profile) => Promise<unknown>): Promise<Profile>;
export function profile(options: ProfileOptions, fn: (profile: Profile) => unknown): Profile;
export function profile(options: ProfileOptions = {}, fn?: (profile: Profile) => unknown): Profile | Promise<Profile> {
  const made = new Profile(options);
  made.start();
  if (fn === undefined) return made;
  let result: unknown;
  try {
    result = fn(made);
  } catch (error) {
    made.stop();
    throw error;
  }
  if (isPromise(result)) return result.finally(() => made.stop()).then(() => made);
  made.stop();
  return made;
}

/** Names a range of the program in profiles: what `fn` does, or until the result is disposed of. @see torch.profiler.record_function */
export function recordFunction<T>(name: string, fn: () => T): T;
export function recordFunction(name: string): Disposable;
export function recordFunction<T>(name: string, fn?: () => T): T | Disposable {
  const recorder = current?.active ?? null;
  const event = recorder?.begin(name, "user");
  const end = (): void => {
    if (event !== undefined) recorder!.end(event);
  };
  if (fn === undefined) return { [Symbol.dispose]: end };
  let result: T;
  try {
    result = fn();
  } catch (error) {
    end();
    throw error;
  }
  if (isPromise(result)) return result.finally(end) as T;
  end();
  return result;
}
