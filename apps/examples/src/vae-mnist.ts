// A variational autoencoder (Kingma and Welling, 2013) learns to draw digits from the 10,000 test pictures of MNIST.
// pytorch/vae-mnist.py is the same program; its first losses stand in pytorch/losses.json.
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import * as torch from "bluedot";
import { io, nn, optim, type Tensor, utils, vision } from "bluedot";

const F = nn.functional;
const { values: options } = parseArgs({
  options: {
    steps: { type: "string", default: "1500" },
    batch: { type: "string", default: "128" },
    pictures: { type: "string", default: "pictures" },
  },
});
const [steps, batch] = [options.steps, options.batch].map(Number) as [number, number];

const file = io.dataPath("mnist/t10k-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte.gz", "MNIST/raw/t10k-images-idx3-ubyte");
const root = file.includes("MNIST") ? dirname(dirname(dirname(file))) : dirname(file);
if (!existsSync(file)) await vision.datasets.MNIST.download(root);
const dataset = new vision.datasets.MNIST(root, { train: false, transform: new vision.transforms.ToTensor() });

class VAE extends nn.Module {
  encoder = new nn.Linear(784, 400);
  mean = new nn.Linear(400, 20);
  logVariance = new nn.Linear(400, 20);
  hidden = new nn.Linear(20, 400);
  picture = new nn.Linear(400, 784);

  decode(z: Tensor): Tensor {
    return this.picture(this.hidden(z).relu()).sigmoid(); // [N, 20] -> [N, 784]
  }

  override forward(x: Tensor): [picture: Tensor, mean: Tensor, logVariance: Tensor] {
    const h = this.encoder(x.flatten(1)).relu(); // [N, 1, 28, 28] -> [N, 400]
    const [mean, logVariance] = [this.mean(h), this.logVariance(h)];
    const noise = torch.randnLike(mean);
    return [this.decode(mean.add(noise.mul(logVariance.mul(0.5).exp()))), mean, logVariance];
  }
}

torch.manualSeed(0);
const net = new VAE();
const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3 });
const loader = new utils.data.DataLoader<[Tensor, number], [Tensor, Tensor]>(dataset, { batchSize: batch, shuffle: true, dropLast: true });

let step = 0;
while (step < steps) {
  for (const [images] of loader) {
    const [pictures, mean, logVariance] = net(images);
    const likeness = F.binaryCrossEntropy(pictures, images.flatten(1), { reduction: "sum" });
    const divergence = logVariance.add(1).sub(mean.square()).sub(logVariance.exp()).sum().mul(-0.5);
    const loss = likeness.add(divergence).div(batch);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (step < 5 || (step + 1) % 50 === 0) console.log(`step ${step} loss ${loss.item().toFixed(5)}`);
    if (++step === steps) break;
  }
}

mkdirSync(options.pictures, { recursive: true });
const drawn = torch.noGrad(() => net.decode(torch.randn(64, 20)).view(64, 1, 28, 28));
await vision.utils.saveImage(drawn, join(options.pictures, "vae-digits.png"), { nrow: 8 });
