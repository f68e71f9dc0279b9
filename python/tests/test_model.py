"""The hash of the parameters that made a store, and runs that are resumed."""

import hashlib
import json
import re
import struct
from pathlib import Path

import pytest
import torch
from torch import nn

from attrib_torch import Store, StoreError, model_hash, read_scores, write_gradients
from test_hook import class_loss, networks

ROWS = 12
X, Y = torch.randn(ROWS, 6, generator=torch.Generator().manual_seed(0)), torch.arange(ROWS) % 3


def network():
    torch.manual_seed(5)
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8, affine=False), nn.Tanh(), nn.Linear(8, 3)).eval()


def write(folder, net, **args):
    return write_gradients(net, class_loss, lambda lo, hi: (X[lo:hi], Y[lo:hi]), folder, **{"rows": ROWS, "batch_size": 2, "shard_rows": 5, **args})


def contents(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.startswith(".")}


def test_hash():
    net, same = network(), network()
    h = model_hash(net)
    assert re.fullmatch("[0-9a-f]{64}", h) and h == model_hash(same) == model_hash(net.train())
    changes = [lambda n: n[0].weight.data[3, 2].add_(1e-6), lambda n: n[3].bias.data.neg_(), lambda n: n[1].running_mean.add_(1e-6), lambda n: n.double(),
               lambda n: n.append(nn.Linear(1, 1)), lambda n: setattr(n[0], "weight", nn.Parameter(n[0].weight.detach().view(6, 8)))]
    hashes = {h}
    for change in changes:
        other = network()
        change(other)
        hashes.add(model_hash(other))
    assert len(hashes) == len(changes) + 1


def test_hash_stays():
    """The same parameters have the same hash in every version."""
    net = nn.Linear(3, 2)
    net.load_state_dict({"weight": torch.arange(6.0).view(2, 3), "bias": torch.tensor([1.0, -1.0])})
    heads = [b'["bias", "torch.float32", [2]]\n', b'["weight", "torch.float32", [2, 3]]\n']
    want = b"attrib_torch.model/1\n" + heads[0] + struct.pack("<2f", 1, -1) + heads[1] + struct.pack("<6f", *range(6))
    assert model_hash(net) == hashlib.sha256(want).hexdigest()


def test_hash_of_every_layout_and_type():
    net = network()
    net[0].weight.data = net[0].weight.data.T.contiguous().T
    assert model_hash(net) == model_hash(network())
    for dtype in (torch.bfloat16, torch.float16, torch.float64):
        assert model_hash(network().to(dtype)) == model_hash(network().to(dtype)) != model_hash(network())

    class Extra(nn.Linear):
        def get_extra_state(self):
            return object()

    assert len(model_hash(Extra(2, 2))) == 64


def test_samples_and_outputs_agree(tmp_path):
    net = network()
    write(tmp_path / "samples", net)
    write(tmp_path / "outputs", net, of="outputs", measurement="log-prob", rows=4, layers=["3"])
    write(tmp_path / "other", net, model="ab" * 32)
    write(tmp_path / "none", net, model="")
    models = {p.name: Store(p).header["model"] for p in tmp_path.iterdir()}
    assert models == {"samples": model_hash(net), "outputs": model_hash(net), "other": "ab" * 32, "none": ""}


class Stop(Exception):
    pass


def stopped(folder, net, **args):
    """A run that ends after its first shard."""
    def progress(done, rows):
        raise Stop

    with pytest.raises(Stop):
        write(folder, net, progress=progress, **args)


def test_resumed(tmp_path):
    net = network()
    args = dict(project=(4, 4), seed=bytes(32), covariances=True)
    write(tmp_path / "whole", net, **args)
    stopped(tmp_path / "s", net, **args)
    assert write(tmp_path / "s", network(), **args) and contents(tmp_path / "s") == contents(tmp_path / "whole")
    assert write(tmp_path / "s", net, **args)  # once more changes nothing
    assert contents(tmp_path / "s") == contents(tmp_path / "whole")


def test_resumed_with_other_parameters(tmp_path):
    net = network()
    stopped(tmp_path / "s", net)
    with torch.no_grad():
        net[0].weight[0, 0] += 1e-3
    with pytest.raises(StoreError, match="field model is '[0-9a-f]{64}' in the store, but '[0-9a-f]{64}' in this run"):
        write(tmp_path / "s", net)
    net = network()
    net[0].weight.requires_grad_(False)
    with pytest.raises(StoreError, match="field layout"):
        write(tmp_path / "s", net)
    assert write(tmp_path / "s", network())


@pytest.mark.parametrize("which", ["wide", "positions"])
def test_ranks(tmp_path, which):
    net, loss, batch = networks()[which]
    args = dict(rows=7, shard_rows=2, covariances=True, batch_size=3, project=(5, 3), seed=bytes(range(32)))
    for world in (1, 3):
        done = [write_gradients(net, loss, lambda lo, hi: [t[lo:hi] for t in batch], tmp_path / str(world), rank=r, world_size=world, **args) for r in reversed(range(world))]
        assert done == [False] * (world - 1) + [True]
    assert contents(tmp_path / "1") == contents(tmp_path / "3")


def test_readme(tmp_path, monkeypatch):
    """The README's example runs as it stands."""
    text = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert len(blocks) == 1
    monkeypatch.chdir(tmp_path)
    scope = {}
    exec(compile(blocks[0], "README.md", "exec"), scope)
    assert len(scope["row_ids"]) == len(scope["rows"]) == 300 and scope["rows"].isfinite().all()
    h = Store("store").header
    assert any(l["fullIn"] for l in h["layout"]["layers"]) and h["covariances"] and h["model"] == model_hash(scope["net"])
    queries = Store("queries").header
    assert queries["of"] == "outputs" and all(queries[k] == h[k] for k in ("model", "projectionSeed"))


def test_scores(tmp_path):
    from safetensors.torch import save_file

    save_file({"values": torch.tensor([[3, -2], [0, 5]], dtype=torch.int32)}, tmp_path / "scores.int.safetensors")
    head = {"schema": "attrib.scores/1", "scale": -2, "outputs": [{"id": "q0"}, "q1"], "players": ["ada", "bob"]}
    (tmp_path / "scores.json").write_text(json.dumps(head))
    scores, outputs, players = read_scores(tmp_path)
    assert scores.tolist() == [[0.75, -0.5], [0, 1.25]] and outputs == ["q0", "q1"] and players == ["ada", "bob"]
    (tmp_path / "scores.json").write_text(json.dumps({**head, "schema": "x"}))
    with pytest.raises(ValueError, match="schema is 'x'"):
        read_scores(tmp_path)
