import pytest
import torch
from torch import nn

from attrib_torch import Layers, Store, StoreError, checks, projection, write_gradients

F = nn.functional


class Conv1D(nn.Module):
    """As in Hugging Face's transformers."""

    def __init__(self, nf, nx):
        super().__init__()
        self.nf, self.weight, self.bias = nf, nn.Parameter(torch.randn(nx, nf) / nx**0.5), nn.Parameter(torch.randn(nf))

    def forward(self, x):
        return torch.addmm(self.bias, x.view(-1, x.size(-1)), self.weight).view(*x.size()[:-1], self.nf)


class Block(nn.Module):
    """A causal language model of one block; embeddings and norms are frozen."""

    def __init__(self, vocabulary=11, width=8):
        super().__init__()
        self.embed, self.norm = nn.Embedding(vocabulary, width).requires_grad_(False), nn.LayerNorm(width).requires_grad_(False)
        self.attend, self.mix, self.up, self.head = Conv1D(3 * width, width), Conv1D(width, width), nn.Linear(width, 16), nn.Linear(16, vocabulary, bias=False)

    def forward(self, tokens):
        x = self.embed(tokens)
        q, k, v = self.attend(self.norm(x)).chunk(3, -1)
        x = x + self.mix(F.scaled_dot_product_attention(q, k, v, is_causal=True))
        return self.head(F.gelu(self.up(x)))


class Residual(nn.Module):
    """Operations in place on a layer's output: by a sum, a number, a function, and through a view."""

    def __init__(self, width):
        super().__init__()
        self.a, self.b = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x):
        z = self.a(x)
        z += x
        z *= 2
        y = self.b(torch.tanh(z))
        y[:, :3] *= 3
        y.view(-1).mul_(0.5)
        return torch.tanh_(y)


class InPlace(nn.Module):
    """The same over positions, where layers give views."""

    def __init__(self):
        super().__init__()
        self.embed, self.a, self.b, self.head = nn.Embedding(11, 8).requires_grad_(False), Conv1D(8, 8), nn.Linear(8, 8), nn.Linear(8, 11)

    def forward(self, tokens):
        x = self.embed(tokens)
        x = torch.relu_(self.a(x)) + x
        y = self.b(x)
        y += x
        y[..., :2].mul_(2)
        return self.head(y).div_(2)


class Keyword(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(10, 6), nn.Linear(6, 4)

    def forward(self, x):
        return self.b(torch.tanh(self.a(input=x)))


def frozen():
    """The weight of one layer and the bias of another are not trained."""
    net = nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, 4))
    net[0].weight.requires_grad_(False)
    net[2].bias.requires_grad_(False)
    return net


def hooked():
    """Hooks of the user's own change what a layer reads and gives."""
    net = nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 4))
    net[0].register_forward_hook(lambda m, args, out: out * 3)
    net[2].register_forward_pre_hook(lambda m, args: (args[0] + 1,))
    return net


def class_loss(net, x, y):
    return F.cross_entropy(net(x), y, reduction="none")


def token_loss(net, tokens):
    z = net(tokens[:, :-1])
    return F.cross_entropy(z.flatten(0, 1), tokens[:, 1:].flatten(), reduction="none").view(len(tokens), -1).sum(1)


def networks():
    torch.manual_seed(3)
    image, label = torch.randn(7, 3, 9, 8), torch.randint(0, 4, (7,))
    conv = nn.Sequential(nn.Conv2d(3, 5, (3, 2), stride=(2, 1), padding=(1, 0)), nn.ReLU(), nn.Conv2d(5, 6, 3, padding=1, bias=False), nn.Tanh(), nn.Flatten(), nn.Linear(6 * 5 * 7, 4))
    mlp = nn.Sequential(nn.Linear(10, 12), nn.Tanh(), nn.Linear(12, 9, bias=False), nn.GELU(), nn.Linear(9, 4))
    wide = nn.Sequential(nn.Conv2d(3, 6, (3, 2), dilation=(1, 2), padding="same"), nn.ReLU(inplace=True), nn.Conv2d(6, 8, 3, groups=2, stride=2, padding=1), nn.Hardtanh(inplace=True),
                         nn.Conv2d(8, 8, (2, 3), groups=8, padding="same", bias=False), nn.SiLU(inplace=True), nn.Conv2d(8, 4, 2, padding=1, padding_mode="reflect", dilation=2),
                         nn.Tanh(), nn.Conv2d(4, 4, 1, padding="valid"), nn.Flatten(), nn.Linear(4 * 5 * 4, 4))
    inplace = nn.Sequential(nn.Linear(10, 12), nn.ReLU(inplace=True), nn.Linear(12, 9, bias=False), nn.ELU(inplace=True), Residual(9), nn.Linear(9, 4))
    vector = torch.randn(7, 10)
    return {"conv": (conv, class_loss, (image, label)), "mlp": (mlp, class_loss, (vector, label)), "lm": (Block(), token_loss, (torch.randint(0, 11, (7, 6)),)),
            "wide": (wide, class_loss, (image, label)), "inplace": (inplace, class_loss, (vector, label)), "frozen": (frozen(), class_loss, (vector, label)),
            "positions": (InPlace(), token_loss, (torch.randint(0, 11, (7, 6)),)), "keyword": (Keyword(), class_loss, (vector, label)), "hooked": (hooked(), class_loss, (vector, label))}


def per_sample(net, loss, batch):
    """torch.func's gradients of every parameter, one row a sample."""
    params = {k: p for k, p in net.named_parameters() if p.requires_grad}
    rest = {k: p for k, p in net.named_parameters() if not p.requires_grad}

    def one(p, *sample):
        f = lambda *args: torch.func.functional_call(net, {**p, **rest}, args)
        return loss(f, *[s[None] for s in sample])[0]

    return torch.func.vmap(torch.func.grad(one), (None, *[0] * len(batch)))({k: v.detach() for k, v in params.items()}, *batch)


def multiplied(net, name, factors):
    """Every sample's gradient of a layer's weight and bias, None for what is not trainable."""
    m = dict(net.named_modules())[name]
    groups = getattr(m, "groups", 1)
    parts = [name] if groups == 1 else [f"{name}.g{g}" for g in range(groups)]
    g = torch.cat([torch.einsum("npo,npi->noi", factors["d." + p], factors["a." + p]) for p in parts], 1)
    has_bias = m.bias is not None and m.bias.requires_grad
    w, b = (g[..., :-1], g[..., -1]) if has_bias else (g, None)
    if not m.weight.requires_grad:
        assert w.shape[-1] == 0
        return None, b
    return (w.transpose(1, 2) if type(m).__name__ == "Conv1D" else w).reshape(len(g), *m.weight.shape), b


@pytest.mark.parametrize("which", networks())
def test_agrees_with_torch_func(which):
    net, loss, batch = networks()[which]
    want = per_sample(net, loss, batch)
    before, hooks = {k: v.clone() for k, v in net.state_dict().items()}, [len(m._forward_hooks) for m in net.modules()]
    factors, compared = Layers(net).factors(loss, *batch), 0
    for name in Layers(net).names:
        w, b = multiplied(net, name, factors)
        for got, key in ((w, ".weight"), (b, ".bias")):
            if got is not None:
                compared += 1
                error = (got - want[name + key]).abs().max() / want[name + key].abs().max()
                assert error < 1e-5, f"{name + key}: {error}"
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert compared == len(want)
    assert all(p.grad is None for p in net.parameters()) and [len(m._forward_hooks) for m in net.modules()] == hooks
    checks.batch(Layers(net), loss, lambda lo, hi: [t[lo:hi] for t in batch], 0, 7)


def test_projection():
    net, loss, batch = networks()["conv"]
    seed = bytes(range(32))
    full, small = Layers(net).factors(loss, *batch), Layers(net, project=(8, 4), seed=seed).factors(loss, *batch)
    for i, name in enumerate(Layers(net).names):
        g = torch.einsum("npo,npi->noi", full["d." + name], full["a." + name])
        p_in = torch.from_numpy(projection(seed, 2 * i, 8, g.shape[2]))
        p_out = torch.from_numpy(projection(seed, 2 * i + 1, 4, g.shape[1])) if g.shape[1] > 4 else torch.eye(g.shape[1])
        want, got = p_out @ g @ p_in.T, torch.einsum("npo,npi->noi", small["d." + name], small["a." + name])
        assert (got - want).abs().max() / want.abs().max() < 1e-5


@pytest.mark.parametrize("which", ["conv", "lm", "wide", "frozen", "positions"])
def test_store(which, tmp_path):
    net, loss, batch = networks()[which]
    args = dict(rows=7, row_ids=[9, 3, 5, 1, 0, 2, 8], shard_rows=3, covariances=True, batch_size=2)
    assert write_gradients(net, loss, lambda lo, hi: [t[lo:hi] for t in batch], tmp_path / "s", **args)
    store = Store(tmp_path / "s")
    ids, rows = store.rows()
    factors = Layers(net).factors(loss, *batch)
    want = torch.cat([torch.einsum("npo,npi->noi", factors["d." + n], factors["a." + n]).flatten(1) for n, _, _ in Layers(net).parts], 1)
    assert ids.tolist() == args["row_ids"] and torch.allclose(rows, want, rtol=1e-5, atol=1e-6)
    for name, c in store.covariances().items():
        x = factors[name[0].lower() + name[1:]].flatten(0, 1).double()
        assert (c - x.T @ x).abs().max() < 1e-6 * c.abs().max()


def test_padding(tmp_path):
    net = Block()
    tokens = torch.randint(0, 11, (4, 6))
    long = {n: 9 for n in Layers(net).names}
    padded = Layers(net, positions=long).factors(token_loss, tokens)
    for name in Layers(net).names:
        assert padded["a." + name].shape[1] == 9
        got, want = multiplied(net, name, padded)[0], multiplied(net, name, Layers(net).factors(token_loss, tokens))[0]
        assert torch.allclose(got, want)
    with pytest.raises(StoreError, match="'attend': 5 positions, but 3 are stored"):
        Layers(net, positions={n: 3 for n in long}).factors(token_loss, tokens)
