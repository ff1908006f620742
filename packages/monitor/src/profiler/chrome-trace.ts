import type { ProfiledEvent } from "./event.ts";

/** The events as Chrome's trace format, which chrome://tracing, Perfetto and TensorBoard show. Times are microseconds. */
export function chromeTrace(events: readonly ProfiledEvent[], process: number): object {
  const traced = events.map(({ name, kind, start, duration, shapes, dtypes, bytes }) => ({
    ph: "X",
    cat: kind === "operator" ? "cpu_op" : "user_annotation",
    name,
    pid: process,
    tid: process,
    ts: start,
    dur: duration,
    args: {
      ...(shapes === null ? {} : { "Input Dims": shapes, "Input type": dtypes }),
      ...(bytes === 0 ? {} : { Bytes: bytes }),
    },
  }));
  const names = [
    { ph: "M", name: "process_name", pid: process, tid: 0, ts: 0, args: { name: "bluedot" } },
    { ph: "M", name: "thread_name", pid: process, tid: process, ts: 0, args: { name: "main" } },
  ];
  return { schemaVersion: 1, displayTimeUnit: "ms", traceEvents: [...names, ...traced] };
}
