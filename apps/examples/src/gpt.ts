// A small GPT-2 learns to write like Jane Austen, character by character: 4 layers, 128 wide, 4 heads.
// pytorch/gpt.py is the same program; its first losses stand in pytorch/losses.json.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as torch from "bluedot";
import { io, nn, optim, type Tensor } from "bluedot";

const F = nn.functional;
const { values: options } = parseArgs({
  options: {
    steps: { type: "string", default: "1000" },
    batch: { type: "string", default: "16" },
    context: { type: "string", default: "64" },
    sample: { type: "string", default: "300" },
  },
});
const [steps, batch, context, sample] = [options.steps, options.batch, options.context, options.sample].map(Number) as [
  number,
  number,
  number,
  number,
];
const [layers, heads, width] = [4, 4, 128];

torch.manualSeed(0);
const text = readFileSync(io.dataPath("1342-0.txt"), "utf8");
const characters = [...new Set(text)].sort();
const numbers = new Map(characters.map((c, i) => [c, i]));
const data = torch.tensor(
  [...text].map((c) => numbers.get(c)!),
  { dtype: "int64" },
);

class Block extends nn.Module {
  ln1 = new nn.LayerNorm(width);
  qkv = new nn.Linear(width, 3 * width);
  proj = new nn.Linear(width, width);
  ln2 = new nn.LayerNorm(width);
  up = new nn.Linear(width, 4 * width);
  down = new nn.Linear(4 * width, width);

  override forward(x: Tensor): Tensor {
    const [N, T] = x.shape as [number, number];
    const parts = this.qkv(this.ln1(x))
      .view(N, T, 3, heads, width / heads)
      .permute(2, 0, 3, 1, 4); // [3, N, heads, T, width / heads]
    const [q, k, v] = parts.unbind(0) as [Tensor, Tensor, Tensor];
    const y = F.scaledDotProductAttention(q, k, v, { isCausal: true });
    x = x.add(this.proj(y.transpose(1, 2).reshape(N, T, width)));
    return x.add(this.down(F.gelu(this.up(this.ln2(x)), { approximate: "tanh" })));
  }
}

class GPT extends nn.Module {
  tokens = new nn.Embedding(characters.length, width);
  positions = new nn.Embedding(context, width);
  blocks = new nn.ModuleList(Array.from({ length: layers }, () => new Block()));
  ln = new nn.LayerNorm(width);

  constructor() {
    super();
    // GPT-2's initial values: narrow normal weights, no bias.
    this.apply((module) => {
      if (module instanceof nn.Linear || module instanceof nn.Embedding) nn.init.normal_(module.weight, 0, 0.02);
      if (module instanceof nn.Linear) nn.init.zeros_(module.bias!);
    });
  }

  override forward(x: Tensor): Tensor {
    let h = this.tokens(x).add(this.positions(torch.arange(x.size(1)))); // [N, T] -> [N, T, width]
    for (const block of this.blocks) h = (block as Block)(h);
    return F.linear(this.ln(h), this.tokens.weight); // [N, T, vocabulary]
  }
}

const net = new GPT();
const optimizer = new optim.AdamW(net.parameters(), { lr: 1e-3, betas: [0.9, 0.95], weightDecay: 0.1 });
console.log(
  `${data.numel()} characters, ${characters.length} different; ${net.parameters().reduce((n, p) => n + p.numel(), 0)} parameters`,
);

const places = torch.arange(context + 1);
for (let step = 0; step < steps; step++) {
  const starts = torch.randint(data.numel() - context, [batch, 1]);
  const windows = data.at(starts.add(places)); // [batch, context + 1]
  const logits = net(windows.at(":", ":-1"));
  const loss = F.crossEntropy(logits.flatten(0, 1), windows.at(":", "1:").flatten());
  optimizer.zeroGrad();
  loss.backward();
  nn.utils.clipGradNorm_(net.parameters(), 1);
  optimizer.step();
  if (step < 5 || (step + 1) % 50 === 0) console.log(`step ${step} loss ${loss.item().toFixed(5)}`);
}

torch.noGrad(() => {
  let written = torch.tensor([[numbers.get("\n")!]], { dtype: "int64" });
  for (let i = 0; i < sample; i++) {
    const seen = written.narrow(1, Math.max(0, written.size(1) - context), Math.min(context, written.size(1)));
    const next = torch.multinomial(net(seen).select(1, -1).softmax(-1), 1);
    written = torch.cat([written, next], 1);
  }
  console.log((written.flatten().tolist() as number[]).map((i) => characters[i]).join(""));
});
