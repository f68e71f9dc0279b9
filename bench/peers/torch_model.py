"""The networks of model.json in PyTorch: an independent program that ours are held against.

    python torch_model.py DIR...

Each DIR holds request.json and in.safetensors; the answer is written to DIR/out.safetensors. request.json: `model` (a
model.json), `what` (a list of logits, losses, gradient, samples, products, train), `dtype` (float32 or float64),
`order` (a list of rows for every epoch, for train). in.safetensors: `p.<tensor>` the parameters, `x` (n, input), `y`
(n), `scale` (n): weights in the sum of losses that gradient and products differentiate; for train, `weight` (n): weights
of the samples, divided by the length of the batch; `v` (k, parameters): vectors, tensors one behind the other.

Answers: `logits`, `losses`, `gradient`, `samples` (n, parameters), `products` and `slopes` (k, n), `train.<tensor>`.
"""
import json
import math
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.func import functional_call, grad, jvp, vmap


class Activation(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.apply_to = {
            "none": lambda z: z, "tanh": torch.tanh, "relu": torch.relu,
            "gelu": nn.functional.gelu, "gelu-tanh": lambda z: nn.functional.gelu(z, approximate="tanh"),
        }[name]

    def forward(self, z):
        return self.apply_to(z)


class Network(nn.Module):
    """The layers by their names, so that state_dict has the names of ours."""

    def __init__(self, model):
        super().__init__()
        self.shape, self.layers = model.get("shape"), model["layers"]
        self.activations = [Activation(l["activation"]) for l in self.layers]
        for layer in self.layers:
            self.add_module(layer["name"], self.module(layer))

    @staticmethod
    def module(layer):
        bias = not layer.get("noBias", False)
        if layer["type"] == "dense":
            return nn.Linear(layer["in"], layer["out"], bias=bias)
        if layer["type"] == "conv2d":
            return nn.Conv2d(layer["in"], layer["out"], tuple(layer["kernel"]), stride=tuple(layer.get("stride", [1, 1])),
                             padding=tuple(layer.get("padding", [0, 0])), bias=bias)
        if layer["type"] == "embedding":
            return nn.Embedding(layer["in"], layer["out"])
        return nn.LayerNorm(layer["in"], eps=layer.get("epsilon", 1e-5))

    def forward(self, x):
        if self.shape:
            x = x.reshape(len(x), *self.shape)
        for layer, activation in zip(self.layers, self.activations):
            if layer["type"] == "embedding":
                x = x.long()
            elif layer["type"] in ("dense", "layer-norm") and layer["in"] == x[0].numel():
                x = x.flatten(1)
            x = activation(getattr(self, layer["name"])(x))
        return x


def sample_losses(model, logits, y):
    if model["loss"] == "squared-error":
        return ((logits - torch.eye(logits.shape[1], dtype=logits.dtype)[y]) ** 2).sum(1) / 2
    return nn.functional.cross_entropy(logits, y, reduction="none")


def optimizer(model, params):
    o = model["optimizer"]
    if o["name"] == "sgd":
        return torch.optim.SGD(params, lr=o["learningRate"], momentum=o.get("momentum", 0), weight_decay=o.get("weightDecay", 0))
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[o["name"]]
    return kind(params, lr=o["learningRate"], betas=(o.get("beta1", .9), o.get("beta2", .999)), eps=o.get("epsilon", 1e-8),
                weight_decay=o.get("weightDecay", 0))


def rate(model, t, total):
    base, s = model["optimizer"]["learningRate"], model.get("schedule") or {"kind": "constant"}
    warmup = s.get("warmupSteps", 0)
    if t < warmup:
        return base * (t + 1) / warmup
    if s["kind"] == "cosine":
        final = s.get("finalRate", 0)
        return final + (base - final) * (1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2
    return base


def train(model, net, x, y, weight, order):
    """Weighted sums over the batch's length: a removed sample weighs nothing, batches and divisor stay."""
    opt, size = optimizer(model, net.parameters()), model["batch"]
    total = sum(-(-len(epoch) // size) for epoch in order)
    t = 0
    for epoch in order:
        for at in range(0, len(epoch), size):
            rows = torch.tensor(epoch[at:at + size])
            for group in opt.param_groups:
                group["lr"] = rate(model, t, total)
            opt.zero_grad()
            losses = sample_losses(model, net(x[rows]), y[rows])
            (losses * weight[rows]).sum().div(len(rows)).backward()
            opt.step()
            t += 1


def flat(tensors, lead=0):
    return torch.cat([t.reshape(*t.shape[:lead], -1) for t in tensors], -1)


def answer(folder):
    request = json.loads((folder / "request.json").read_text())
    arrays, model = load_file(folder / "in.safetensors"), request["model"]
    dtype = {"float32": torch.float32, "float64": torch.float64}[request["dtype"]]
    torch.manual_seed(0)
    net = Network(model).to(dtype)
    net.load_state_dict({k[2:]: v.to(dtype) for k, v in arrays.items() if k.startswith("p.")})
    x, y = arrays["x"].to(dtype), arrays["y"].long()
    scale = arrays["scale"].to(dtype) if "scale" in arrays else None
    params = {k: v.detach() for k, v in net.named_parameters()}
    names = list(net.state_dict())

    def one(p, xi, yi):
        return sample_losses(model, functional_call(net, p, (xi[None],)), yi[None])[0]

    def total(p):
        return (sample_losses(model, functional_call(net, p, (x,)), y) * scale).sum()

    out = {}
    for what in request["what"]:
        if what == "logits":
            out[what] = net(x).detach()
        elif what == "losses":
            out[what] = sample_losses(model, net(x), y).detach()
        elif what == "gradient":
            g = grad(total)(params)
            out[what] = flat([g[k] for k in names])
        elif what == "samples":
            g = vmap(grad(one), in_dims=(None, 0, 0))(params, x, y)
            out[what] = flat([g[k] for k in names], 1)
        elif what == "products":
            sizes = [params[k].numel() for k in names]
            parts = arrays["v"].to(dtype).split(sizes, 1)
            v = {k: part.reshape(-1, *params[k].shape) for k, part in zip(names, parts)}
            h = vmap(lambda u: jvp(grad(total), (params,), (u,))[1])(v)
            out[what] = flat([h[k] for k in names], 1)
            losses = lambda p: sample_losses(model, functional_call(net, p, (x,)), y)
            out["slopes"] = vmap(lambda u: jvp(losses, (params,), (u,))[1])(v)
        elif what == "train":
            train(model, net, x, y, arrays["weight"].to(dtype), request["order"])
            out.update({"train." + k: v.detach() for k, v in net.state_dict().items()})
    save_file({k: v.contiguous().clone() for k, v in out.items()}, folder / "out.safetensors")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        answer(Path(name))
