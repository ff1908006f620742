// Chapter 4 of the course: a small convolutional network learns CIFAR-10.
// Everything random follows manualSeed(0), in the order of this program.
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import * as torch from "bluedot";
import { io, nn, optim, plot, type Tensor, utils, vision } from "bluedot";
import { Shapes } from "./shapes.ts";

const { DataLoader } = utils.data;
const F = nn.functional;
const { values: options } = parseArgs({
  options: { epochs: { type: "string", default: "2" }, pictures: { type: "string", default: "pictures" } },
});
const epochs = Number(options.epochs);
mkdirSync(options.pictures, { recursive: true });
torch.manualSeed(0);

class Net extends nn.Module {
  conv1 = new nn.Conv2d(3, 6, 5);
  pool = new nn.MaxPool2d(2, 2);
  conv2 = new nn.Conv2d(6, 16, 5);
  fc1 = new nn.Linear(16 * 5 * 5, 120);
  fc2 = new nn.Linear(120, 84);
  fc3 = new nn.Linear(84, 10);

  override forward(x: Tensor): Tensor {
    x = this.pool(F.relu(this.conv1(x))); // [N, 6, 14, 14]
    x = this.pool(F.relu(this.conv2(x))); // [N, 16, 5, 5]
    x = torch.flatten(x, 1); // [N, 400]
    x = F.relu(this.fc1(x));
    x = F.relu(this.fc2(x));
    return this.fc3(x); // [N, 10]
  }
}

const transform = new vision.transforms.Compose([
  new vision.transforms.ToTensor(),
  new vision.transforms.Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
]);

/** CIFAR-10 from `BLUEDOT_DATA` or the cache folder, downloaded where it is missing; without a network, pictures of shapes. */
async function openDatasets() {
  const root = dirname(
    io.dataPath("cifar-10-batches-bin", "cifar10/cifar-10-batches-bin", "cifar-10-batches-py", "cifar10/cifar-10-batches-py"),
  );
  try {
    if (!existsSync(join(root, "cifar-10-batches-bin")) && !existsSync(join(root, "cifar-10-batches-py"))) {
      await vision.datasets.CIFAR10.download(root);
    }
    const [trainset, testset] = [true, false].map((train) => new vision.datasets.CIFAR10(root, { train, transform }));
    const classes = ["plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
    return { trainset: trainset!, testset: testset!, classes };
  } catch (error) {
    console.error(`chapter 4: ${(error as Error).message}`);
    console.error("chapter 4: it goes on with pictures that it draws itself: ten classes of shapes");
    return { trainset: new Shapes(12_000, 1, transform), testset: new Shapes(1000, 2, transform), classes: [...Shapes.classes] };
  }
}
const { trainset, testset, classes } = await openDatasets();
const trainloader = new DataLoader<[Tensor, number], [Tensor, Tensor]>(trainset, { batchSize: 4, shuffle: true });
const testloader = new DataLoader<[Tensor, number], [Tensor, Tensor]>(testset, { batchSize: 4, shuffle: false });

let net = new Net();
console.log(String(net));
const shapes = [...net.stateDict()].map(([name, p]) => `'${name}': (${p.shape.join(", ")}${p.ndim === 1 ? "," : ""})`);
console.log(`{${shapes.join(", ")}}`);
console.log(
  "parameters",
  [...net.parameters()].reduce((total, p) => total + p.numel(), 0),
);
for (const [name, p] of net.namedParameters()) {
  console.log(`init ${name} ${p.sum().item().toFixed(6)} ${p.abs().mean().item().toFixed(6)}`);
}

const [images, labels] = testloader[Symbol.iterator]().next().value as [Tensor, Tensor];
const grid = vision.utils.makeGrid(images, { nrow: 2 });
console.log(`grid torch.Size([${grid.shape.join(", ")}]) ${grid.sum().item().toFixed(3)}`);
console.log("GroundTruth:", (labels.tolist() as number[]).map((label) => classes[label]!.padEnd(5)).join(" "));
await vision.utils.saveImage(images.div(2).add(0.5), join(options.pictures, "cifar10-images.png"), { nrow: 2 });

const criterion = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(net.parameters(), { lr: 0.001, momentum: 0.9 });
const every = Math.min(2000, Math.floor(trainloader.length / 6));
const history = { step: [] as number[], loss: [] as number[] };
for (let epoch = 0; epoch < epochs; epoch++) {
  let runningLoss = 0;
  let i = 0;
  for (const [inputs, labels] of utils.progressBar(trainloader, { description: `epoch ${epoch + 1}` })) {
    optimizer.zeroGrad();
    const loss = criterion(net(inputs), labels);
    loss.backward();
    optimizer.step();
    if (epoch === 0 && i < 10) console.log(`step ${i} labels [${(labels.tolist() as number[]).join(", ")}] loss ${loss.item().toFixed(5)}`);
    runningLoss += loss.item();
    i++;
    if (i % every === 0) {
      console.log(`[${epoch + 1}, ${String(i).padStart(5)}] loss: ${(runningLoss / every).toFixed(3)}`);
      history.step.push(epoch * trainloader.length + i);
      history.loss.push(runningLoss / every);
      runningLoss = 0;
    }
  }
}
console.log("Finished Training");
const picture = plot.figure().plot(history.step, history.loss, "o-").xlabel("step").ylabel("loss").title("Training loss");
await picture.savefig(join(options.pictures, "cifar10-loss.png"));

const path = join(options.pictures, "cifar_net.pth");
torch.save(net.stateDict(), path);
net = new Net();
net.loadStateDict(torch.load(path) as Map<string, Tensor>);
const correct = classes.map(() => 0);
const total = classes.map(() => 0);
torch.noGrad(() => {
  for (const [images, labels] of testloader) {
    const [, predicted] = net(images).max(1);
    const guesses = predicted.tolist() as number[];
    (labels.tolist() as number[]).forEach((label, k) => {
      correct[label]! += Number(label === guesses[k]);
      total[label]!++;
    });
  }
});
const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
console.log(`Accuracy of the network on ${sum(total)} test imgs: ${Math.floor((100 * sum(correct)) / sum(total))}%`);
classes.forEach((name, k) => {
  console.log(`Accuracy for class: ${name.padEnd(5)} is ${((100 * correct[k]!) / total[k]!).toFixed(1)}%`);
});
console.error(`chapter 4: pictures and the trained network are in ${options.pictures}/`);
