// A ResNet-18 with the small first layer that suits small pictures learns CIFAR-10.
// pytorch/resnet18-cifar10.py is the same program; its first losses stand in pytorch/losses.json.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import * as torch from "bluedot";
import { io, nn, optim, type Tensor, utils, vision } from "bluedot";

const { transforms } = vision;
const { values: options } = parseArgs({
  options: { steps: { type: "string", default: "2000" }, batch: { type: "string", default: "32" } },
});
const [steps, batch] = [options.steps, options.batch].map(Number) as [number, number];

const folder = io.dataPath("cifar-10-batches-bin", "cifar10/cifar-10-batches-bin", "cifar-10-batches-py", "cifar10/cifar-10-batches-py");
const root = dirname(folder);
if (!existsSync(folder)) await vision.datasets.CIFAR10.download(root);
const transform = new transforms.Compose([
  new transforms.ToTensor(),
  new transforms.Normalize([0.4914, 0.4822, 0.4465], [0.247, 0.2435, 0.2616]),
]);
const trainset = new vision.datasets.CIFAR10(root, { train: true, transform });
const testset = new vision.datasets.CIFAR10(root, { train: false, transform });

torch.manualSeed(0);
const net = vision.models.resnet18({ numClasses: 10 });
net.conv1 = new nn.Conv2d(3, 64, 3, { padding: 1, bias: false });
net.addModule("maxpool", new nn.Identity());
const criterion = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(net.parameters(), { lr: 0.005, momentum: 0.9, weightDecay: 5e-4 });
// The rate rises first: large steps from random weights magnify every rounding.
const scheduler = new optim.lrScheduler.OneCycleLR(optimizer, { maxLr: 0.02, totalSteps: Math.max(steps, 2000) });
const loader = new utils.data.DataLoader<[Tensor, number], [Tensor, Tensor]>(trainset, { batchSize: batch, shuffle: true, dropLast: true });

let step = 0;
while (step < steps) {
  for (const [images, labels] of loader) {
    const loss = criterion(net(images), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    scheduler.step();
    if (step < 5 || (step + 1) % 50 === 0) console.log(`step ${step} loss ${loss.item().toFixed(5)}`);
    if (++step === steps) break;
  }
}

// How often it is right about 20 batches that it has not seen.
net.eval();
let [right, seen] = [0, 0];
torch.noGrad(() => {
  for (const [images, labels] of new utils.data.DataLoader<[Tensor, number], [Tensor, Tensor]>(testset, { batchSize: batch })) {
    right += net(images).argmax(1).eq(labels).sum().item();
    seen += labels.numel();
    if (seen >= 20 * batch) break;
  }
});
console.log(`accuracy ${((100 * right) / seen).toFixed(1)} % of ${seen} test pictures`);
