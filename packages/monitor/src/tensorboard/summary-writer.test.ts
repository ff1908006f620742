import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arange, tensor, zeros } from "@bluedot/core";
import * as nn from "@bluedot/nn";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { PNG } from "pngjs";
import { afterAll, describe, expect, it } from "vitest";
import { crc32c, maskedCrc32c } from "./crc32c.ts";
import { histogramOf } from "./histogram.ts";
import { eventMessage, scalarSummary } from "./messages.ts";
import { SummaryWriter } from "./summary-writer.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Fields of a message: number -> values, as numbers or bytes. */
function fields(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const reader = new BinaryReader(bytes);
  const found = new Map<number, (number | Uint8Array)[]>();
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    const value =
      type === WireType.Varint
        ? Number(reader.int64())
        : type === WireType.Bit64
          ? reader.double()
          : type === WireType.Bit32
            ? reader.float()
            : reader.bytes();
    found.set(field, [...(found.get(field) ?? []), value]);
  }
  return found;
}

/** The events of a file, whose checksums are checked. */
function eventsOf(folder: string): Map<number, (number | Uint8Array)[]>[] {
  const [file] = readdirSync(folder).filter((name) => name.startsWith("events.out.tfevents."));
  const bytes = new Uint8Array(readFileSync(join(folder, file!)));
  const view = new DataView(bytes.buffer);
  const events = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(maskedCrc32c(data));
    events.push(fields(data));
    at += length + 16;
  }
  return events;
}

const bytesIn = (message: Map<number, (number | Uint8Array)[]>, field: number): Uint8Array => message.get(field)![0] as Uint8Array;
const textIn = (message: Map<number, (number | Uint8Array)[]>, field: number): string => new TextDecoder().decode(bytesIn(message, field));
/** The value of an event's summary. */
const summaryIn = (event: Map<number, (number | Uint8Array)[]>) => fields(bytesIn(fields(bytesIn(event, 5)), 1));

describe("event files", () => {
  const folder = mkdtempSync(join(tmpdir(), "runs-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("have the checksums of RFC 3720 and TensorFlow", () => {
    expect(crc32c(ascii("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    // The header of a record of 24 bytes, and that of the file version, as TensorFlow writes them.
    expect(hex(new Uint8Array(new Uint32Array([maskedCrc32c(Uint8Array.of(24, 0, 0, 0, 0, 0, 0, 0))]).buffer))).toBe("a37f4b22");
  });

  it("hold messages as protobuf encodes them", () => {
    expect(hex(eventMessage({ wallTime: 1, step: 300, summary: scalarSummary("a", 0.5) }))).toBe(
      `09000000000000f03f${"10ac02"}${"2a0a"}${"0a08"}${"0a0161"}${"150000003f"}`,
    );
  });

  it("show numbers, pictures, distributions, text and modules", () => {
    const path = join(folder, "all");
    const writer = new SummaryWriter(path);
    writer.addScalar("loss", 0.25, 3, { walltime: 1000 });
    writer.addScalar("loss", tensor(0.125), { globalStep: 4 });
    writer.addImage("picture", arange(4).reshape(1, 2, 2).div(4), 1);
    writer.addImages("pictures", zeros(9, 3, 2, 2));
    writer.addHistogram("weights", tensor([-1, 0.5, 0.5, 2]), 7);
    writer.addText("note", "**bold**");
    writer.addGraph(new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU()), [1, 2]);
    writer.addScalars("both", { train: 1, test: 2 }, 1);
    writer.close();
    const [version, first, second, picture, pictures, histogram, text, graph] = eventsOf(path) as [
      Map<number, (number | Uint8Array)[]>,
      ...Map<number, (number | Uint8Array)[]>[],
    ];
    expect(textIn(version, 3)).toBe("brain.Event:2");
    expect([first!.get(1), first!.get(2), textIn(summaryIn(first!), 1), summaryIn(first!).get(2)]).toEqual([[1000], [3], "loss", [0.25]]);
    expect([second!.get(2), summaryIn(second!).get(2)]).toEqual([[4], [0.125]]);
    const shown = fields(bytesIn(summaryIn(picture!), 4));
    expect([shown.get(1), shown.get(2), shown.get(3)]).toEqual([[2], [2], [3]]);
    const { data } = PNG.sync.read(Buffer.from(bytesIn(shown, 4)));
    expect([...data]).toEqual([0, 63, 127, 191].flatMap((v) => [v, v, v, 255]));
    expect(fields(bytesIn(summaryIn(pictures!), 4)).get(2)).toEqual([16]);
    const counted = fields(bytesIn(summaryIn(histogram!), 5));
    expect([1, 2, 3, 4, 5].map((field) => counted.get(field)![0])).toEqual([-1, 2, 4, 2, 5.5]);
    expect(textIn(summaryIn(text!), 1)).toBe("note/text_summary");
    expect(textIn(fields(bytesIn(summaryIn(text!), 8)), 8)).toBe("**bold**");
    expect(textIn(fields(bytesIn(fields(bytesIn(summaryIn(text!), 9)), 1)), 1)).toBe("text");
    const nodes = fields(bytesIn(graph!, 4))
      .get(1)!
      .map((node) => fields(node as Uint8Array));
    expect(nodes.map((node) => textIn(node, 1))).toEqual(["input", "Sequential/Linear[0]", "Sequential/ReLU[1]", "output"]);
    expect(textIn(nodes[2]!, 3)).toBe("Sequential/Linear[0]");
    expect(summaryIn(eventsOf(join(path, "both_test"))[1]!).get(2)).toEqual([2]);
  });

  it("count values in growing buckets as PyTorch does", () => {
    const { bucketLimit, bucket, num } = histogramOf([-1, 0.5, 0.5, 2]);
    expect(num).toBe(4);
    expect(bucket[0]).toBe(0);
    expect(bucket.reduce((a, b) => a + b)).toBe(4);
    expect(bucketLimit.length).toBe(bucket.length);
    expect(histogramOf([1, 2, 3], [0, 1, 2, 3])).toMatchObject({ bucketLimit: [1, 2, 3], bucket: [0, 1, 2] });
  });
});
