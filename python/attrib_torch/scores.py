"""Scores that `attrib score` wrote."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file


def read_scores(folder):
    """(scores, outputs, contributors): a float64 tensor outputs × contributors and the ids of its rows and columns.
    Positive: the contributor's samples helped the output. The numbers are exactly those that shares follow from."""
    folder = Path(folder)
    head = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    if head.get("schema") != "attrib.scores/1":
        raise ValueError(f"{folder / 'scores.json'}: schema is {head.get('schema')!r}, want attrib.scores/1")
    values = load_file(folder / "scores.int.safetensors")["values"]
    outputs = [o["id"] if isinstance(o, dict) else o for o in head["outputs"]]
    return values.to(torch.float64) * 2.0 ** head["scale"], outputs, head["players"]
