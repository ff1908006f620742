import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import "@bluedot/autograd";
import { type Tensor, tensor } from "@bluedot/core";
import { unzipSync } from "fflate";
import { afterAll, describe, expect, it } from "vitest";
import { isTuple, load, loadBytes, npy, PicklingError, safetensors, save, saveBytes, tuple, UnpicklingError } from "./index.ts";
import { zipStored } from "./zip-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "bluedot-serialize-"));
afterAll(() => rmSync(folder, { recursive: true }));

const python = ["/usr/bin/python3", "python3"].find((command) => spawnSync(command, ["-c", "import torch"]).status === 0);
const shared = fileURLToPath(new URL("../../../../shared/", import.meta.url));

const values = (x: unknown) => (x as Tensor).tolist();

describe("save and load", () => {
  it("round trips data of every kind", () => {
    const value = new Map<unknown, unknown>([
      ["numbers", [0, -1, 255, 256, 65536, -(2 ** 31), 2 ** 40, 2 ** 53 - 1, 0.5, -0, Number.POSITIVE_INFINITY, 1e300]],
      ["big", [2n ** 62n, -(2n ** 63n), 2n ** 100n, -(2n ** 2100n), -128n, 128n, -129n, 255n]],
      ["text", ["", "日本語", "😀", "a\nb"]],
      ["flags", [true, false, null]],
      ["bytes", [Uint8Array.of(0, 1, 255), new Uint8Array(0)]],
      [5, { nested: { deep: [] } }],
      ["pair", tuple(1, tuple("x"), tuple())],
      ["set", new Set([1, "two"])],
    ]);
    const back = loadBytes(saveBytes(value)) as Map<unknown, unknown>;
    expect(back.get("numbers")).toEqual(value.get("numbers"));
    expect(back.get("big")).toEqual([2n ** 62n, -(2n ** 63n), 2n ** 100n, -(2n ** 2100n), -128, 128, -129, 255]);
    expect(back.get("text")).toEqual(value.get("text"));
    expect(back.get("flags")).toEqual([true, false, null]);
    expect(back.get("bytes")).toEqual([Uint8Array.of(0, 1, 255), new Uint8Array(0)]);
    expect(back.get(5)).toEqual(new Map([["nested", new Map([["deep", []]])]]));
    expect(back.get("pair")).toEqual([1, ["x"], []]);
    expect(isTuple(back.get("pair"))).toBe(true);
    expect(back.get("set")).toEqual(new Set([1, "two"]));
    expect([...back.keys()]).toEqual([...value.keys()]);
  });

  it("keeps dtypes, strides, offsets and shared storage", () => {
    const base = tensor([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    const [a, t, row, other] = loadBytes(saveBytes([base, base.t(), base.select(0, 1), tensor([7n])])) as [Tensor, Tensor, Tensor, Tensor];
    expect(a.storage).toBe(t.storage);
    expect(row.storage).toBe(a.storage);
    expect(t.stride()).toEqual([1, 3]);
    expect(row.storageOffset()).toBe(3);
    expect(values(t)).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect([other.dtype, values(other)]).toEqual(["int64", [7]]);
    const all = (["float64", "float16", "bfloat16", "int8", "uint8", "int16", "int32", "bool"] as const).map((dtype) =>
      tensor([0, 1, 1], { dtype }),
    );
    const loaded = loadBytes(saveBytes(all)) as Tensor[];
    expect(loaded.map(({ dtype }) => dtype)).toEqual(all.map(({ dtype }) => dtype));
    expect(loaded.map(values)).toEqual(all.map(values));
  });

  it("keeps one object one object, also in cycles", () => {
    const shared: unknown[] = [1];
    const cycle: unknown[] = [shared, shared];
    cycle.push(tuple(cycle));
    const back = loadBytes(saveBytes(cycle)) as [unknown[], unknown[], [unknown]];
    expect(back[0]).toBe(back[1]);
    expect(back[2][0]).toBe(back);
  });

  it("lays records out as PyTorch does, aligned to 64 bytes", () => {
    const bytes = saveBytes(new Map([["weight", tensor([1.5, 2.5])]]));
    expect(Object.keys(unzipSync(bytes))).toEqual(["archive/data.pkl", "archive/data/0", "archive/version", "archive/byteorder"]);
    const at = bytes.findIndex(
      (_, i) =>
        new DataView(bytes.buffer, bytes.byteOffset + i, 8).getFloat64(0, true) === new Float64Array(Float32Array.of(1.5, 2.5).buffer)[0],
    );
    expect(at % 64).toBe(0);
  });

  it("refuses what is no data, by its path", () => {
    class Net {}
    expect(() => saveBytes({ a: [1, new Net()] })).toThrow("save: value.a[1] is an instance of Net");
    expect(() => saveBytes([() => 1])).toThrow("value[0] is a function or module");
    expect(() => saveBytes(new Map([["x", undefined]]))).toThrow("value.x is undefined");
    expect(() => saveBytes(Float32Array.of(1))).toThrow("make it a tensor with fromTypedArray");
    let deep: unknown = [];
    for (let i = 0; i < 1000; i++) deep = [deep];
    expect(() => saveBytes(deep)).toThrow(PicklingError);
  });

  it("writes whole files or none", () => {
    const path = join(folder, "x.pt");
    save([1], path);
    expect(() => save([Symbol("s")], path)).toThrow(PicklingError);
    expect(load(path)).toEqual([1]);
    expect(load(new URL(`file://${path}`))).toEqual([1]);
    expect(readdirSync(folder)).toEqual(["x.pt"]);
    expect(() => load(path, { device: "cuda" } as object)).toThrow("load: unknown option device");
  });

  it("names the global that it refuses", () => {
    const bytes = zipStored(new Map([["archive/data.pkl", Uint8Array.of(0x80, 2, ...new TextEncoder().encode("cos\nsystem\n."))]]));
    expect(() => loadBytes(bytes)).toThrow(/Unsupported global: GLOBAL os\.system/);
  });

  it("notices damage and cuts", () => {
    const bytes = saveBytes(tensor([1, 2, 3]));
    const damaged = bytes.slice();
    damaged[damaged.findIndex((_, i) => i % 64 === 0 && i > 64 && damaged[i + 2] === 0x80 && damaged[i + 3] === 0x3f)]! ^= 1;
    expect(() => loadBytes(damaged)).toThrow("CRC-32");
    for (let end = 0; end < bytes.length; end += 7) expect(() => loadBytes(bytes.subarray(0, end))).toThrow(UnpicklingError);
  });

  it("does not let small pickles make large copies again and again", () => {
    // A text of 40,000 characters, encoded to bytes 10,000 times: 400 MB from 100 kB.
    const chunks = [
      Uint8Array.of(0x80, 2, 0x28),
      Uint8Array.of(0x58, 0x40, 0x9c, 0, 0),
      new Uint8Array(40000).fill(97),
      Uint8Array.of(0x71, 0),
    ];
    for (let i = 0; i < 10_000; i++)
      chunks.push(new TextEncoder().encode("c_codecs\nencode\nh\0X\x06\0\0\0latin1"), Uint8Array.of(0x86, 0x52));
    chunks.push(new TextEncoder().encode("l."));
    expect(() => loadBytes(zipStored(new Map([["a/data.pkl", Uint8Array.from(Buffer.concat(chunks))]])))).toThrow("far beyond the size");
  });
});

describe.skipIf(python === undefined)("with real PyTorch", () => {
  const run = (code: string) => execFileSync(python!, ["-c", code], { encoding: "utf8", cwd: folder });

  it("reads what we write", () => {
    const weight = tensor([
      [1, 2],
      [3, 4],
    ]);
    weight.requiresGrad = true;
    save(
      new Map<string, unknown>([
        ["w", weight],
        ["wt", weight.detach().t()],
        ["n", [1, 2.5, 2n ** 70n, null, true, tuple(1, "é")]],
        ["b", Uint8Array.of(1, 255)],
        ["h", tensor([0.5], { dtype: "bfloat16" })],
      ]),
      join(folder, "ours.pt"),
    );
    expect(
      run(`
import torch
d = torch.load("ours.pt")
print(type(d).__name__, d["w"].tolist(), d["w"].requires_grad, d["wt"].stride(), d["w"].data_ptr() == d["wt"].data_ptr(), d["n"], d["b"], d["h"].dtype)
print(torch.load("ours.pt", weights_only=False)["h"])`),
    ).toBe(
      "OrderedDict [[1.0, 2.0], [3.0, 4.0]] True (1, 2) True [1, 2.5, 1180591620717411303424, None, True, (1, 'é')] b'\\x01\\xff' torch.bfloat16\ntensor([0.5000], dtype=torch.bfloat16)\n",
    );
  });

  it("writes what we read, in both formats", () => {
    run(`
import torch
x = torch.arange(6.).reshape(2, 3)
v = {"x": x, "row": x[1], "p": torch.nn.Parameter(torch.ones(2)), "sd": torch.nn.Linear(2, 1).state_dict(), "i": torch.tensor([1, -2], dtype=torch.int16), "c": torch.tensor([1+2j])}
torch.save(v, "theirs.pt"); torch.save(v, "legacy.pt", _use_new_zipfile_serialization=False)`);
    for (const file of ["theirs.pt", "legacy.pt"]) {
      const value = load(join(folder, file)) as Map<string, Tensor>;
      expect(values(value.get("row"))).toEqual([3, 4, 5]);
      expect(value.get("row")!.storage).toBe(value.get("x")!.storage);
      expect(value.get("p")!.requiresGrad).toBe(true);
      const state = value.get("sd") as unknown as Map<string, Tensor> & { _metadata: Map<string, unknown> };
      expect([...state.keys()]).toEqual(["weight", "bias"]);
      expect(state._metadata.get("")).toEqual(new Map([["version", 1]]));
      expect([value.get("i")!.dtype, values(value.get("i"))]).toEqual(["int16", [1, -2]]);
      expect(value.get("c")!.dtype).toBe("complex64");
    }
  });

  it("exchanges .npy and .npz files", () => {
    npy.save(
      join(folder, "a.npy"),
      tensor([
        [1, 2],
        [3, 4],
      ]).t(),
    );
    npy.saveNpz(join(folder, "a.npz"), { x: tensor([1n, 2n]), y: tensor([true]) });
    expect(
      run(`
import numpy as np
print(np.load("a.npy").tolist(), np.load("a.npy").dtype, {k: (v.tolist(), str(v.dtype)) for k, v in np.load("a.npz").items()})
np.save("f.npy", np.asfortranarray(np.arange(6, dtype="float32").reshape(2, 3)))
np.savez_compressed("c.npz", x=np.arange(3), y=np.zeros((2, 0)))`),
    ).toBe("[[1.0, 3.0], [2.0, 4.0]] float32 {'x': ([1, 2], 'int64'), 'y': ([True], 'bool')}\n");
    expect(values(npy.load(join(folder, "f.npy")))).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect([...npy.loadNpz(join(folder, "c.npz"))].map(([name, x]) => [name, x.dtype, x.shape])).toEqual([
      ["x", "int64", [3]],
      ["y", "float64", [2, 0]],
    ]);
  });
});

describe.skipIf(!existsSync(shared))("files of the course", () => {
  it("loads the trained network and the book's files", () => {
    const net = load(`${shared}tutorial/cifar_net.pth`) as Map<string, Tensor>;
    expect([...net].map(([name, x]) => [name, ...x.shape])).toEqual([
      ["conv1.weight", 6, 3, 5, 5],
      ["conv1.bias", 6],
      ["conv2.weight", 16, 6, 5, 5],
      ["conv2.bias", 16],
      ["fc1.weight", 120, 400],
      ["fc1.bias", 120],
      ["fc2.weight", 84, 120],
      ["fc2.bias", 84],
      ["fc3.weight", 10, 84],
      ["fc3.bias", 10],
    ]);
    expect([...(load(`${shared}data/dlwpt/mnist.pth`) as Map<string, Tensor>).keys()].slice(0, 2)).toEqual(["conv1.weight", "conv1.bias"]);
    expect((load(`${shared}data/dlwpt/ourpoints.t`) as Tensor).shape).toEqual([3, 4]);
  });
});

describe("safetensors", () => {
  it("round trips tensors and metadata", () => {
    const path = join(folder, "a.safetensors");
    safetensors.save(
      new Map([
        [
          "w",
          tensor([
            [1, 2],
            [3, 4],
          ]).t(),
        ],
        ["b", tensor([1], { dtype: "bool" })],
        ["__proto__", tensor([5n])],
      ]),
      path,
      { format: "pt" },
    );
    const back = safetensors.load(path);
    expect([...back].map(([name, x]) => [name, x.dtype, values(x)])).toEqual([
      ["__proto__", "int64", [5]],
      [
        "w",
        "float32",
        [
          [1, 3],
          [2, 4],
        ],
      ],
      ["b", "bool", [true]],
    ]);
    expect(safetensors.loadMetadata(path)).toEqual(new Map([["format", "pt"]]));
  });

  it("refuses headers that lie", () => {
    const file = (header: string, data = 0) => {
      const bytes = new Uint8Array(8 + header.length + data);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
      bytes.set(new TextEncoder().encode(header), 8);
      return bytes;
    };
    expect(() => safetensors.load(new Uint8Array(4))).toThrow("header too small");
    expect(() => safetensors.load(file("{x"))).toThrow("it is not JSON");
    expect(() => safetensors.load(file('{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}'))).toThrow(
      "tensors cover 4398046511104 of 0 bytes",
    );
    expect(() => safetensors.load(file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4))).toThrow("needs 8 bytes");
    expect(() => safetensors.load(file('{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}', 4))).toThrow("invalid offset");
    expect(() => safetensors.load(file('{"a":{"dtype":"constructor","shape":[],"data_offsets":[0,4]}}', 4))).toThrow(
      "has dtype constructor",
    );
  });
});
