import { createRequire } from "node:module";
import type { BinaryWriter } from "@bufbuild/protobuf/wire";

const require = createRequire(import.meta.url);

// The messages of TensorFlow's event.proto, summary.proto and graph.proto that TensorBoard reads, field by field.

// How a field is encoded.
const Varint = 0;
const Bit64 = 1;
const LengthDelimited = 2;
const Bit32 = 5;

const message = (write: (w: BinaryWriter) => void): Uint8Array => {
  // Loaded when first used: most programs write no event files.
  const wire = require("@bufbuild/protobuf/wire") as typeof import("@bufbuild/protobuf/wire");
  const writer = new wire.BinaryWriter();
  write(writer);
  return writer.finish();
};

export interface EventMessage {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  readonly fileVersion?: string;
  readonly graph?: Uint8Array;
  /** A {@link summaryMessage}. */
  readonly summary?: Uint8Array;
}

/** `Event`. */
export const eventMessage = ({ wallTime, step = 0, fileVersion, graph, summary }: EventMessage): Uint8Array =>
  message((w) => {
    w.tag(1, Bit64).double(wallTime);
    if (step !== 0) w.tag(2, Varint).int64(step);
    if (fileVersion !== undefined) w.tag(3, LengthDelimited).string(fileVersion);
    if (graph !== undefined) w.tag(4, LengthDelimited).bytes(graph);
    if (summary !== undefined) w.tag(5, LengthDelimited).bytes(summary);
  });

/** `Summary` of one value. */
const summaryMessage = (tag: string, write: (w: BinaryWriter) => void): Uint8Array => {
  const value = message((w) => {
    w.tag(1, LengthDelimited).string(tag);
    write(w);
  });
  return message((w) => w.tag(1, LengthDelimited).bytes(value));
};

/** A number. */
export const scalarSummary = (tag: string, value: number): Uint8Array => summaryMessage(tag, (w) => w.tag(2, Bit32).float(value));

/** A picture as PNG bytes. */
export const imageSummary = (tag: string, image: { height: number; width: number; channels: number; png: Uint8Array }): Uint8Array =>
  summaryMessage(tag, (w) =>
    w.tag(4, LengthDelimited).bytes(
      message((i) => {
        i.tag(1, Varint).int32(image.height);
        i.tag(2, Varint).int32(image.width);
        i.tag(3, Varint).int32(image.channels);
        i.tag(4, LengthDelimited).bytes(image.png);
      }),
    ),
  );

export interface HistogramMessage {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Upper ends of the buckets. */
  readonly bucketLimit: readonly number[];
  /** How many values lie in each. */
  readonly bucket: readonly number[];
}

export const histogramSummary = (tag: string, h: HistogramMessage): Uint8Array =>
  summaryMessage(tag, (w) =>
    w.tag(5, LengthDelimited).bytes(
      message((m) => {
        [h.min, h.max, h.num, h.sum, h.sumSquares].forEach((value, i) => {
          if (value !== 0) m.tag(i + 1, Bit64).double(value);
        });
        for (const [field, list] of [
          [6, h.bucketLimit],
          [7, h.bucket],
        ] as const) {
          m.tag(field, LengthDelimited).fork();
          for (const value of list) m.double(value);
          m.join();
        }
      }),
    ),
  );

const dimension = (size: number): Uint8Array => message((w) => (size === 0 ? w : w.tag(1, Varint).int64(size)));
const shapeMessage = (shape: readonly number[]): Uint8Array =>
  message((w) => {
    for (const size of shape) w.tag(2, LengthDelimited).bytes(dimension(size));
  });

/** Number of `DT_STRING`. */
const stringType = 7;

/** Text, in Markdown. */
export const textSummary = (tag: string, text: string): Uint8Array =>
  summaryMessage(tag, (w) => {
    w.tag(8, LengthDelimited).bytes(
      message((t) => {
        t.tag(1, Varint).int32(stringType);
        t.tag(2, LengthDelimited).bytes(shapeMessage([1]));
        t.tag(8, LengthDelimited).string(text);
      }),
    );
    const plugin = message((p) => p.tag(1, LengthDelimited).string("text"));
    w.tag(9, LengthDelimited).bytes(message((m) => m.tag(1, LengthDelimited).bytes(plugin)));
  });

export interface NodeMessage {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  /** Shape of what it gives. */
  readonly shape: readonly number[] | null;
}

/** The attribute in which TensorBoard looks for shapes. */
const shapeAttribute = (shape: readonly number[]): Uint8Array =>
  message((entry) => {
    entry.tag(1, LengthDelimited).string("_output_shapes");
    const list = message((l) => l.tag(7, LengthDelimited).bytes(shapeMessage(shape)));
    entry.tag(2, LengthDelimited).bytes(message((value) => value.tag(1, LengthDelimited).bytes(list)));
  });

/** `GraphDef`. */
export const graphMessage = (nodes: readonly NodeMessage[]): Uint8Array =>
  message((w) => {
    for (const { name, op, inputs, shape } of nodes) {
      w.tag(1, LengthDelimited).bytes(
        message((n) => {
          n.tag(1, LengthDelimited).string(name);
          n.tag(2, LengthDelimited).string(op);
          for (const input of inputs) n.tag(3, LengthDelimited).string(input);
          if (shape !== null) n.tag(5, LengthDelimited).bytes(shapeAttribute(shape));
        }),
      );
    }
    w.tag(4, LengthDelimited).bytes(message((v) => v.tag(1, Varint).int32(22)));
  });
