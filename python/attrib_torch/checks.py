"""What the hook refuses, so that no row is wrong in silence.

Two safety nets are wider than any list: on the first batch the factors are multiplied out and held against PyTorch's own
gradient of every parameter, and samples are run alone and held against their rows of the batch (`batch`).
"""

import torch
from torch import nn

from . import kinds
from .header import StoreError
from .store import whole


def sizes(rows, batch_size, row_ids, verify):
    """(rows, batch size, row ids) of a run; nothing is written yet."""
    rows, batch_size = whole("rows", rows), whole("batch_size", batch_size)
    for name, n in (("rows", rows), ("batch_size", batch_size)):
        if n < 1:
            raise StoreError(f"{name}: {n} is not positive")
    if verify not in (True, False, "all"):
        raise StoreError(f"verify: {verify!r} is not True, False or 'all'")
    ids = torch.arange(rows) if row_ids is None else torch.as_tensor(row_ids)
    if ids.shape != (rows,) or ids.dtype.is_floating_point:
        raise StoreError(f"row_ids: {tuple(ids.shape)} of {ids.dtype}, want {rows} whole numbers")
    order = ids.sort().values
    if order[0] < 0 or (order[1:] == order[:-1]).any():
        raise StoreError("row_ids: a row id is negative or given twice")
    return rows, batch_size, ids


def projection(project, seed):
    if (project is None) != (seed is None):
        raise StoreError("a projection needs both the widths and a seed of 32 bytes")
    if project is None:
        return
    if len(project) != 2 or any(whole("project", w) < 1 for w in project):
        raise StoreError(f"project: {project!r} is no pair of positive widths")
    if len(seed) != 32:
        raise StoreError(f"seed: {len(seed)} bytes, want 32")


def positions(given, modules):
    for name, n in given.items():
        if name not in modules:
            raise StoreError(f"positions: {name!r} is no layer that is used")
        if whole(f"positions of {name!r}", n) < 1:
            raise StoreError(f"positions of {name!r}: {n} is not positive")
    return dict(given)


def steady(module):
    """Refuses layers that give a sample another gradient in another batch."""
    for n, m in module.named_modules():
        if m.training and isinstance(m, (nn.modules.batchnorm._BatchNorm, nn.modules.dropout._DropoutNd)) and getattr(m, "p", 1) > 0:
            raise StoreError(f"layer {n!r} is {type(m).__name__} in training mode: call module.eval() first")
        if isinstance(m, nn.modules.batchnorm._BatchNorm) and m.running_mean is None:
            raise StoreError(f"layer {n!r} is {type(m).__name__} without running statistics: a sample's gradient depends on the others of its batch")


def pick(module, names):
    """name → module of the layers to use, each of which has factors."""
    found = dict(module.named_modules())
    if names is None:
        wanted = [n for n, m in found.items() if kinds.resembles(m) and any(p.requires_grad for p in m.parameters(False))]
    else:
        wanted = list(dict.fromkeys(names))
    for n in wanted:
        if n not in found:
            raise StoreError(f"layer {n!r} is not in the module")
        if why := kinds.objection(found[n]):
            raise StoreError(f"layer {n!r} {why}")
        if not kinds.columns(found[n]):
            raise StoreError(f"layer {n!r} has no trainable parameter")
    picked = {n: found[n] for n in wanted}
    if names is None:
        _refuse_others(module, picked)
    if not picked:
        raise StoreError(f"no trainable {kinds.WANT} layer is {'in the module' if names is None else 'named'}")
    _refuse_shared(found, picked)
    return picked


def _refuse_others(module, picked):
    known = {id(p) for m in picked.values() for p in m.parameters(False)}
    others = [n for n, p in module.named_parameters() if p.requires_grad and id(p) not in known]
    if others:
        raise StoreError(f"parameters {', '.join(others)} belong to no supported layer: name the layers to use, or freeze these")


def _refuse_shared(found, picked):
    """A parameter of two modules has one gradient, of which a layer's factors are a part only."""
    owners = {}
    for n, m in found.items():
        for k, p in m.named_parameters(n, recurse=False):
            owners.setdefault(id(p), []).append(k)
    for m in picked.values():
        for p in m.parameters(False):
            if p.requires_grad and len(owners[id(p)]) > 1:
                raise StoreError(f"parameter {' is also '.join(owners[id(p)])}: shared parameters are not supported, freeze or untie them")


def use(name, m, x, out, again):
    """A layer as it is called."""
    if again:
        raise StoreError(f"layer {name!r} is used twice in one pass: shared layers are not supported")
    kinds.check_input(name, m, x)
    if not out.requires_grad:
        raise StoreError(f"layer {name!r} runs without gradients: under torch.no_grad, or inside a checkpoint that is re-entrant")


def uses(names, seen, value):
    """All layers after the forward pass."""
    if not isinstance(value, torch.Tensor) or value.dim() != 1:
        raise StoreError(f"losses are {tuple(value.shape) if isinstance(value, torch.Tensor) else type(value).__name__}, want one number a sample")
    if missing := [n for n in names if n not in seen]:
        raise StoreError(f"layers {', '.join(missing)} are not used in the pass")
    if not value.requires_grad:
        raise StoreError("the losses do not depend on the parameters: they are detached, or computed under torch.no_grad")
    for n in names:
        if seen[n].x._version != seen[n].version:
            raise StoreError(f"layer {n!r}: its input is changed in place after the layer has read it")
        if len(seen[n].x) != len(value):
            raise StoreError(f"layer {n!r} sees {len(seen[n].x)} rows for {len(value)} samples: samples must be its first dimension")


def rows(factors, lo, hi):
    """A batch's factors, when they are of as many samples as were asked for."""
    n = len(next(iter(factors.values())))
    if n != hi - lo:
        raise StoreError(f"batch({lo}, {hi}) gives {n} losses, want {hi - lo}")
    return factors


def batch(layers, losses, tensors, lo, hi):
    """Holds the gradients of samples lo … hi−1 against PyTorch's. It costs about three more passes."""
    value, seen = layers.run(losses, *tensors(lo, hi))
    if not torch.isfinite(value).all():
        raise StoreError(f"sample {lo + int((~torch.isfinite(value)).nonzero()[0, 0])}: its loss is a NaN or an infinity")
    raw = list(layers.raw(value, seen, retain_graph=True))
    _sums(layers, value, raw)
    for i in value.detach().abs().topk(min(2, len(value))).indices.tolist():  # of tiny losses rounding is all that is left
        _alone(layers, losses, tensors, lo, i, float(value[i].detach().abs()), raw)


def _sums(layers, value, raw):
    """Σ rᵢ·Dᵢᵀ·Aᵢ must be the gradient of Σ rᵢ·ℓᵢ, for weights rᵢ that tell the samples apart."""
    r = torch.linspace(1, 2, len(value), device=value.device, dtype=value.dtype)
    for n, m in layers.modules.items():
        parts = [(a, d) for (_, a, d), (_, owner, _) in zip(raw, layers.parts) if owner == n]
        products = [_product(a, d, r) for a, d in parts]
        names = list(kinds.columns(m))
        wants = torch.autograd.grad((value * r).sum(), [getattr(m, k) for k in names], allow_unused=True, retain_graph=True)
        for k, want in zip(names, wants):
            got = kinds.as_parameter(m, k, products)
            want = torch.zeros_like(got) if want is None else want.to(got)
            scale = sum(_scale(a[..., kinds.columns(m)[k]], d) for a, d in parts)
            off = float((got - want).norm()) / max(float(want.norm()), scale, 1e-300)
            if not off <= max(1e-4, 8 * _eps(*parts[0], m.weight)):
                raise StoreError(f"parameter {n + '.' if n else ''}{k}: its gradient differs by {off:.2g} (relative) from what the samples' calls of layer {n!r} add up to: "
                                 "the parameter is used elsewhere too, or the layer computes something else, or samples are not its first dimension")


def _alone(layers, losses, tensors, lo, i, value, raw):
    """Sample lo+i in a batch of one must have the gradient that it has among others."""
    where = f"sample {lo + i} alone"
    try:
        value1, seen = layers.run(losses, *tensors(lo + i, lo + i + 1))
    except Exception as err:
        raise StoreError(f"{where}: {err} (samples are also run in batches of one, to see that they do not depend on each other)") from err
    if len(value1) != 1:
        raise StoreError(f"{where}: batch({lo + i}, {lo + i + 1}) gives {len(value1)} losses, want 1")
    for (part, a, d), (_, a1, d1) in zip(raw, layers.raw(value1, seen)):
        g, g1 = _product(a[i:i + 1], d[i:i + 1]), _product(a1, d1)
        off = float((g - g1).norm()) / max(float(g.norm()), _scale(a[i:i + 1], d[i:i + 1]), 1e-300)
        # Wider than for sums: a unit whose input is almost 0 may be on in one batch and off in another.
        eps = _eps(a, d)
        if not off <= max(1e-3, 16 * eps, 16 * eps / max(value, 1e-300)):
            raise StoreError(f"layer {part!r}: {where} has a gradient that differs by {off:.2g} (relative) from the one in its batch: something is random (dropout in "
                             "training mode: call module.eval()), or a sample depends on the others of its batch, or samples are not the first dimension of every layer")


def _product(a, d, r=None):
    """Σ rᵢ·Dᵢᵀ·Aᵢ over samples, in single precision at least."""
    kind = torch.promote_types(torch.promote_types(a.dtype, d.dtype), torch.float32)
    d = d.to(kind) if r is None else d.to(kind) * r[:, None, None].to(kind)
    return d.flatten(0, 1).T @ a.flatten(0, 1).to(kind)


def _scale(a, d):
    """The norm that the sum over positions would have if its terms were orthogonal: when they cancel, rounding is of this size."""
    squares = [x.to(torch.promote_types(x.dtype, torch.float32)).square().sum(-1) for x in (a, d)]
    return float((squares[0] * squares[1]).sum().sqrt())


def _eps(*tensors):
    """The rounding of the coarsest of some tensors, as they are multiplied."""
    coarse = any(t.is_cuda for t in tensors) and (torch.backends.cudnn.allow_tf32 or torch.backends.cuda.matmul.allow_tf32)
    return max([torch.finfo(t.dtype).eps for t in tensors] + [2.0**-10] * coarse)
