"""What the hook refuses: modules whose gradients would be wrong, and wrong arguments, each by name."""

import warnings

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from attrib_torch import Layers, StoreError, checks, write_gradients
from test_hook import Conv1D, class_loss, multiplied, per_sample, token_loss

F = nn.functional
N = 8
X, Y = torch.randn(N, 6, generator=torch.Generator().manual_seed(0)), torch.arange(N) % 3


def make(*parts, **named):
    """A module of some layers with a function for its forward, the last part."""

    class Net(nn.Module):
        def forward(self, *args):
            return parts[-1](self, *args)

    net = Net()
    for name, m in named.items():
        setattr(net, name, m)
    return net


def write(folder, net, loss=class_loss, data=(X, Y), **args):
    return write_gradients(net, loss, lambda lo, hi: [t[lo:hi] for t in data], folder / "s", **{"rows": len(data[0]), "batch_size": len(data[0]), **args})


def refuses(folder, match, *args, **named):
    with pytest.raises(StoreError, match=match):
        write(folder, *args, **named)
    assert not (folder / "s").exists()


def mlp(*between):
    return nn.Sequential(nn.Linear(6, 8), *between, nn.Linear(8, 3))


class Scaled(nn.Linear):
    def forward(self, x):
        return super().forward(x) * 3


class Filtered(nn.Conv2d):
    def _conv_forward(self, x, w, b):
        return super()._conv_forward(x, w * 2, b)


class Named(nn.Linear):
    """A subclass that computes what a Linear does."""


def tied():
    net = make(lambda s, x: s.o(torch.tanh(s.b(torch.tanh(s.a(x))))), a=nn.Linear(6, 6), b=nn.Linear(6, 6), o=nn.Linear(6, 3))
    net.b.weight = net.a.weight
    return net


def tied_embedding():
    net = make(lambda s, t: s.o(torch.tanh(s.h(s.e(t)))), e=nn.Embedding(11, 6), h=nn.Linear(6, 6), o=nn.Linear(6, 11, bias=False))
    net.o.weight = net.e.weight
    return net


def test_shared_parameters(tmp_path):
    refuses(tmp_path, "parameter a.weight is also b.weight: shared", tied())
    tokens = torch.randint(0, 11, (N, 5))
    refuses(tmp_path, "parameter e.weight is also o.weight: shared", tied_embedding(), token_loss, (tokens,))
    refuses(tmp_path, "parameter e.weight is also o.weight: shared", tied_embedding(), token_loss, (tokens,), layers=["h", "o"])
    assert write(tmp_path, tied_embedding(), token_loss, (tokens,), layers=["h"])


def test_a_module_of_two_names(tmp_path):
    net = mlp(nn.Tanh())
    net.again = net[0]
    assert write(tmp_path, make(lambda s, x: s.net[2](s.net[1](s.net[0](x))), net=net))


def test_used_twice(tmp_path):
    refuses(tmp_path, "layer 'a' is used twice", make(lambda s, x: s.o(s.a(torch.tanh(s.a(x)))), a=nn.Linear(6, 6), o=nn.Linear(6, 3)))


@pytest.mark.parametrize("use", [lambda s, x: s.o(torch.tanh(s.a(x)) @ s.a.weight), lambda s, x: s.o(torch.tanh(s.a(x))) + s.a.bias[:3]])
def test_parameter_used_elsewhere(tmp_path, use):
    refuses(tmp_path, r"parameter a\.(weight|bias): its gradient differs by", make(use, a=nn.Linear(6, 6), o=nn.Linear(6, 3)))


def test_regularised_loss(tmp_path):
    loss = lambda net, x, y: class_loss(net, x, y) + net[0].weight.square().sum()
    refuses(tmp_path, "parameter 0.weight: its gradient differs by", mlp(nn.Tanh()), loss)


def test_forward_of_its_own(tmp_path):
    refuses(tmp_path, "layer '0' is Scaled, which has a forward of its own", nn.Sequential(Scaled(6, 3)))
    refuses(tmp_path, "layer '0' is Filtered, which has a forward of its own", nn.Sequential(Filtered(1, 3, 1), nn.Flatten()))
    patched = mlp(nn.Tanh())
    patched[0].forward = lambda x: F.linear(x, patched[0].weight, patched[0].bias) * 2
    refuses(tmp_path, "layer '0' is Linear, which has a forward of its own", patched)
    assert write(tmp_path, nn.Sequential(Named(6, 3)))


def test_conv1d_with_a_forward_of_its_own(tmp_path):
    net = nn.Sequential(Conv1D(5, 6), nn.Tanh(), nn.Linear(5, 3))
    net[0].__class__ = type("Conv1D", (Conv1D,), {"forward": lambda self, x: 2 * Conv1D.forward(self, x)})
    refuses(tmp_path, "parameter 0.weight: its gradient differs by", net)


@pytest.mark.parametrize("norm", [nn.utils.weight_norm, nn.utils.spectral_norm, nn.utils.parametrizations.weight_norm, nn.utils.parametrizations.spectral_norm])
def test_computed_weights(tmp_path, norm):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = nn.Sequential(norm(nn.Linear(6, 8)), nn.Tanh(), nn.Linear(8, 3))
    refuses(tmp_path, "layer '0' computes its weight from other parameters", net)
    refuses(tmp_path, "layer '0' computes its weight from other parameters", net, layers=["0"])
    refuses(tmp_path, "parameters 0.parametrizations|layer '0' computes", nn.Sequential(norm(nn.Linear(6, 8, bias=False)), nn.Linear(8, 3)))


def test_other_layers(tmp_path):
    refuses(tmp_path, "parameters 1.weight, 1.bias belong to no supported layer", mlp(nn.LayerNorm(8)))
    refuses(tmp_path, "layer '1' is LayerNorm, want Linear", mlp(nn.LayerNorm(8)), layers=["1"])
    refuses(tmp_path, "layer 'x' is not in the module", mlp(), layers=["x"])
    refuses(tmp_path, "no trainable Linear, Conv1D or Conv2d layer is named", mlp(), layers=[])
    refuses(tmp_path, "no trainable Linear, Conv1D or Conv2d layer is in the module", nn.ReLU())
    refuses(tmp_path, "layer '0' has no shape yet", nn.Sequential(nn.LazyLinear(3)))
    half = mlp()
    half[0].requires_grad_(False)
    refuses(tmp_path, "layer '0' has no trainable parameter", half, layers=["0", "1"])
    extra = mlp()
    extra[0].gain = nn.Parameter(torch.ones(1))
    refuses(tmp_path, "layer '0' has parameters beside weight and bias: gain", extra)
    assert write(tmp_path, mlp(nn.LayerNorm(8)), layers=["0", "2"])


def test_samples_first(tmp_path):
    net = make(lambda s, x: s.o(torch.tanh(s.a(x.transpose(0, 1))).transpose(0, 1).mean(1)), a=nn.Linear(6, 6), o=nn.Linear(6, 3))
    refuses(tmp_path, "layer 'a' sees 5 rows for 8 samples", net, data=(torch.randn(N, 5, 6), Y))
    square = (torch.randn(N, N, 6), Y)
    refuses(tmp_path, "parameter a.weight: its gradient differs|layer 'a': sample", net, data=square)
    picked = Layers(net)
    value, seen = picked.run(class_loss, *square)
    with pytest.raises(StoreError, match="sample 0 alone: layer 'a' sees 8 rows for 1 samples"):
        checks._alone(picked, class_loss, lambda lo, hi: [t[lo:hi] for t in square], 0, 0, 1.0, list(picked.raw(value, seen)))


@pytest.mark.parametrize("mixes", [lambda x: x - x.mean(0), lambda x: x.flip(0) + x, lambda x: F.batch_norm(x, None, None, training=True)])
def test_samples_that_depend_on_each_other(tmp_path, mixes):
    refuses(tmp_path, "layer '[ao]': sample . alone has a gradient|sample . alone: Expected more than 1 value|parameter a.* differs",
            make(lambda s, x: s.o(mixes(torch.tanh(s.a(x)))), a=nn.Linear(6, 6), o=nn.Linear(6, 3)))


def test_losses_that_depend_on_each_other(tmp_path):
    refuses(tmp_path, "alone has a gradient", mlp(nn.Tanh()), lambda net, x, y: class_loss(net, x, y) / len(x))


def test_batch_statistics(tmp_path):
    refuses(tmp_path, "layer '1' is BatchNorm1d without running statistics", mlp(nn.BatchNorm1d(8, affine=False, track_running_stats=False)).eval())
    net = mlp(nn.BatchNorm1d(8, affine=False))
    refuses(tmp_path, "layer '1' is BatchNorm1d in training mode", net)
    assert write(tmp_path, net.eval())


def test_randomness(tmp_path):
    refuses(tmp_path, "layer '1' is Dropout in training mode", mlp(nn.Dropout(0.5)))
    functional = make(lambda s, x: F.dropout(s.a(x), 0.5, s.training), a=nn.Linear(6, 3))
    refuses(tmp_path, r"layer 'a': sample . alone .*\(dropout in training mode: call module.eval\(\)\)", functional)
    assert write(tmp_path, functional.eval())


def test_random_batches(tmp_path):
    with pytest.raises(StoreError, match="something is random"):
        write_gradients(mlp(), class_loss, lambda lo, hi: (X[lo:hi] + torch.randn(hi - lo, 6), Y[lo:hi]), tmp_path, rows=N)


def test_verify_says_which_batches(tmp_path):
    def batch(lo, hi):  # wrong from the second batch on
        return X[lo:hi] + (torch.randn(hi - lo, 6) if lo >= 4 else 0), Y[lo:hi]

    for verify, wrong in ((True, False), (False, False), ("all", True)):
        if not wrong:
            assert write_gradients(mlp(), class_loss, batch, tmp_path / str(verify), rows=N, batch_size=4, verify=verify)
            continue
        with pytest.raises(StoreError, match="sample [4-7] alone"):
            write_gradients(mlp(), class_loss, batch, tmp_path / str(verify), rows=N, batch_size=4, verify=verify)
    sequence = make(lambda s, x: F.dropout(s.a(x), 0.5), a=nn.Linear(6, 3))
    assert write(tmp_path, sequence, verify=False)  # who says so gets what the pass gives
    refuses(tmp_path / "x", "verify: 'sometimes' is not", mlp(), verify="sometimes")


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_verify_in_other_precisions(tmp_path, dtype):
    torch.manual_seed(2)
    net = nn.Sequential(nn.Linear(6, 40), nn.ReLU(inplace=True), nn.Linear(40, 40), nn.Tanh(), nn.Linear(40, 3)).to(dtype)
    assert write(tmp_path, net, data=(X.to(dtype), Y))
    refuses(tmp_path / "x", "parameter a.weight: its gradient differs", make(lambda s, x: s.o(torch.tanh(s.a(x)) @ s.a.weight), a=nn.Linear(6, 6), o=nn.Linear(6, 3)).to(dtype), data=(X.to(dtype), Y))


def test_autocast(tmp_path):
    def loss(net, x, y):
        with torch.autocast("cpu", torch.bfloat16):
            return class_loss(net, x, y).float()

    assert write(tmp_path, mlp(nn.Tanh()), loss, project=(4, 4), seed=bytes(32))


def test_rounding_of_small_losses(tmp_path):
    """Where losses are almost 0 the rounding of numbers near 1 is much of a gradient: that is no reason to refuse."""
    net, x = nn.Sequential(nn.Linear(6, 3)), F.one_hot(Y, 6).float()
    with torch.no_grad():
        net[0].weight.copy_(11.5 * torch.eye(3, 6))
        net[0].bias.zero_()

    def loss(size):  # of an error that is another in another batch
        def f(net, x, y):
            z = net(x)
            return F.cross_entropy(z, y, reduction="none") + size * len(x) * z.sum(1)
        return f

    assert write(tmp_path, net, loss(1e-8), (x, Y))
    refuses(tmp_path / "x", "layer '0': sample . alone", net, loss(1e-6), (x, Y))


def test_input_changed_in_place(tmp_path):
    def forward(s, x):
        h = s.i(x)
        z = s.a(h)
        h += z
        return s.o(torch.tanh(h))

    refuses(tmp_path, "layer 'a': its input is changed in place", make(forward, i=nn.Linear(6, 6), a=nn.Linear(6, 6), o=nn.Linear(6, 3)))

    def data(s, x):
        x = x.clone()
        z = s.a(x)
        x.zero_()
        return s.o(z + x)

    refuses(tmp_path, "layer 'a': its input is changed in place", make(data, a=nn.Linear(6, 6), o=nn.Linear(6, 3)))


def test_without_gradients(tmp_path):
    def forward(s, x):
        with torch.no_grad():
            h = s.a(x)
        return s.o(torch.tanh(h))

    layers = dict(a=nn.Linear(6, 6), o=nn.Linear(6, 3))
    refuses(tmp_path, "layer 'a' runs without gradients: under torch.no_grad", make(forward, **layers))
    refuses(tmp_path, "the losses do not depend on the parameters", mlp(), lambda net, x, y: class_loss(net, x, y).detach())
    reentrant = make(lambda s, x: s.o(checkpoint(s.a, x, use_reentrant=True)), **layers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        refuses(tmp_path, "layer 'a' runs without gradients", reentrant)


def test_layer_whose_output_is_not_used(tmp_path):
    def forward(s, x):
        s.a(x)
        return s.o(x)

    net = make(forward, a=nn.Linear(6, 6), o=nn.Linear(6, 3))
    assert not Layers(net).factors(class_loss, X, Y)["d.a"].any()
    assert write(tmp_path, net)


def test_checkpoint():
    net = make(lambda s, x: s.o(checkpoint(s.b, x, use_reentrant=False)), b=nn.Sequential(nn.Linear(6, 6), nn.ReLU(inplace=True)), o=nn.Linear(6, 3))
    factors, want = Layers(net).factors(class_loss, X, Y), per_sample(make(lambda s, x: s.o(s.b(x)), b=net.b, o=net.o), class_loss, (X, Y))
    for name in ("b.0", "o"):
        w, b = multiplied(net, name, factors)
        assert torch.allclose(w, want[name + ".weight"], atol=1e-6) and torch.allclose(b, want[name + ".bias"], atol=1e-6)
    checks.batch(Layers(net), class_loss, lambda lo, hi: (X[lo:hi], Y[lo:hi]), 0, N)


def test_inputs_of_other_forms(tmp_path):
    refuses(tmp_path, "layer 'a' is called with a tensor of 1 dimensions, want at least 2", make(lambda s, x: s.a(x[0]).expand(len(x), 3), a=nn.Linear(6, 3)))
    unbatched = make(lambda s, x: s.c(x[:, None, :1].expand(N, 6, 6)).flatten(1), c=nn.Conv2d(N, N, 3))
    refuses(tmp_path, "layer 'c' is called with a tensor of 3 dimensions, want 4", unbatched)
    with torch.inference_mode():
        x = torch.randn(N, 6)
    bias = nn.Sequential(nn.Linear(6, 3))
    bias[0].weight.requires_grad_(False)
    refuses(tmp_path, "layer '0' is called with a tensor that was made under torch.inference_mode", bias, data=(x, Y))


def test_losses(tmp_path):
    refuses(tmp_path, r"losses are \(\), want one number a sample", mlp(), lambda net, x, y: F.cross_entropy(net(x), y))
    refuses(tmp_path, "losses are float, want one number a sample", mlp(), lambda net, x, y: 1.5)
    refuses(tmp_path, "layers 0, 1 are not used in the pass", mlp(), lambda net, x, y: x.sum(1).requires_grad_())
    refuses(tmp_path, "sample 0: its loss is a NaN", mlp(), lambda net, x, y: class_loss(net, x, y) / 0 * 0)
    with pytest.raises(StoreError, match=r"batch\(0, 8\) gives 7 losses, want 8"):
        write_gradients(mlp(), class_loss, lambda lo, hi: (X[lo:min(hi, 7)], Y[lo:min(hi, 7)]), tmp_path, rows=N)


@pytest.mark.parametrize("args,match", [
    (dict(rows=0), "rows: 0 is not positive"), (dict(rows=-1), "rows: -1 is not positive"), (dict(rows=2.0), "rows: 2.0 is no whole number"),
    (dict(batch_size=0), "batch_size: 0 is not positive"), (dict(batch_size="x"), "batch_size: 'x' is no whole number"),
    (dict(project=(0, 3), seed=bytes(32)), r"project: \(0, 3\) is no pair of positive widths"), (dict(project=(-1, 3), seed=bytes(32)), "no pair of positive"),
    (dict(project=(3,), seed=bytes(32)), "no pair of positive"), (dict(project=(3, 1.5), seed=bytes(32)), "project: 1.5 is no whole number"),
    (dict(project=(3, 3)), "needs both"), (dict(seed=bytes(32)), "needs both"), (dict(project=(3, 3), seed=b"short"), "seed: 5 bytes, want 32"),
    (dict(row_ids=range(5)), r"row_ids: \(5,\)"), (dict(row_ids=range(50)), r"row_ids: \(50,\) .* want 8 whole numbers"), (dict(row_ids=[0.5] * 8), "want 8 whole numbers"),
    (dict(row_ids=[0, 1, 2, 3, 4, 5, 6, 0]), "negative or given twice"), (dict(row_ids=[0, 1, 2, 3, 4, 5, 6, -1]), "negative or given twice"),
    (dict(positions={"x": 3}), "positions: 'x' is no layer"), (dict(positions={"0": 0}), "positions of '0': 0 is not positive"),
    (dict(unit="banana"), "unit: 'banana'"), (dict(shard_rows=-4), "shardRows: -4"), (dict(measurement="foo"), "measurement: 'foo'"), (dict(of="x"), "of: 'x'"),
    (dict(dtype="F64"), "layout.type: 'F64'"), (dict(corpus="xyz"), "corpus: 'xyz'"), (dict(rank=3, world_size=3), "rank 3 is not one of 3"),
])
def test_arguments(tmp_path, args, match):
    refuses(tmp_path, match, mlp(), **args)


def test_other_errors_pass_through(tmp_path):
    with pytest.raises(KeyError, match="mine"):
        write(tmp_path, mlp(), lambda net, x, y: {}["mine"])
