"""The same workloads in PyTorch. Reads a workload's name and the seconds to warm up, a line each, measures it, answers with a line of JSON.

usage: pytorch.py THREADS REPEAT REPEATS wall|processor
"""
import json
import os
import statistics
import sys
import time

threads = int(sys.argv[1])
least, repeats = float(sys.argv[2]), int(sys.argv[3])
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(threads)

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(threads)
MILLION = 2**20


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.pool = nn.Conv2d(3, 6, 5), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2, 2)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(64, 128, batch_first=True), nn.Linear(128, 10)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][:, -1])


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention, self.norm = nn.MultiheadAttention(256, 8, batch_first=True), nn.LayerNorm(256)

    def forward(self, x):
        return self.norm(x + self.attention(x, x, x, need_weights=False)[0])


def step(net, make, x, y, criterion):
    optimizer = make(net.parameters())

    def run():
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return run


def labels(n):
    return torch.randint(0, 10, (n,))


def lenet(batch):
    return step(Net(), lambda p: torch.optim.SGD(p, lr=0.001, momentum=0.9), torch.randn(batch, 3, 32, 32), labels(batch), nn.CrossEntropyLoss())


def mlp():
    net = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10))
    return step(net, lambda p: torch.optim.Adam(p, lr=1e-3), torch.randn(128, 784), labels(128), nn.CrossEntropyLoss())


def sgd(p):
    return torch.optim.SGD(p, lr=0.01)


def thermometer(unpacked):
    t_c = torch.tensor([0.5, 14.0, 15.0, 28.0, 11.0, 8.0, 3.0, -4.0, 6.0, 13.0, 21.0])
    t_u = 0.1 * torch.tensor([35.7, 55.9, 58.2, 81.9, 56.3, 48.9, 33.9, 21.8, 48.4, 60.4, 68.4])

    def run():
        if unpacked:
            params = [torch.tensor([1.0, 0.0], requires_grad=True)]
        else:
            params = [torch.ones((), requires_grad=True), torch.zeros((), requires_grad=True)]
        optimizer = torch.optim.SGD(params, lr=1e-2)
        for epoch in range(1, 5001):
            w, b = params[0] if unpacked else params
            loss = ((w * t_u + b - t_c) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if epoch % 500 == 0:
                float(loss)

    return run


def inference():
    net, x = Net().eval(), torch.randn(4, 3, 32, 32)

    def run():
        with torch.no_grad():
            net(x)

    return run


def convolution(backward):
    x = torch.randn(8, 64, 56, 56, requires_grad=backward)
    w = (torch.randn(64, 64, 3, 3) * 0.05).detach().requires_grad_(backward)
    ones = torch.ones(8, 64, 56, 56)

    def run():
        y = F.conv2d(x, w, padding=1)
        if backward:
            x.grad = w.grad = None
            y.backward(ones)

    return run


def of(make, body):
    def prepare():
        given = make()
        return lambda: body(*given)

    return prepare


def randn(*shapes):
    return lambda: [torch.randn(s) for s in shapes]


square = (1024, 1024)
mask = lambda: (torch.randn(4898, 11), torch.randint(3, 10, (4898,)) < 8)
WORKLOADS = {
    "thermometer": lambda: thermometer(False),
    "thermometer_params": lambda: thermometer(True),
    "lenet_b4": lambda: lenet(4),
    "lenet_b64": lambda: lenet(64),
    "lenet_infer_b4": inference,
    "mlp_b128": mlp,
    "lstm_b32": lambda: step(Recurrent(), sgd, torch.randn(32, 32, 64), labels(32), nn.CrossEntropyLoss()),
    "mha_b8": lambda: step(Block(), sgd, torch.randn(8, 128, 256), torch.randn(8, 128, 256), nn.MSELoss()),
    **{f"matmul_{n}": of(randn((n, n), (n, n)), lambda a, b: a @ b) for n in (64, 256, 1024)},
    **{f"add_{k}": of(randn((n,), (n,)), lambda a, b: a + b) for k, n in (("11", 11), ("1k", 1000), ("1M", MILLION))},
    "chain_1M": of(randn((MILLION,), (MILLION,), (MILLION,)), lambda a, b, c: torch.relu(a * b + c).sum().item()),
    "sum_1M": of(randn((MILLION,)), lambda a: a.sum().item()),
    "softmax_1024x1024": of(randn(square), lambda a: a.softmax(-1)),
    "layernorm_1024x1024": of(lambda: (torch.randn(square), torch.ones(1024), torch.zeros(1024)), lambda x, w, b: F.layer_norm(x, (1024,), w, b)),
    "conv_resnet_fwd": lambda: convolution(False),
    "conv_resnet_fwdbwd": lambda: convolution(True),
    "index_mask": of(mask, lambda d, m: d[m]),
    "index_onehot": of(lambda: (torch.randint(3, 10, (4898, 1)),), lambda q: torch.zeros(4898, 10).scatter_(1, q, 1.0)),
    "transpose_contiguous": of(randn(square), lambda x: x.t().contiguous()),
    "exp_1M": of(randn((MILLION,)), torch.exp),
    "tanh_1M": of(randn((MILLION,)), torch.tanh),
    "gelu_1M": of(randn((MILLION,)), F.gelu),
    "add_bias_1M": of(randn(square, (1024,)), lambda x, b: x + b),
    "sum_rows_1M": of(randn(square), lambda x: x.sum(0)),
    "maxpool_64x64x56": of(randn((8, 64, 56, 56)), lambda x: F.max_pool2d(x, 2)),
    "batchnorm_64x56": of(lambda: (torch.randn(8, 64, 56, 56), torch.ones(64), torch.zeros(64)), lambda x, w, b: F.batch_norm(x, None, None, w, b, True)),
    "embedding_4096x256": of(lambda: (torch.randn(10000, 256), torch.randint(0, 10000, (4096,))), lambda w, i: F.embedding(i, w)),
    "sort_100k": of(randn((100000,)), lambda x: x.sort()),
    "empty_100k": lambda: lambda: torch.empty(25000),
}


def measure(run, warm):
    now = time.process_time if sys.argv[4] == "processor" else time.perf_counter
    run()
    spent, n, last = 0.0, 1, 0.0
    while spent < warm or n < 3:
        start = now()
        run()
        last = now() - start
        spent, n = spent + last, n + 1
        if last > 0.5:
            break
    trial = max(1, round(least / max(last, 1e-8)))
    start = now()
    for _ in range(trial):
        run()
    inner = max(1, int(least / (now() - start) * trial) + 1)
    times = []
    for _ in range(min(3, repeats) if last > 1 else repeats):
        start = now()
        for _ in range(inner):
            run()
        times.append((now() - start) / inner)
    return times


for line in sys.stdin:
    workload, warm = line.split()
    prepare = WORKLOADS.get(workload)
    times = measure(prepare(), float(warm)) if prepare else []
    print(json.dumps({"workload": workload, "seconds": times, "median": statistics.median(times) if times else None}), flush=True)
