import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { isIntact } from "./integrity.ts";

/** A file on the network. */
export interface RemoteFile {
  /** Addresses to try in turn. */
  urls: readonly string[];
  md5: string;
  /** Name on disk; by default that of the address. */
  filename?: string;
}

const PROGRESS_EVERY_MS = 200;

/**
 * Downloads a file into a folder, unless it is there already with the right checksum. What an earlier attempt left (`name.part`) is continued;
 * progress is shown on stderr when that is a terminal, in steps of ten percent otherwise.
 *
 * With `BLUEDOT_OFFLINE` set nothing is fetched.
 *
 * @returns the path of the file
 * @throws {Error} saying what to do when there is no network, or when the file is not the published one
 */
export async function downloadFile(file: RemoteFile, folder: string): Promise<string> {
  const name = file.filename ?? basename(new URL(file.urls[0]!).pathname);
  const target = join(folder, name);
  if (await isIntact(target, file.md5)) return target;
  mkdirSync(folder, { recursive: true });
  const part = `${target}.part`;
  const failures: string[] = [];
  for (const url of file.urls) {
    // A partial file of another version makes the checksum fail; the second attempt begins anew.
    for (const attempt of [1, 2]) {
      try {
        await fetchInto(url, part, name);
        if (await isIntact(part, file.md5)) {
          renameSync(part, target);
          return target;
        }
        failures.push(`${url}: the checksum is not ${file.md5}`);
        rmSync(part, { force: true });
      } catch (error) {
        failures.push(`${url}: ${describe(error)}`);
        break;
      }
      if (attempt === 2) break;
    }
  }
  throw new Error(
    `${name} could not be downloaded (${failures.join("; ")}). ` +
      `Where there is no network, fetch ${file.urls[0]} on another machine and put it at ${target}; an interrupted download is continued by running this again.`,
  );
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message || (error.cause as NodeJS.ErrnoException).code : undefined;
  return cause === undefined ? error.message : `${error.message} (${cause})`;
}

async function fetchInto(url: string, part: string, name: string): Promise<void> {
  if (process.env["BLUEDOT_OFFLINE"]) throw new Error("BLUEDOT_OFFLINE is set, so nothing is fetched");
  const have = existsSync(part) ? statSync(part).size : 0;
  const response = await fetch(url, have > 0 ? { headers: { range: `bytes=${have}-` } } : {});
  if (response.status === 416) return; // nothing is left to fetch; the checksum decides
  if (!response.ok || response.body === null) throw new Error(`the server answers ${response.status} ${response.statusText}`);
  const resumed = response.status === 206;
  const start = resumed ? have : 0;
  const total = Number(response.headers.get("content-length") ?? Number.NaN) + start;
  const progress = new Progress(name, start, total);
  const out = createWriteStream(part, { flags: resumed ? "a" : "w" });
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      if (!out.write(chunk)) await once(out, "drain");
      progress.advance(chunk.length);
    }
  } finally {
    out.end();
    await once(out, "close");
    progress.end();
  }
}

/** A line on stderr that tells how far a download is. */
class Progress {
  private readonly name: string;
  private readonly total: number;
  private readonly started = Date.now();
  private readonly startedAt: number;
  private done: number;
  private shown = 0;
  private decile = -1;

  constructor(name: string, done: number, total: number) {
    this.name = name;
    this.done = done;
    this.startedAt = done;
    this.total = total;
  }

  advance(bytes: number): void {
    this.done += bytes;
    const now = Date.now();
    if (process.stderr.isTTY) {
      if (now - this.shown < PROGRESS_EVERY_MS) return;
      this.shown = now;
      process.stderr.write(`\r${this.line()}\x1b[K`);
    } else {
      const decile = Math.floor((10 * this.done) / this.total);
      if (!(decile > this.decile)) return;
      this.decile = decile;
      process.stderr.write(`${this.line()}\n`);
    }
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write(`\r${this.line()}\x1b[K\n`);
  }

  private line(): string {
    const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
    const rate = (this.done - this.startedAt) / Math.max(1, Date.now() - this.started) / 1000;
    const share = Number.isFinite(this.total) ? ` of ${mb(this.total)} MB, ${Math.floor((100 * this.done) / this.total)} %` : " MB";
    return `${this.name}: ${mb(this.done)}${share}, ${rate.toFixed(1)} MB/s`;
  }
}

/** Unpacks a `.tar.gz` into a folder; entries that would leave it are refused by the library. */
export async function extractArchive(archive: string, folder: string): Promise<void> {
  const { extract } = await import("tar"); // not needed by those who have the data
  await extract({ file: archive, cwd: folder, strict: true });
}
