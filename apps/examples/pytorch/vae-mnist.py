"""The twin of src/vae-mnist.ts. usage: vae-mnist.py [--steps N] [--batch N], with BLUEDOT_DATA naming the folder of mnist/."""
import argparse, gzip, os, numpy, torch
import torch.nn as nn, torch.nn.functional as F

parser = argparse.ArgumentParser()
for name, value in (("steps", 5), ("batch", 128)):
    parser.add_argument(f"--{name}", type=int, default=value)
options = parser.parse_args()
steps, batch = options.steps, options.batch

packed = gzip.open(os.path.join(os.environ["BLUEDOT_DATA"], "mnist", "t10k-images-idx3-ubyte.gz")).read()
images = torch.from_numpy(numpy.frombuffer(packed, numpy.uint8, offset=16).copy()).view(-1, 1, 28, 28).float() / 255


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(784, 400)
        self.mean = nn.Linear(400, 20)
        self.log_variance = nn.Linear(400, 20)
        self.hidden = nn.Linear(20, 400)
        self.picture = nn.Linear(400, 784)

    def decode(self, z):
        return self.picture(self.hidden(z).relu()).sigmoid()

    def forward(self, x):
        h = self.encoder(x.flatten(1)).relu()
        mean, log_variance = self.mean(h), self.log_variance(h)
        noise = torch.randn_like(mean)
        return self.decode(mean + noise * (0.5 * log_variance).exp()), mean, log_variance


torch.manual_seed(0)
net = VAE()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images), batch_size=batch, shuffle=True, drop_last=True)
step = 0
while step < steps:
    for (x,) in loader:
        pictures, mean, log_variance = net(x)
        likeness = F.binary_cross_entropy(pictures, x.flatten(1), reduction="sum")
        divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum()
        loss = (likeness + divergence) / batch
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step < 5 or (step + 1) % 50 == 0:
            print(f"step {step} loss {loss.item():.5f}")
        step += 1
        if step == steps:
            break
