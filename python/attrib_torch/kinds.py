"""The kinds of layers whose gradients come in factors, and what their factors are.

The gradient of a layer's weight is the sum over positions of d ⊗ a: a what the layer reads at a position, d the gradient by
what it gives there. Of a layer only what is trainable is written: a is the activations for a weight, a column of ones for
a bias. A grouped convolution is one such layer per group.
"""

import torch
from torch import nn

from .header import StoreError

WANT = "Linear, Conv1D or Conv2d"


def is_conv1d(m):
    """Hugging Face's Conv1D: a linear layer whose weight is (in, out)."""
    return type(m).__name__ == "Conv1D" and hasattr(m, "nf") and getattr(m, "weight", None) is not None and m.weight.dim() == 2


def resembles(m):
    """Whether a module is of a kind that has factors, if nothing speaks against it."""
    return isinstance(m, (nn.Linear, nn.Conv2d)) or is_conv1d(m)


def objection(m):
    """Why a module's gradient would not be that of its factors, or None."""
    if not resembles(m):
        return f"is {type(m).__name__}, want {WANT}"
    base = nn.Linear if isinstance(m, nn.Linear) else nn.Conv2d if isinstance(m, nn.Conv2d) else type(m)
    if any(k in vars(m) or getattr(type(m), k, None) is not getattr(base, k, None) for k in ("forward", "_conv_forward")):
        return f"is {type(m).__name__}, which has a forward of its own: want {WANT}"
    if any(nn.parameter.is_lazy(p) for p in m.parameters(False)):
        return "has no shape yet: run the module once"
    if any(getattr(m, k, None) is not None and k not in m._parameters for k in ("weight", "bias")):
        return "computes its weight from other parameters (weight_norm, spectral_norm, pruning, …): write the plain weight back first"
    extra = [k for k, p in m.named_parameters(recurse=False) if p.requires_grad and k not in ("weight", "bias")]
    return f"has parameters beside weight and bias: {', '.join(extra)}" if extra else None


def groups(m):
    return getattr(m, "groups", 1)


def trainable(m, name):
    p = getattr(m, name, None)
    return p is not None and p.requires_grad


def columns(m):
    """Where in a the columns of each trainable parameter are: name → slice."""
    n = m.weight.shape[0] if is_conv1d(m) else m.weight[0].numel()
    n = n if trainable(m, "weight") else 0
    out = {"weight": slice(0, n)} if n else {}
    return {**out, "bias": slice(n, n + 1)} if trainable(m, "bias") else out


def widths(m):
    """(in, out) of a layer, or of each group: in counts what is trainable."""
    n_out = m.weight.shape[1] if is_conv1d(m) else m.weight.shape[0] // groups(m)
    return max(s.stop for s in columns(m).values()), n_out


def _patches(m, x, g):
    """b × positions × in of what group g of a convolution reads."""
    c = m.in_channels // m.groups
    mode = "constant" if m.padding_mode == "zeros" else m.padding_mode
    x = nn.functional.pad(x, m._reversed_padding_repeated_twice, mode)  # as the layer itself does, also for padding="same"
    return nn.functional.unfold(x[:, g * c:(g + 1) * c], m.kernel_size, dilation=m.dilation, stride=m.stride).transpose(1, 2)


def activations(m, x, g):
    """b × positions × in of a layer's input, for group g."""
    a = _patches(m, x, g) if isinstance(m, nn.Conv2d) else x.reshape(len(x), -1, x.shape[-1])
    ones = [a.new_ones(*a.shape[:2], 1)] if trainable(m, "bias") else []
    return torch.cat([a, *ones] if trainable(m, "weight") else ones, 2)


def gradients(m, d, g):
    """b × positions × out of the gradient by a layer's output, for group g."""
    if not isinstance(m, nn.Conv2d):
        return d.reshape(len(d), -1, d.shape[-1])
    c = m.out_channels // m.groups
    return d[:, g * c:(g + 1) * c].flatten(2).transpose(1, 2)


def check_input(name, m, x):
    """x: what the layer was called with. A tensor of samples, so that its first dimension can be theirs."""
    want = 4 if isinstance(m, nn.Conv2d) else 2
    if not isinstance(x, torch.Tensor) or x.dim() < want:
        got = f"a tensor of {x.dim()} dimensions" if isinstance(x, torch.Tensor) else type(x).__name__
        raise StoreError(f"layer {name!r} is called with {got}, want {'' if want == 4 else 'at least '}{want}, samples first")
    if x.is_inference():
        raise StoreError(f"layer {name!r} is called with a tensor that was made under torch.inference_mode")


def as_parameter(m, name, products):
    """The gradient of a parameter in its own shape, from Dᵀ·A (out × in) of every group."""
    g = torch.cat([p[:, columns(m)[name]] for p in products])
    return g.flatten() if name == "bias" else (g.T if is_conv1d(m) else g).reshape(m.weight.shape)
