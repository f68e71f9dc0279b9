"""Which parameters made a store's rows."""

import hashlib
import json

import torch


def model_hash(module):
    """SHA-256 over the names, types, shapes and bytes of the tensors of module.state_dict(), by name: what a store's header
    holds as `model`. Rows of samples and of outputs belong together when it is the same; where the tensors lie does not
    matter."""
    sha = hashlib.sha256(b"attrib_torch.model/1\n")
    for name, t in sorted(module.state_dict().items()):
        if isinstance(t, torch.Tensor):  # else the extra state of a module, which has no bytes of its own
            sha.update(json.dumps([name, str(t.dtype), list(t.shape)]).encode() + b"\n")
            sha.update(t.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return sha.hexdigest()
