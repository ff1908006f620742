export type { Check, CheckKind, RunContext } from "./check.ts";
export { type Library, loadLibrary } from "./library.ts";
export { type JudgedFile, type JudgedRecord, judgeFiles, type PoolOptions } from "./pool.ts";
export { listRecordFiles, type RecordFile, readIndex, readRecords } from "./records.ts";
export { runRecord } from "./run-record.ts";
export { type FileResult, resultOf } from "./tally.ts";
