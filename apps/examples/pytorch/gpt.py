"""The twin of src/gpt.ts. usage: gpt.py [--steps N] [--batch N] [--context N], with BLUEDOT_DATA naming the data folder."""
import argparse, math, os, torch
import torch.nn as nn, torch.nn.functional as F

parser = argparse.ArgumentParser()
for name, value in (("steps", 5), ("batch", 16), ("context", 64)):
    parser.add_argument(f"--{name}", type=int, default=value)
options = parser.parse_args()
steps, batch, context = options.steps, options.batch, options.context
layers, heads, width = 4, 4, 128


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.ln2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x):
        N, T, _ = x.shape
        q, k, v = self.qkv(self.ln1(x)).view(N, T, 3, heads, width // heads).permute(2, 0, 3, 1, 4).unbind(0)
        scores = q @ k.transpose(-2, -1) / math.sqrt(width // heads)
        scores = scores.masked_fill(~torch.ones(T, T, dtype=torch.bool).tril(), -math.inf)
        y = scores.softmax(-1) @ v
        x = x + self.proj(y.transpose(1, 2).reshape(N, T, width))
        return x + self.down(F.gelu(self.up(self.ln2(x)), approximate="tanh"))


class GPT(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(context, width)
        self.blocks = nn.ModuleList([Block() for _ in range(layers)])
        self.ln = nn.LayerNorm(width)
        self.apply(self.initialise)

    def initialise(self, module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, 0, 0.02)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)

    def forward(self, x):
        h = self.tokens(x) + self.positions(torch.arange(x.shape[1]))
        for block in self.blocks:
            h = block(h)
        return F.linear(self.ln(h), self.tokens.weight)


torch.manual_seed(0)
text = open(os.path.join(os.environ["BLUEDOT_DATA"], "1342-0.txt"), encoding="utf-8", newline="").read()
characters = sorted(set(text))
numbers = {c: i for i, c in enumerate(characters)}
data = torch.tensor([numbers[c] for c in text])
net = GPT(len(characters))
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, betas=(0.9, 0.95), weight_decay=0.1)
print(f"{len(data)} characters, {len(characters)} different; {sum(p.numel() for p in net.parameters())} parameters")
for step in range(steps):
    starts = torch.randint(len(data) - context, (batch, 1))
    windows = data[starts + torch.arange(context + 1)]
    logits = net(windows[:, :-1])
    loss = F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1)
    optimizer.step()
    if step < 5 or (step + 1) % 50 == 0:
        print(f"step {step} loss {loss.item():.5f}")
