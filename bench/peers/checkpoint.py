"""Checkpoints both ways.

    python checkpoint.py DIR

DIR holds model.json, model.safetensors (a checkpoint of ours) and x.safetensors (`x`). Loads the checkpoint as a
state_dict, strictly, and writes logits.safetensors; then saves PyTorch's own: torch-<type>.safetensors in three types,
tensors in reverse order, and torch.pt, a pickle.
"""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from torch_model import Network

folder = Path(sys.argv[1])
net = Network(json.loads((folder / "model.json").read_text()))
net.load_state_dict(load_file(folder / "model.safetensors"), strict=True)
with torch.no_grad():
    save_file({"logits": net(load_file(folder / "x.safetensors")["x"])}, folder / "logits.safetensors")
    for p in net.parameters():
        p.add_(0.25)
for name, dtype in {"F32": torch.float32, "F64": torch.float64, "BF16": torch.bfloat16}.items():
    state = {k: v.to(dtype).contiguous() for k, v in reversed(net.state_dict().items())}
    save_file(state, folder / f"torch-{name}.safetensors", metadata={"format": "pt"})
torch.save(net.state_dict(), folder / "torch.pt")
