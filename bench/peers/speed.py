"""What anchors B and C cost in PyTorch: prints the seconds of one piece of work for every line that it reads.

    python speed.py DIR

DIR holds anchor.safetensors: `x`, `y`, `weights` (models, n), `init.0` to `init.5` (weights as (in, out)), `order`
(epochs, n), `queryX`, `v` (k, parameters: tensors in state_dict order and layout). Lines:

    coalitions CHUNK   train a model for every row of weights, CHUNK at a time, as batched products
    one N              train the first N of them one after the other, with plain matrix products
    module N           the same with torch.nn and torch.optim.SGD
    func ROWS CHUNK    products of all of v with the Hessian of the mean loss of the first ROWS samples: torch.func
    hand ROWS CHUNK    the same, written out by hand for this network

Answers are a line of JSON: seconds, and a sum to compare (of log-probabilities of the queries, or of the squares of
products). A line may begin with a number: then the work is done so often without a pause, and seconds are the mean.
"""
import json
import sys
import time
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.func import functional_call, grad, jvp, vmap

LR, MOMENTUM, DECAY, BATCH = 0.05, 0.9, 1e-3, 200
torch.set_num_threads(int(sys.argv[2]))
A = load_file(Path(sys.argv[1]) / "anchor.safetensors")
X, Y, WEIGHTS, ORDER = A["x"], A["y"].long(), A["weights"], A["order"].long()
INIT = [A[f"init.{k}"] for k in range(6)]
ONEHOT = torch.eye(10)[Y]


def batches():
    for epoch in ORDER:
        yield from epoch.split(BATCH)


def log_probabilities(params):
    x = A["queryX"]
    h = torch.tanh(x @ params[0] + params[1].unsqueeze(-2))
    h = torch.tanh(h @ params[2] + params[3].unsqueeze(-2))
    return torch.log_softmax(h @ params[4] + params[5].unsqueeze(-2), -1).sum().item()


def step(params, velocity, grads):
    for p, v, g in zip(params, velocity, grads):
        v.mul_(MOMENTUM).add_(g).add_(p, alpha=DECAY)
        p.sub_(v, alpha=LR)


def coalitions(chunk):
    """All models; the products of a chunk as one batched product a layer."""
    total = 0.0
    for weights in WEIGHTS.split(chunk):
        m = len(weights)
        params = [p.unsqueeze(0).repeat(m, *[1] * p.dim()).contiguous() for p in INIT]
        velocity = [torch.zeros_like(p) for p in params]
        for batch in batches():
            x, w = X[batch], weights[:, batch] / len(batch)
            h1 = torch.tanh(torch.matmul(x, params[0]) + params[1].unsqueeze(1))
            h2 = torch.tanh(torch.baddbmm(params[3].unsqueeze(1), h1, params[2]))
            z = torch.baddbmm(params[5].unsqueeze(1), h2, params[4])
            dz = (torch.softmax(z, -1) - ONEHOT[batch]) * w.unsqueeze(-1)
            d2 = torch.bmm(dz, params[4].transpose(1, 2)) * (1 - h2 * h2)
            d1 = torch.bmm(d2, params[2].transpose(1, 2)) * (1 - h1 * h1)
            step(params, velocity, [torch.matmul(x.t(), d1), d1.sum(1), torch.bmm(h1.transpose(1, 2), d2), d2.sum(1),
                                    torch.bmm(h2.transpose(1, 2), dz), dz.sum(1)])
        total += log_probabilities(params)
    return total


def one(count):
    """The first models one by one."""
    total = 0.0
    for weights in WEIGHTS[:count]:
        params = [p.clone() for p in INIT]
        velocity = [torch.zeros_like(p) for p in params]
        for batch in batches():
            x, w = X[batch], weights[batch] / len(batch)
            h1 = torch.tanh(torch.addmm(params[1], x, params[0]))
            h2 = torch.tanh(torch.addmm(params[3], h1, params[2]))
            z = torch.addmm(params[5], h2, params[4])
            dz = (torch.softmax(z, -1) - ONEHOT[batch]) * w.unsqueeze(-1)
            d2 = (dz @ params[4].t()) * (1 - h2 * h2)
            d1 = (d2 @ params[2].t()) * (1 - h1 * h1)
            step(params, velocity, [x.t() @ d1, d1.sum(0), h1.t() @ d2, d2.sum(0), h2.t() @ dz, dz.sum(0)])
        total += log_probabilities(params)
    return total


def network():
    net = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.Tanh(), torch.nn.Linear(64, 32), torch.nn.Tanh(), torch.nn.Linear(32, 10))
    with torch.no_grad():
        for p, init in zip(net.parameters(), INIT):
            p.copy_(init.t() if init.dim() > 1 else init)
    return net


def module(count):
    """The first models one by one, as most programs are written."""
    total = 0.0
    for weights in WEIGHTS[:count]:
        net = network()
        opt = torch.optim.SGD(net.parameters(), lr=LR, momentum=MOMENTUM, weight_decay=DECAY)
        for batch in batches():
            opt.zero_grad()
            losses = torch.nn.functional.cross_entropy(net(X[batch]), Y[batch], reduction="none")
            (losses * weights[batch]).sum().div(len(batch)).backward()
            opt.step()
        with torch.no_grad():
            total += torch.log_softmax(net(A["queryX"]), -1).sum().item()
    return total


def func(rows, chunk):
    """Forward over reverse, vmapped over the vectors."""
    net, x, y = network(), X[:rows], Y[:rows]
    params = {k: p.detach() for k, p in net.named_parameters()}
    parts = A["v"].split([p.numel() for p in params.values()], 1)
    v = {k: part.reshape(-1, *p.shape) for (k, p), part in zip(params.items(), parts)}
    loss = grad(lambda p: torch.nn.functional.cross_entropy(functional_call(net, p, (x,)), y))
    return list(vmap(lambda u: jvp(loss, (params,), (u,))[1], chunk_size=chunk)(v).values())


def hand(rows, chunk):
    """The derivative of the backward pass along every vector, as batched products; one backward pass for all."""
    w1, b1, w2, b2, w3, b3 = INIT
    x, y = X[:rows], ONEHOT[:rows]
    h1 = torch.tanh(x @ w1 + b1)
    h2 = torch.tanh(h1 @ w2 + b2)
    p = torch.softmax(h2 @ w3 + b3, -1)
    s1, s2 = 1 - h1 * h1, 1 - h2 * h2
    dz = (p - y) / rows
    e2 = dz @ w3.t()
    d2 = e2 * s2
    e1 = d2 @ w2.t()
    c1, c2 = -2 * h1 * s1 * e1, -2 * h2 * s2 * e2
    products = []
    for v in A["v"].split(chunk):
        k = len(v)
        u1, a1, u2, a2, u3, a3 = v.split([4096, 64, 2048, 32, 320, 10], 1)
        u1, u2, u3 = u1.view(k, 64, 64).transpose(1, 2), u2.view(k, 32, 64).transpose(1, 2), u3.view(k, 10, 32).transpose(1, 2)
        r1 = torch.matmul(x, u1) + a1.unsqueeze(1)
        g1 = r1 * s1
        r2 = torch.matmul(g1, w2) + torch.matmul(h1, u2) + a2.unsqueeze(1)
        g2 = r2 * s2
        r3 = torch.matmul(g2, w3) + torch.matmul(h2, u3) + a3.unsqueeze(1)
        t3 = p * (r3 - (p * r3).sum(-1, keepdim=True)) / rows
        t2 = (torch.matmul(t3, w3.t()) + torch.matmul(dz, u3.transpose(1, 2))) * s2 + c2 * r2
        t1 = (torch.matmul(t2, w2.t()) + torch.matmul(d2, u2.transpose(1, 2))) * s1 + c1 * r1
        products += [torch.matmul(x.t(), t1), t1.sum(1), torch.matmul(g1.transpose(1, 2), d2) + torch.matmul(h1.t(), t2), t2.sum(1),
                     torch.matmul(g2.transpose(1, 2), dz) + torch.matmul(h2.t(), t3), t3.sum(1)]
    return products


print("ready", flush=True)
for line in sys.stdin:
    name, *numbers = line.split()
    times = 1
    if name.isdigit():
        times, name, *numbers = int(name), *numbers
    work = {f.__name__: f for f in (coalitions, one, module, func, hand)}[name]
    began = time.perf_counter()
    for _ in range(times):
        result = work(*map(int, numbers))
    seconds = (time.perf_counter() - began) / times
    total = sum(h.double().square().sum().item() for h in result) if isinstance(result, list) else result
    print(json.dumps({"seconds": seconds, "sum": total}), flush=True)
