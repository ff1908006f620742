import { appendFileSync, mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { isTensor, type Tensor } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import type { Module, SummaryInput } from "@bluedot/nn";
import { histogramOf } from "./histogram.ts";
import { type EventMessage, eventMessage, graphMessage, histogramSummary, imageSummary, scalarSummary, textSummary } from "./messages.ts";
import { moduleGraph } from "./module-graph.ts";
import { encodePicture, toPixels } from "./picture.ts";
import { tfRecord } from "./record.ts";

export interface SummaryWriterOptions {
  /** Folder of the event file. Default `runs/<date>_<host><comment>`. */
  logDir?: string | null;
  /** Ending of the default folder's name. */
  comment?: string;
  /** Events kept before they are written. Default 10. */
  maxQueue?: number;
  /** Seconds that events are kept at most, looked at when the next one comes. Default 120. */
  flushSecs?: number;
  /** Ending of the file's name. */
  filenameSuffix?: string;
}

export interface StepOptions {
  globalStep?: number | null;
  /** Seconds since 1970. Default: now. */
  walltime?: number | null;
}

export interface ImageOptions extends StepOptions {
  /** Dimensions: `CHW`, `HWC`, `HW`; for several `NCHW`, `NHWC`. */
  dataformats?: string;
}

const bindWriter = signature("SummaryWriter", { logDir: null, comment: "", maxQueue: 10, flushSecs: 120, filenameSuffix: "" });
const bindStep = signature("add", { globalStep: null, walltime: null });
const bindImage = signature("addImage", { globalStep: null, walltime: null, dataformats: "CHW" });
const bindImages = signature("addImages", { globalStep: null, walltime: null, dataformats: "NCHW" });
const bindHistogram = signature("addHistogram", { globalStep: null, bins: "tensorflow", walltime: null });

type Rest<O> = readonly (number | string | null | O)[];

/** `Jan05_13-07-42`, as PyTorch names runs. */
function stamp(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  const month = date.toLocaleString("en-US", { month: "short" });
  return `${month}${two(date.getDate())}_${two(date.getHours())}-${two(date.getMinutes())}-${two(date.getSeconds())}`;
}

let files = 0;

/**
 * Writes what training shows to an event file, which `tensorboard --logdir runs` displays.
 *
 * ```ts
 * using writer = new utils.tensorboard.SummaryWriter("runs/first");
 * writer.addScalar("loss/train", loss, step);
 * ```
 * @see torch.utils.tensorboard.SummaryWriter
 */
export class SummaryWriter implements Disposable {
  /** Folder of the event file. */
  readonly logDir: string;
  private readonly file: string;
  private readonly maxQueue: number;
  private readonly flushSecs: number;
  private queue: Uint8Array[] = [];
  private flushed = Date.now();
  private readonly parts = new Map<string, SummaryWriter>();
  private readonly atExit = (): void => this.flush();

  constructor(...settings: readonly (string | number | null | SummaryWriterOptions)[]) {
    const { logDir, comment, maxQueue, flushSecs, filenameSuffix } = bindWriter(settings) as Required<SummaryWriterOptions>;
    this.logDir = logDir ?? join("runs", `${stamp(new Date())}_${hostname()}${comment}`);
    this.maxQueue = maxQueue;
    this.flushSecs = flushSecs;
    mkdirSync(this.logDir, { recursive: true });
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, "0");
    this.file = join(this.logDir, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${files++}${filenameSuffix}`);
    this.write({ wallTime: Date.now() / 1000, fileVersion: "brain.Event:2" });
    this.flush();
    process.once("exit", this.atExit);
  }

  private write(event: EventMessage): void {
    this.queue.push(tfRecord(eventMessage(event)));
    if (this.queue.length >= this.maxQueue || Date.now() - this.flushed > 1000 * this.flushSecs) this.flush();
  }

  private add(summary: Uint8Array, { globalStep, walltime }: StepOptions): void {
    this.write({ wallTime: walltime ?? Date.now() / 1000, step: globalStep ?? 0, summary });
  }

  /** A number at a step. @see torch.utils.tensorboard.SummaryWriter.add_scalar */
  addScalar(tag: string, value: number | Tensor, ...rest: Rest<StepOptions>): void {
    this.add(scalarSummary(tag, isTensor(value) ? Number(value.item()) : value), bindStep(rest));
  }

  /** Several numbers in one chart; each has a file of its own. @see torch.utils.tensorboard.SummaryWriter.add_scalars */
  addScalars(mainTag: string, values: Readonly<Record<string, number | Tensor>>, ...rest: Rest<StepOptions>): void {
    for (const [tag, value] of Object.entries(values)) {
      const folder = join(this.logDir, `${mainTag.replaceAll("/", "_")}_${tag}`);
      let writer = this.parts.get(folder);
      if (writer === undefined) {
        writer = new SummaryWriter({ logDir: folder, maxQueue: this.maxQueue, flushSecs: this.flushSecs });
        this.parts.set(folder, writer);
      }
      writer.addScalar(mainTag, value, ...rest);
    }
  }

  /** How values are distributed, in TensorBoard's buckets or between given edges. @throws {RangeError} without values @see torch.utils.tensorboard.SummaryWriter.add_histogram */
  addHistogram(
    tag: string,
    values: Tensor | readonly number[],
    ...rest: readonly (number | string | null | readonly number[] | (StepOptions & { bins?: string | readonly number[] }))[]
  ): void {
    const { bins, ...step } = bindHistogram(rest) as StepOptions & { bins: string | readonly number[] };
    const list = isTensor(values) ? (values.detach().double().flatten().tolist() as number[]) : values;
    this.add(histogramSummary(tag, typeof bins === "string" ? histogramOf(list) : histogramOf(list, bins)), step);
  }

  /** A picture: floating point from 0 to 1, or bytes. @throws {ShapeError} when the shape is not what `dataformats` says @see torch.utils.tensorboard.SummaryWriter.add_image */
  addImage(tag: string, image: Tensor, ...rest: Rest<ImageOptions>): void {
    const { dataformats, ...step } = bindImage(rest) as StepOptions & { dataformats: string };
    this.add(imageSummary(tag, encodePicture(toPixels(image, dataformats))), step);
  }

  /** Pictures side by side, eight a row. @throws {ShapeError} @see torch.utils.tensorboard.SummaryWriter.add_images */
  addImages(tag: string, images: Tensor, ...rest: Rest<ImageOptions>): void {
    const { dataformats, ...step } = bindImages(rest) as StepOptions & { dataformats: string };
    this.addImage(tag, images, { ...step, dataformats });
  }

  /** Text, in Markdown. @see torch.utils.tensorboard.SummaryWriter.add_text */
  addText(tag: string, text: string, ...rest: Rest<StepOptions>): void {
    this.add(textSummary(`${tag}/text_summary`, text), bindStep(rest));
  }

  /** The tree of a model's modules; with an input (or its shape) in the order of their calls, with shapes. @see torch.utils.tensorboard.SummaryWriter.add_graph */
  addGraph(model: Module, input: SummaryInput | null = null): void {
    this.write({ wallTime: Date.now() / 1000, graph: graphMessage(moduleGraph(model, input)) });
  }

  /** The folder of the event file. @see torch.utils.tensorboard.SummaryWriter.get_logdir */
  getLogdir(): string {
    return this.logDir;
  }

  /** Writes what is kept. @see torch.utils.tensorboard.SummaryWriter.flush */
  flush(): void {
    if (this.queue.length > 0) appendFileSync(this.file, Buffer.concat(this.queue));
    this.queue = [];
    this.flushed = Date.now();
    for (const part of this.parts.values()) part.flush();
  }

  /** Writes what is kept; the writer needn't be used again. @see torch.utils.tensorboard.SummaryWriter.close */
  close(): void {
    this.flush();
    process.off("exit", this.atExit);
    for (const part of this.parts.values()) part.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
