"""A hook over a module that gives every sample's gradient in factors: per layer the activations a and the gradients d of
the loss by the layer's outputs, whose products summed over positions are the gradient of the weight (out × in, PyTorch's
layout; with a bias a ends in a column of ones)."""

import contextlib

import torch
from torch import nn

from .signs import projection
from .store import Layer, StoreError


def _is_conv1d(m):
    """Hugging Face's Conv1D: a linear layer whose weight is (in, out)."""
    return type(m).__name__ == "Conv1D" and hasattr(m, "nf") and getattr(m, "weight", None) is not None and m.weight.dim() == 2


def _supported(m):
    return isinstance(m, (nn.Linear, nn.Conv2d)) or _is_conv1d(m)


def _refuse(name, m):
    if isinstance(m, nn.Conv2d) and (m.groups != 1 or tuple(m.dilation) != (1, 1) or m.padding_mode != "zeros" or isinstance(m.padding, str)):
        raise StoreError(f"layer {name!r}: Conv2d with groups, dilation, padding by name or other than zeros is not supported")


def _activations(m, x):
    """b × positions × in of a layer's input."""
    if isinstance(m, nn.Conv2d):
        a = nn.functional.unfold(x, m.kernel_size, padding=m.padding, stride=m.stride).transpose(1, 2)
    else:
        a = x.reshape(len(x), -1, x.shape[-1])
    return torch.cat([a, a.new_ones(*a.shape[:2], 1)], 2) if m.bias is not None else a


def _gradients(m, g):
    """b × positions × out of the gradient by a layer's output."""
    return g.flatten(2).transpose(1, 2) if isinstance(m, nn.Conv2d) else g.reshape(len(g), -1, g.shape[-1])


def _widths(m):
    """(in, out) of a layer, in with the column of ones."""
    w = m.weight
    n_in, n_out = (w.shape[0], w.shape[1]) if _is_conv1d(m) else (w[0].numel(), w.shape[0])
    return n_in + (m.bias is not None), n_out


class Layers:
    """The layers of a module whose gradients are wanted.

    names: which; default all Linear, Conv1D and Conv2d layers, and then any other trainable parameter is refused by name.
    positions: name → positions stored per sample, where a sample's number differs from batch to batch (shorter ones are
    filled up with zeros); default: what the first batch has. project: a pair (in, out) of widths that wider layers are projected to.
    """

    def __init__(self, module, names=None, positions=None, project=None, seed=None):
        self.module, self.positions, self.project, self.seed = module, dict(positions or {}), project, seed
        if (project is None) != (seed is None):
            raise StoreError("a projection needs both the widths and a seed of 32 bytes")
        found = dict(module.named_modules())
        self.names = list(names) if names is not None else [n for n, m in found.items() if _supported(m) and any(p.requires_grad for p in m.parameters(False))]
        for n in self.names:
            if n not in found or not _supported(found[n]):
                raise StoreError(f"layer {n!r} is {type(found.get(n)).__name__}, want Linear, Conv1D or Conv2d")
            _refuse(n, found[n])
        self.modules = {n: found[n] for n in self.names}
        if names is None:
            self._refuse_others()
        self._matrices = {}

    def _refuse_others(self):
        known = {id(p) for m in self.modules.values() for p in m.parameters(False)}
        others = [n for n, p in self.module.named_parameters() if p.requires_grad and id(p) not in known]
        if others:
            raise StoreError(f"parameters {', '.join(others)} belong to no supported layer: name the layers to use, or freeze these")
        if not self.names:
            raise StoreError("the module has no trainable Linear, Conv1D or Conv2d layer")

    def _projected(self, i, side, full):
        k = self.project[side] if self.project else full
        return min(k, full)

    def layout(self, factors):
        """The store's layers for factors of a batch."""
        out = []
        for i, n in enumerate(self.names):
            full_in, full_out = _widths(self.modules[n])
            k_in, k_out = self._projected(i, 0, full_in), self._projected(i, 1, full_out)
            full = (full_in, full_out) if (k_in, k_out) != (full_in, full_out) else (0, 0)
            out.append(Layer(n, k_in, k_out, self.positions.get(n) or factors["a." + n].shape[1], *full))
        return out

    def _matrix(self, i, side, full, like):
        key = (i, side, like.device, like.dtype)
        if key not in self._matrices:
            p = projection(self.seed, 2 * i + side, self._projected(i, side, full), full)
            self._matrices[key] = torch.from_numpy(p).to(like)
        return self._matrices[key]

    def _project(self, i, side, full, x):
        return x if self._projected(i, side, full) == full else x @ self._matrix(i, side, full, x).T

    def factors(self, losses, *batch):
        """One forward and one backward pass. losses(module, *batch) gives a loss per sample, b numbers, where a sample's depends
        on that sample alone. Returns "a.<layer>" (b × positions × in) and "d.<layer>" (b × positions × out), detached. The
        module's parameters, their .grad and its mode stay as they are."""
        seen, hooks = {}, []

        def record(name):
            def hook(m, args, out):
                if name in seen:
                    raise StoreError(f"layer {name!r} is used twice in one pass: shared layers are not supported")
                seen[name] = (args[0].detach(), out)
            return hook

        try:
            for n, m in self.modules.items():
                hooks.append(m.register_forward_hook(record(n)))
            with torch.enable_grad():
                value = losses(self.module, *batch)
                if value.dim() != 1:
                    raise StoreError(f"losses are {tuple(value.shape)}, want one number a sample")
                missing = [n for n in self.names if n not in seen]
                if missing:
                    raise StoreError(f"layers {', '.join(missing)} are not used in the pass")
                grads = torch.autograd.grad(value.sum(), [seen[n][1] for n in self.names], allow_unused=True)
        finally:
            for h in hooks:
                h.remove()
        out = {}
        for i, (n, g) in enumerate(zip(self.names, grads)):
            x, y = seen[n]
            if len(x) != len(value):
                raise StoreError(f"layer {n!r} sees {len(x)} rows for {len(value)} samples: samples must be its first dimension")
            m, g = self.modules[n], torch.zeros_like(y) if g is None else g
            full_in, full_out = _widths(m)
            out["a." + n] = self._fit(n, self._project(i, 0, full_in, _activations(m, x)))
            out["d." + n] = self._fit(n, self._project(i, 1, full_out, _gradients(m, g)))
        return out

    def _fit(self, name, x):
        """Fills positions up with zeros."""
        want = self.positions.setdefault(name, x.shape[1])
        if x.shape[1] > want:
            raise StoreError(f"layer {name!r}: {x.shape[1]} positions, but {want} are stored: state more in positions")
        return nn.functional.pad(x, (0, 0, 0, want - x.shape[1])).detach() if x.shape[1] < want else x.detach()


@contextlib.contextmanager
def _steady(module):
    """Refuses a module that would give a sample another gradient in another batch."""
    for n, m in module.named_modules():
        if m.training and isinstance(m, (nn.modules.batchnorm._BatchNorm, nn.modules.dropout._DropoutNd)) and getattr(m, "p", 1) > 0:
            raise StoreError(f"layer {n!r} is {type(m).__name__} in training mode: call module.eval() first")
    yield


def write_gradients(module, losses, batch, folder, *, rows, measurement="loss", row_ids=None, layers=None, positions=None, project=None,
                    seed=None, batch_size=64, rank=0, world_size=1, progress=None, **header):
    """Writes the gradients of `rows` samples into a store and returns whether it is complete (with several ranks: whether
    this one finished it). Killed at any moment and called again it goes on with the shard that was in hand.

    losses(module, *tensors): a number per sample, the loss, or the goodness for "margin" and "log-prob". batch(lo, hi): the
    tensors of samples lo … hi−1. row_ids: the samples' lines in the corpus (default lo … hi−1). layers, positions, project, seed:
    see Layers. The rest goes to StoreWriter."""
    from .store import StoreWriter

    with _steady(module):
        picked = Layers(module, layers, positions, project, seed)
        first = picked.factors(losses, *batch(0, min(rows, batch_size)))
        layout = picked.layout(first)
        with StoreWriter(folder, rows=rows, measurement=measurement, layers=layout, rank=rank, world_size=world_size,
                         seed=seed if any(l.full_inputs for l in layout) else None, **header) as writer:
            for i, row0, n in writer.todo():
                parts = [picked.factors(losses, *batch(lo, min(lo + batch_size, row0 + n))) for lo in range(row0, row0 + n, batch_size)]
                ids = torch.arange(row0, row0 + n) if row_ids is None else torch.as_tensor(row_ids)[row0:row0 + n]
                writer.write_shard(i, ids, {k: torch.cat([p[k].cpu().float() for p in parts]) for k in parts[0]})
                if progress:
                    progress(row0 + n, rows)
            return writer.finish()
