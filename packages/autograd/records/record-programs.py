"""Records what PyTorch does with random programs of views and in-place operations: values, gradients, second gradients, nodes, errors.

    python3 record-programs.py 400 | gzip -9n > programs.jsonl.gz

Programs that PyTorch refuses for reasons of its own implementation (memory overlap, views that were leaves when they were made) are left out.
"""
import json
import random
import sys

import torch

OWN_LIMITS = ("a leaf Variable", "unsupported operation", "INTERNAL ASSERT")


def views_of(r, t):
    found = [("flatten",), ("unsqueeze", r.randint(0, t.dim())), ("expand",), ("detach",)]
    if t.dim() >= 2:
        found.append(("transpose",))
    for d in range(t.dim()):
        found.append(("select", d, r.randrange(t.size(d))))
        if t.size(d) > 1:
            length = r.randint(1, t.size(d) - 1)
            found.append(("narrow", d, r.randint(0, t.size(d) - length), length))
            found.append(("unbind", d, r.randrange(t.size(d))))
            found.append(("step", d))
    return found


def view(t, v):
    kind = v[0]
    if kind == "transpose":
        return t.transpose(0, 1)
    if kind == "select":
        return t.select(v[1], v[2])
    if kind == "narrow":
        return t.narrow(v[1], v[2], v[3])
    if kind == "unbind":
        return t.unbind(v[1])[v[2]]
    if kind == "step":
        return t[tuple([slice(None)] * v[1] + [slice(None, None, 2)])]
    if kind == "flatten":
        return t.reshape(-1)
    if kind == "unsqueeze":
        return t.unsqueeze(v[1])
    if kind == "expand":
        return t.expand(2, *t.shape)
    return t.detach()


def numbers(t):
    return None if t is None else [round(x, 9) for x in t.detach().flatten().tolist()]


def broadcasts(a, b):
    try:
        return torch.broadcast_shapes(a.shape, b.shape)
    except RuntimeError:
        return None


def record(seed):
    r = random.Random(seed)
    fresh = lambda: torch.tensor([round(r.uniform(-2, 2), 3) for _ in range(6)], dtype=torch.float64).view(2, 3)
    tensors = {"x": fresh().requires_grad_(), "w": fresh().requires_grad_(), "c": fresh()}
    program = {name: numbers(t) for name, t in tensors.items()}
    steps = program["steps"] = [["mul", "a", "x", "w"], ["clone", "b", "c"]]
    tensors["a"] = tensors["x"] * tensors["w"]
    tensors["b"] = tensors["c"].clone()
    try:
        for n in range(r.randint(4, 12)):
            names, name, kind = list(tensors), f"v{n}", r.random()
            source = tensors[r.choice(names)]
            if kind < 0.35:
                of = r.choice(names)
                how, recorded = r.choice(views_of(r, tensors[of])), r.random() >= 0.06
                steps.append(["view", name, of, list(how), recorded])
                with torch.set_grad_enabled(recorded):
                    tensors[name] = view(tensors[of], how)
            elif kind < 0.75:
                into = r.choice([k for k in names if k not in ("x", "w")] if r.random() < 0.97 else names)
                op, other = r.choice(["add_", "mul_", "copy_", "zero_", "sigmoid_", "scale", "div_", "sub_", "exp_"]), r.choice(names)
                if op in ("zero_", "sigmoid_", "exp_"):
                    steps.append(["write", op, into])
                    getattr(tensors[into], op)()
                elif op == "scale":
                    steps.append(["scale", "mul_", into, 1.5])
                    tensors[into].mul_(1.5)
                elif broadcasts(tensors[into], tensors[other]) == tensors[into].shape:
                    steps.append(["combine", op, into, other])
                    getattr(tensors[into], op)(tensors[other])
            else:
                a, b = r.choice(names), r.choice(names)
                if broadcasts(tensors[a], tensors[b]) is not None:
                    op = r.choice(["mul", "add", "sub"])
                    steps.append([op, name, a, b])
                    tensors[name] = getattr(tensors[a], op)(tensors[b])
        inputs = [tensors["x"], tensors["w"]]
        total = sum((t * (0.5 + 0.25 * i)).sum() for i, t in enumerate(tensors.values()))
        program["nodes"] = {k: t.grad_fn.name() if t.grad_fn is not None else None for k, t in tensors.items()}
        program["requiresGrad"] = {k: t.requires_grad for k, t in tensors.items()}
        grads = torch.autograd.grad(total, inputs, create_graph=True, allow_unused=True)
        program["values"] = {k: numbers(t) for k, t in tensors.items()}
        program["grads"] = [numbers(g) for g in grads]
        squares = [(g * g).sum() for g in grads if g is not None and g.requires_grad]
        if squares:
            program["grads2"] = [numbers(g) for g in torch.autograd.grad(sum(squares), inputs, allow_unused=True)]
    except RuntimeError as error:
        program["error"] = str(error)
    return program


for seed in range(int(sys.argv[1])):
    program = record(seed)
    text = json.dumps(program)
    if "NaN" in text or "Infinity" in text or any(limit in program.get("error", "") for limit in OWN_LIMITS):
        continue
    print(text)
