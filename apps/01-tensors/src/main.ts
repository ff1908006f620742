// Chapter 1 of the course: tensors. Every snippet in order, seeded so that the output is reproducible.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as torch from "bluedot";
import { io } from "bluedot";

torch.manualSeed(0);

function show(title: string, ...values: readonly unknown[]): void {
  console.log(`# ${title}`);
  for (const value of values) console.log(Array.isArray(value) ? `(${value.join(", ")})` : String(value));
}

show("special", torch.ones(3), torch.ones(2, 3), torch.zeros(2), torch.zeros(2, 3, 4), torch.eye(3), torch.eye(3, 4));
show(
  "from lists",
  torch.tensor([1n, 2n, 3n, 4n]),
  torch.tensor([
    [1n, 1n, 1n, 1n],
    [2n, 2n, 2n, 2n],
  ]),
);
show(
  "from arrays",
  torch.tensor(BigInt64Array.of(1n, 2n, 3n, 4n)),
  torch.tensor([BigInt64Array.of(1n, 2n, 3n, 4n), BigInt64Array.of(2n, 3n, 4n, 5n)]),
  torch.tensor([1, 2, 3], { dtype: torch.int64 }),
);
show("filled", torch.full([2, 3], 3.14));
show("random", torch.rand(2, 2), torch.randn(3, 3, 4), torch.normal(2, 3, [2, 3]));
show("ranges", torch.arange(0, 10, 2), torch.linspace(0, 10, 5));

// Named dimensions follow the tensor through reductions.
const imgs = torch.randn(2, 3, 30, 30, { names: ["batch", "channel", "height", "width"] });
show("named", imgs.names);
const swapped = imgs.alignTo("channel", "batch", "height", "width");
show("align_to", swapped.shape, swapped.names);
const [maxValues, maxIndices] = imgs.max("width");
const means = imgs.mean(["height", "width"]);
show("named reductions", maxValues.shape, maxValues.names, maxIndices.shape, maxIndices.names, means.shape, means.names, means);

// A tensor is a storage and the layout by which it is read.
const a = torch.rand(3, 3);
show("size", a.size(), a.at(0).size());
show("storage_offset", a.storageOffset(), a.at(1).storageOffset(), a.at(1).at(1).storageOffset());
show("stride", a.stride(), a.at(0).stride(), a.at(0).at(0).stride());

let t = torch.rand(2, 3);
const transposed = t.t();
const copied = transposed.contiguous();
show(
  "contiguity",
  t.isContiguous(),
  transposed.isContiguous(),
  copied.isContiguous(),
  t.dataPtr() === transposed.dataPtr(),
  t.dataPtr() === copied.dataPtr(),
  transposed.stride(),
  copied.stride(),
);

t = torch.rand(3, 4);
show("indexing", t, t.at(":"), t.at(":", 1), t.at(":", "1:2"), t.at("1:3", ":2"));

const folder = mkdtempSync(join(tmpdir(), "bluedot-"));
t = torch.rand(2, 3);
torch.save(t, join(folder, "data.bdd"));
show("save and load", t, torch.load(join(folder, "data.bdd")));

t = torch.rand(2, 3);
const written = await io.hdf5.open(join(folder, "hdf5_data.hdf5"), "w");
written.createDataset("coords", { data: t });
written.close();
const read = await io.hdf5.open(join(folder, "hdf5_data.hdf5"), "r");
show("hdf5", t, read.dataset("coords").at(":"));
read.close();
rmSync(folder, { recursive: true });

t = torch.arange(12, { dtype: torch.float32 }).view(3, 4);
show("view", t.view(2, 3, 2), torch.empty(2, 3).shape);
t = torch.zeros(2, 3);
show("out of place", t.add(1), t);
show("in place", t.add_(1), t);
const s = torch.zeros(2, 3).at(0).at(0);
show("item", s, s.item(), torch.arange(4).at(1).item());
t = torch.tensor([
  [1, -2],
  [3, -4],
]);
show("pointwise and reductions", t.t(), t.abs(), t.cos(), t.mean(), t.std(), t.norm());
