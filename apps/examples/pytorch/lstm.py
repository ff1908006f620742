"""The twin of src/lstm.ts. usage: lstm.py [--steps N] [--batch N] [--length N], with BLUEDOT_DATA naming the data folder."""
import argparse, os, torch
import torch.nn as nn, torch.nn.functional as F

parser = argparse.ArgumentParser()
for name, value in (("steps", 5), ("batch", 32), ("length", 50)):
    parser.add_argument(f"--{name}", type=int, default=value)
options = parser.parse_args()
steps, batch, length = options.steps, options.batch, options.length
layers, width = 2, 128

torch.manual_seed(0)
text = open(os.path.join(os.environ["BLUEDOT_DATA"], "1342-0.txt"), encoding="utf-8", newline="").read()
characters = sorted(set(text))
numbers = {c: i for i, c in enumerate(characters)}
data = torch.tensor([numbers[c] for c in text])
columns = len(data) // batch
rows = data[: columns * batch].view(batch, columns)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(characters), 64)
        self.lstm = nn.LSTM(64, width, layers, batch_first=True)
        self.head = nn.Linear(width, len(characters))

    def forward(self, x, state):
        out, state = self.lstm(self.embedding(x), state)
        return self.head(out), state


def start(n):
    return torch.zeros(layers, n, width), torch.zeros(layers, n, width)


net = Model()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
print(f"{len(data)} characters, {len(characters)} different; {sum(p.numel() for p in net.parameters())} parameters")
state, at = start(batch), 0
for step in range(steps):
    if at + length + 1 > columns:
        state, at = start(batch), 0
    x, y = rows[:, at : at + length], rows[:, at + 1 : at + 1 + length]
    at += length
    logits, state = net(x, state)
    loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1)
    optimizer.step()
    state = tuple(s.detach() for s in state)
    if step < 5 or (step + 1) % 50 == 0:
        print(f"step {step} loss {loss.item():.5f}")
