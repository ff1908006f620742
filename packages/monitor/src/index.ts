export { type AveragesOptions, KeyAverages, type OperatorAverage, type TableOptions } from "./profiler/key-averages.ts";
export {
  type Action,
  type Profile,
  type ProfiledEvent,
  type ProfileOptions,
  profile,
  recordFunction,
  type ScheduleOptions,
  schedule,
} from "./profiler/profiler.ts";
