"""A hook over a module that gives every sample's gradient in factors: per layer the activations a and the gradients d of
the loss by the layer's outputs, whose products summed over positions are the gradient of the weight (out × in, PyTorch's
layout; with a bias a ends in a column of ones). checks.py says what is refused."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.autograd.graph import get_gradient_edge

from . import checks, kinds
from .model import model_hash
from .signs import projection
from .store import Layer, StoreError, StoreWriter


@dataclass
class _Use:
    """A layer in one forward pass."""

    x: torch.Tensor  # its input
    version: int  # of the input, as the layer read it
    edge: object  # where its output stands in the graph: an operation in place does not move it
    blank: torch.Tensor  # zeros of the output's shape


class Layers:
    """The layers of a module whose gradients are wanted.

    names: which; default all Linear, Conv1D and Conv2d layers with trainable parameters, and then any other trainable parameter
    is refused by name. positions: name → positions stored per sample, where a sample's number differs from batch to batch
    (shorter ones are filled up with zeros); default: what the first batch has. project: a pair (in, out) of widths that wider
    layers are projected to. Group g of a convolution with groups is the layer `name.g<g>` of the store.
    """

    def __init__(self, module, names=None, positions=None, project=None, seed=None):
        checks.projection(project, seed)
        self.module, self.project, self.seed = module, project, seed
        self.modules = checks.pick(module, names)
        self.names, self.positions = list(self.modules), checks.positions(positions or {}, self.modules)
        self.parts = [(n if kinds.groups(m) == 1 else f"{n}.g{g}", n, g) for n, m in self.modules.items() for g in range(kinds.groups(m))]
        self._matrices = {}

    def run(self, losses, *batch):
        """One forward pass: the losses, and how each layer was used."""
        seen, hooks = {}, []

        def record(name):
            def hook(m, args, kwargs, out):
                x = [*args, *kwargs.values(), None][0]
                checks.use(name, m, x, out, name in seen)
                seen[name] = _Use(x.detach(), x._version, get_gradient_edge(out), out.new_zeros(()).expand(out.shape))
                return out.clone() if out._is_view() else out  # an operation in place on a view would take the edge out of the graph
            return hook

        try:
            for n, m in self.modules.items():
                hooks.append(m.register_forward_hook(record(n), prepend=True, with_kwargs=True))
            with torch.enable_grad():
                value = losses(self.module, *batch)
        finally:
            for h in hooks:
                h.remove()
        checks.uses(self.names, seen, value)
        return value, seen

    def raw(self, value, seen, **how):
        """One backward pass: (name in the store, a, d) of every layer, before projection, each b × positions × width."""
        grads = torch.autograd.grad(value.sum(), [seen[n].edge for n in self.names], allow_unused=True, **how)
        grads = {n: seen[n].blank if g is None else g for n, g in zip(self.names, grads)}
        for part, n, g in self.parts:
            m = self.modules[n]
            yield part, kinds.activations(m, seen[n].x, g).detach(), kinds.gradients(m, grads[n], g).detach()

    def factors(self, losses, *batch):
        """One forward and one backward pass. losses(module, *batch) gives a loss per sample, b numbers, where a sample's depends
        on that sample alone. Returns "a.<layer>" (b × positions × in) and "d.<layer>" (b × positions × out), detached. The
        module's parameters, their .grad and its mode stay as they are."""
        out = {}
        for i, (part, a, d) in enumerate(self.raw(*self.run(losses, *batch))):
            for side, x in enumerate((a, d)):
                out["ad"[side] + "." + part] = self._fit(self.parts[i][1], self._projected(i, side, x))
        return out

    def layout(self):
        """The store's layers, once a batch has said how many positions there are."""
        out = []
        for part, n, _ in self.parts:
            full = kinds.widths(self.modules[n])
            kept = tuple(self._width(side, w) for side, w in enumerate(full))
            out.append(Layer(part, *kept, self.positions[n], *(full if kept != full else (0, 0))))
        return out

    def _width(self, side, full):
        return min(self.project[side], full) if self.project else full

    def _projected(self, i, side, x):
        x = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x  # sums in half precision lose what is stored
        full = x.shape[-1]
        if self._width(side, full) == full:
            return x
        key = (i, side, x.device, x.dtype)
        if key not in self._matrices:
            self._matrices[key] = torch.from_numpy(projection(self.seed, 2 * i + side, self._width(side, full), full)).to(x)
        return x @ self._matrices[key].T

    def _fit(self, name, x):
        """Fills positions up with zeros."""
        want = self.positions.setdefault(name, x.shape[1])
        if x.shape[1] > want:
            raise StoreError(f"layer {name!r}: {x.shape[1]} positions, but {want} are stored: state more in positions")
        return nn.functional.pad(x, (0, 0, 0, want - x.shape[1])) if x.shape[1] < want else x


def write_gradients(module, losses, batch, folder, *, rows, measurement="loss", row_ids=None, layers=None, positions=None, project=None, seed=None,
                    batch_size=64, rank=0, world_size=1, progress=None, verify=True, model=None, **header):
    """Writes the gradients of `rows` samples into a store and returns whether it is complete (with several ranks: whether
    this one finished it). Killed at any moment and called again it goes on with the shard that was in hand.

    losses(module, *tensors): a number per sample, the loss, or the goodness for "margin" and "log-prob". batch(lo, hi): the
    tensors of samples lo … hi−1. row_ids: the samples' lines in the corpus (default 0 … rows−1). layers, positions, project,
    seed: see Layers. verify: whether the gradients of the first batch are checked against PyTorch's own (checks.batch);
    "all" checks every batch. model: SHA-256 of what made the rows, by default model_hash(module). The rest goes to StoreWriter."""
    rows, batch_size, ids = checks.sizes(rows, batch_size, row_ids, verify)
    checks.steady(module)
    picked = Layers(module, layers, positions, project, seed)

    def factors(lo, hi, check):
        if check:
            checks.batch(picked, losses, batch, lo, hi)
        return checks.rows(picked.factors(losses, *batch(lo, hi)), lo, hi)

    factors(0, min(rows, batch_size), verify is True)
    layout = picked.layout()
    with StoreWriter(folder, rows=rows, measurement=measurement, layers=layout, rank=rank, world_size=world_size, model=model_hash(module) if model is None else model,
                     seed=seed if any(l.full_inputs for l in layout) else None, **header) as writer:
        for i, row0, n in writer.todo():
            parts = [factors(lo, min(lo + batch_size, row0 + n), verify == "all") for lo in range(row0, row0 + n, batch_size)]
            writer.write_shard(i, ids[row0:row0 + n], {k: torch.cat([p[k].cpu().float() for p in parts]) for k in parts[0]})
            if progress:
                progress(row0 + n, rows)
        return writer.finish()
