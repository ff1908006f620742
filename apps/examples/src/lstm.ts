// A two-layer LSTM learns to continue English text, character by character, with its state carried from batch to batch.
// pytorch/lstm.py is the same program; its first losses stand in pytorch/losses.json.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as torch from "bluedot";
import { io, nn, optim, type Tensor } from "bluedot";

const F = nn.functional;
const { values: options } = parseArgs({
  options: {
    steps: { type: "string", default: "1000" },
    batch: { type: "string", default: "32" },
    length: { type: "string", default: "50" },
    sample: { type: "string", default: "300" },
  },
});
const [steps, batch, length, sample] = [options.steps, options.batch, options.length, options.sample].map(Number) as [
  number,
  number,
  number,
  number,
];
const [layers, width] = [2, 128];

torch.manualSeed(0);
const text = readFileSync(io.dataPath("1342-0.txt"), "utf8");
const characters = [...new Set(text)].sort();
const numbers = new Map(characters.map((c, i) => [c, i]));
const data = torch.tensor(
  [...text].map((c) => numbers.get(c)!),
  { dtype: "int64" },
);
// Each row of the batch reads its own stretch of the book.
const columns = Math.floor(data.numel() / batch);
const rows = data.narrow(0, 0, columns * batch).view(batch, columns);

type State = [h: Tensor, c: Tensor]; // each [layers, batch, width]

class Model extends nn.Module {
  embedding = new nn.Embedding(characters.length, 64);
  lstm = new nn.LSTM(64, width, layers, { batchFirst: true });
  head = new nn.Linear(width, characters.length);

  override forward(x: Tensor, state: State): [Tensor, State] {
    const [out, next] = this.lstm(this.embedding(x), state); // [batch, length] -> [batch, length, width]
    return [this.head(out), next];
  }
}

const start = (n: number): State => [torch.zeros(layers, n, width), torch.zeros(layers, n, width)];
const net = new Model();
const optimizer = new optim.Adam(net.parameters(), { lr: 2e-3 });
console.log(
  `${data.numel()} characters, ${characters.length} different; ${net.parameters().reduce((n, p) => n + p.numel(), 0)} parameters`,
);

let state = start(batch);
let at = 0;
for (let step = 0; step < steps; step++) {
  if (at + length + 1 > columns) [at, state] = [0, start(batch)];
  const x = rows.narrow(1, at, length);
  const y = rows.narrow(1, at + 1, length);
  at += length;
  const [logits, next] = net(x, state);
  const loss = F.crossEntropy(logits.flatten(0, 1), y.flatten());
  optimizer.zeroGrad();
  loss.backward();
  nn.utils.clipGradNorm_(net.parameters(), 1);
  optimizer.step();
  state = [next[0].detach(), next[1].detach()];
  if (step < 5 || (step + 1) % 50 === 0) console.log(`step ${step} loss ${loss.item().toFixed(5)}`);
}

torch.noGrad(() => {
  let letter = torch.tensor([[numbers.get("\n")!]], { dtype: "int64" });
  let memory = start(1);
  let written = "";
  for (let i = 0; i < sample; i++) {
    const [logits, next] = net(letter, memory);
    letter = torch.multinomial(logits.at(0, -1).softmax(-1), 1).view(1, 1);
    memory = next;
    written += characters[letter.item()]!;
  }
  console.log(written);
});
