import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { fromTypedArray, stack, type Tensor, tensor } from "@bluedot/core";
import { DataLoader } from "@bluedot/data";
import { writeImage } from "@bluedot/data/image";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { datasets, Image, transforms } from "../index.ts";
import { downloadFile } from "./download.ts";

const { CIFAR10, CIFAR100, FakeData, FashionMNIST, ImageFolder, MNIST, parseIdx } = datasets;
const { Compose, Normalize, ToTensor } = transforms;

const folder = mkdtempSync(join(tmpdir(), "bluedot-vision-"));
afterAll(() => rmSync(folder, { recursive: true }));
const python = ["/usr/bin/python3", "python3"].find((command) => spawnSync(command, ["-c", "import numpy"]).status === 0);

const normalized = new Compose([new ToTensor(), new Normalize([0.5, 0.4, 0.3], [0.5, 0.25, 0.2])]);

describe("CIFAR10", () => {
  const root = join(folder, "cifar");
  const names = "airplane automobile bird cat deer dog frog horse ship truck".split(" ");

  beforeAll(() => {
    const bin = join(root, "cifar-10-batches-bin");
    mkdirSync(bin, { recursive: true });
    const bytes = new Uint8Array(10_000 * 3073);
    for (let i = 0; i < bytes.length; i++) bytes[i] = i % 3073 === 0 ? (i / 3073) % 10 : (i * 7) & 255;
    writeFileSync(join(bin, "test_batch.bin"), bytes);
    writeFileSync(join(bin, "batches.meta.txt"), `${names.join("\n")}\n\n`);
  });

  it("reads the binary layout: a label, then planes of red, green and blue", () => {
    const testset = new CIFAR10(root, { train: false });
    expect(testset.length).toBe(10_000);
    expect(testset.classes).toEqual(names);
    const [image, label] = testset.getItem(13);
    expect([label, image.mode, image.size]).toEqual([3, "RGB", [32, 32]]);
    const at = (channel: number, y: number, x: number) => ((13 * 3073 + 1 + channel * 1024 + y * 32 + x) * 7) & 255;
    expect(image.pixels.at(5, 9).tolist()).toEqual([at(0, 5, 9), at(1, 5, 9), at(2, 5, 9)]);
    expect(testset.data.shape).toEqual([10_000, 32, 32, 3]);
    expect(testset.getItem(-1)[1]).toBe(9);
    expect(() => testset.getItem(10_000)).toThrow("index 10000 is out of bounds for axis 0 with size 10000");
    expect(String(testset)).toBe(`Dataset CIFAR10\n    Number of datapoints: 10000\n    Root location: ${root}\n    Split: Test`);
  });

  it("makes batches at once that equal items stacked", () => {
    const testset = new CIFAR10(root, { train: false, transform: normalized });
    const [images, labels] = [...new DataLoader(testset, { batchSampler: [[5, 0, 9999]] })][0] as unknown as [Tensor, Tensor];
    const items = [5, 0, 9999].map((i) => testset.getItem(i) as unknown as [Tensor, number]);
    expect(images.shape).toEqual([3, 3, 32, 32]);
    expect(images.tolist()).toEqual(stack(items.map(([image]) => image)).tolist());
    expect([labels.dtype, labels.tolist()]).toEqual(["int64", [5, 0, 9]]);
    // A transform that draws random numbers is applied item by item.
    const random = new CIFAR10(root, { train: false, transform: new Compose([new transforms.RandomHorizontalFlip(), new ToTensor()]) });
    expect(random.getBatch([0])).toBeUndefined();
  });

  it("is quick", () => {
    const loader = new DataLoader(new CIFAR10(root, { train: false, transform: normalized }), { batchSize: 4, shuffle: true });
    for (const _ of loader) void _;
    const before = process.cpuUsage();
    let batches = 0;
    for (const _ of loader) batches++;
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / batches).toBeLessThan(500); // about 30 microseconds on an idle machine
  });

  it("says what to do when the data is not there, or damaged", () => {
    expect(() => new CIFAR10(root)).toThrow(
      /neither cifar-10-batches-bin nor cifar-10-batches-py is complete in .*await CIFAR10\.download\(root\)/,
    );
    expect(() => new CIFAR10(root, { download: true } as object)).toThrow("unknown option download");
    const bad = join(folder, "bad", "cifar-10-batches-bin");
    mkdirSync(bad, { recursive: true });
    writeFileSync(join(bad, "test_batch.bin"), new Uint8Array(100));
    writeFileSync(join(bad, "batches.meta.txt"), "a\n");
    expect(() => new CIFAR10(join(folder, "bad"), { train: false })).toThrow(/has only 100 bytes, expected 30730000: the file is damaged/);
  });

  it.skipIf(python === undefined)("reads the Python layout", () => {
    const py = join(folder, "py", "cifar-10-batches-py");
    const py100 = join(folder, "py", "cifar-100-python");
    for (const path of [py, py100]) mkdirSync(path, { recursive: true });
    execFileSync(python!, [
      "-c",
      `
import numpy as np, pickle, sys
data = (np.arange(2 * 3072) % 256).astype(np.uint8).reshape(2, 3072)
# protocol 2 with byte keys, as Python 2 wrote the originals
for name in ["test_batch"]: pickle.dump({b"data": data, b"labels": [3, 9], b"filenames": [b"a.png", b"b.png"], b"batch_label": b"x"}, open(sys.argv[1] + "/" + name, "wb"), protocol=2)
pickle.dump({b"label_names": [b"c%d" % i for i in range(10)], b"num_vis": 3072}, open(sys.argv[1] + "/batches.meta", "wb"), protocol=2)
pickle.dump({"data": data, "fine_labels": [3, 99], "coarse_labels": [0, 1]}, open(sys.argv[2] + "/test", "wb"))
pickle.dump({"fine_label_names": ["f%d" % i for i in range(100)]}, open(sys.argv[2] + "/meta", "wb"))
`,
      py,
      py100,
    ]);
    const testset = new CIFAR10(join(folder, "py"), { train: false });
    expect([testset.length, testset.targets, testset.classes[3]]).toEqual([2, [3, 9], "c3"]);
    expect(testset.getItem(1)[0].pixels.at(0, 1).tolist()).toEqual([1, 1, 1]);
    expect(new CIFAR100(join(folder, "py"), { train: false }).targets).toEqual([3, 99]);
  });
});

describe("MNIST", () => {
  const idx = (shape: number[], data: number[]) => {
    const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
    bytes.set([0, 0, 8, shape.length]);
    for (const [d, size] of shape.entries()) new DataView(bytes.buffer).setUint32(4 + 4 * d, size);
    bytes.set(data, 4 + 4 * shape.length);
    return bytes;
  };

  it("reads IDX files, gzipped or not, in either place", () => {
    const root = join(folder, "mnist");
    mkdirSync(join(root, "FashionMNIST", "raw"), { recursive: true });
    writeFileSync(join(root, "t10k-images-idx3-ubyte.gz"), gzipSync(idx([2, 2, 3], [...Array(12).keys()])));
    writeFileSync(join(root, "t10k-labels-idx1-ubyte"), idx([2], [7, 1]));
    for (const name of ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte"])
      writeFileSync(join(root, "FashionMNIST", "raw", name), readFileSync(join(root, name)));
    const testset = new MNIST(root, { train: false, transform: new ToTensor() });
    const [image, label] = testset.getItem(1);
    expect([image.shape, label]).toEqual([[1, 2, 3], 1]);
    expect(image.mul(255).round().tolist()).toEqual([
      [
        [6, 7, 8],
        [9, 10, 11],
      ],
    ]);
    expect(testset.data.shape).toEqual([2, 2, 3]);
    expect(new FashionMNIST(root, { train: false }).classes[7]).toBe("Sneaker");
    expect(() => new MNIST(root)).toThrow(/Dataset not found: train-images-idx3-ubyte is neither in .*await MNIST\.download\(root\)/);
  });

  it("refuses files that are not what they say", () => {
    expect(() => parseIdx(Uint8Array.of(1, 2, 3, 4))).toThrow("this is no IDX file");
    expect(() => parseIdx(idx([1000, 1000, 1000], [1]))).toThrow("needs 1000000000 bytes, the file has 1");
    expect(() => parseIdx(Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0))).toThrow("elements of IDX type 13 are not supported");
  });

  const shared = `${process.env["BLUEDOT_DATA"] ?? fileURLToPath(new URL("../../../../../shared/data", import.meta.url))}/mnist`;
  it.skipIf(!existsSync(shared))("reads the real test images", () => {
    const testset = new MNIST(shared, { train: false });
    expect([testset.length, testset.getItem(0)[0].size, testset.targets.at("0:5").tolist()]).toEqual([10_000, [28, 28], [7, 2, 1, 0, 4]]);
  });
});

describe("ImageFolder and FakeData", () => {
  it("finds classes by folder and reads pictures when asked", async () => {
    const root = join(folder, "pictures");
    for (const [name, value] of [
      ["dog", 200],
      ["cat", 100],
    ] as const) {
      mkdirSync(join(root, name), { recursive: true });
      await writeImage(join(root, name, "a.png"), fromTypedArray(new Uint8Array(12).fill(value), [2, 2, 3]));
      writeFileSync(join(root, name, "notes.txt"), "");
    }
    const pictures = new ImageFolder(root, { transform: new ToTensor() });
    expect([pictures.classes, pictures.targets]).toEqual([
      ["cat", "dog"],
      [0, 1],
    ]);
    for await (const [images, labels] of new DataLoader(pictures, { batchSize: 2, numWorkers: 2 })) {
      expect([images.shape, labels.tolist()]).toEqual([
        [2, 3, 2, 2],
        [0, 1],
      ]);
      expect(images.at(1, 0, 0, 0).item()).toBe(Math.fround(200 / 255));
    }
    mkdirSync(join(root, "empty"));
    expect(() => new ImageFolder(root)).toThrow("Found no valid file for the classes empty");
    expect(() => new ImageFolder(join(root, "empty"))).toThrow("Couldn't find any class folder");
  });

  it("fakes the same data every time", () => {
    const fake = new FakeData({ size: 3, imageSize: [3, 4, 5], numClasses: 4 });
    const [image, label] = fake.getItem(2);
    expect([image.size, image.pixels.tolist(), label]).toEqual([
      [5, 4],
      new FakeData({ size: 3, imageSize: [3, 4, 5], numClasses: 4 }).getItem(2)[0].pixels.tolist(),
      fake.getItem(2)[1],
    ]);
    expect(() => fake.getItem(3)).toThrow("FakeData index out of range");
  });

  it("pictures are uint8 with one to four channels", () => {
    expect(new Image(tensor([[1, 2]], { dtype: "uint8" })).mode).toBe("L");
    expect(() => new Image(tensor([[1, 2]]))).toThrow("pixels are float32[1, 2], expected uint8 [H, W] or [H, W, C]");
  });
});

describe("downloads", () => {
  const content = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
  const md5 = createHash("md5").update(content).digest("hex");
  const ranges: (string | undefined)[] = [];
  let server: Server;
  let url = "";

  beforeAll(async () => {
    server = createServer((request, response) => {
      ranges.push(request.headers.range);
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, { "content-length": content.length - from });
      response.end(content.subarray(from));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.bin`;
  });
  afterAll(() => server.close());

  it("fetches, continues what is there, and checks", async () => {
    const target = join(folder, "downloads");
    expect(readFileSync(await downloadFile({ urls: [url], md5 }, target)).equals(content)).toBe(true);
    await downloadFile({ urls: [url], md5 }, target);
    expect(ranges.length).toBe(1); // it was there already
    rmSync(join(target, "file.bin"));
    writeFileSync(join(target, "file.bin.part"), content.subarray(0, 2000));
    await downloadFile({ urls: [url], md5 }, target);
    expect(ranges.at(-1)).toBe("bytes=2000-");
    rmSync(join(target, "file.bin"));
    writeFileSync(join(target, "file.bin.part"), new Uint8Array(2000)); // of another version: begun anew
    await downloadFile({ urls: [url], md5 }, target);
    expect(readdirSync(target)).toEqual(["file.bin"]);
  });

  it("says what to do without network, and when the file is another one", async () => {
    const target = join(folder, "none");
    await expect(downloadFile({ urls: ["http://127.0.0.1:9/file.bin"], md5 }, target)).rejects.toThrow(
      /file\.bin could not be downloaded \(.*\)\. Where there is no network, fetch http:\/\/127\.0\.0\.1:9\/file\.bin on another machine and put it at .*none\/file\.bin/,
    );
    await expect(downloadFile({ urls: [url], md5: "0".repeat(32) }, target)).rejects.toThrow("the checksum is not 000");
    expect(readdirSync(target)).toEqual([]);
  });
});
