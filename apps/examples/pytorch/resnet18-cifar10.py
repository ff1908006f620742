"""The twin of src/resnet18-cifar10.ts. usage: resnet18-cifar10.py [--steps N] [--batch N], with BLUEDOT_DATA naming the folder of cifar-10-batches-bin."""
import argparse, os, numpy, torch, torchvision
import torch.nn as nn
from torchvision import transforms

parser = argparse.ArgumentParser()
for name, value in (("steps", 5), ("batch", 32)):
    parser.add_argument(f"--{name}", type=int, default=value)
options = parser.parse_args()
steps, batch = options.steps, options.batch

normalize = transforms.Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616))


class Pictures(torch.utils.data.Dataset):
    """Records of a label and 3 x 32 x 32 bytes."""

    def __init__(self, files):
        folder = os.path.join(os.environ["BLUEDOT_DATA"], "cifar-10-batches-bin")
        self.records = numpy.concatenate([numpy.fromfile(os.path.join(folder, f), numpy.uint8).reshape(-1, 3073) for f in files])

    def __len__(self):
        return len(self.records)

    def __getitem__(self, i):
        record = torch.from_numpy(self.records[i])
        return normalize(record[1:].view(3, 32, 32).float() / 255), int(record[0])


trainset = Pictures([f"data_batch_{i}.bin" for i in range(1, 6)])
torch.manual_seed(0)
net = torchvision.models.resnet18(num_classes=10)
net.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
net.maxpool = nn.Identity()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.005, momentum=0.9, weight_decay=5e-4)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.02, total_steps=max(steps, 2000))
loader = torch.utils.data.DataLoader(trainset, batch_size=batch, shuffle=True, drop_last=True)
for step, (images, labels) in enumerate(loader):
    if step == steps:
        break
    loss = criterion(net(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    if step < 5 or (step + 1) % 50 == 0:
        print(f"step {step} loss {loss.item():.5f}")
