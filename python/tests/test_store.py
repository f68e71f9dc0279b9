import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from attrib_torch import Layer, Store, StoreError, StoreWriter

ROWS, SHARD = 23, 4
LAYERS = (Layer("fc", 3, 2, 1), Layer("cönv<1>", 2, 4, 3))


def tensors(lo, hi, layers):
    g = torch.Generator().manual_seed(1)
    all_rows = {"rows": torch.randn(ROWS, 5, generator=g)}
    if layers:
        all_rows = {f"{s}.{l.name}": torch.randn(ROWS, l.positions, l.inputs if s == "a" else l.outputs, generator=g) for l in layers for s in "ad"}
    return {k: v[lo:hi] for k, v in all_rows.items()}


def options(dtype="F32", layers=()):
    return dict(rows=ROWS, measurement="loss", dtype=dtype, shard_rows=SHARD, layers=layers, width=0 if layers else 5, model="ab" * 32)


def write(folder, dtype="F32", layers=(), rank=0, world_size=1, pause=0.0):
    with StoreWriter(folder, rank=rank, world_size=world_size, **options(dtype, layers)) as w:
        for i, row0, n in w.todo():
            w.write_shard(i, [(7 * r) % ROWS for r in range(row0, row0 + n)], tensors(row0, row0 + n, layers))
            time.sleep(pause)
        return w.finish()


def contents(folder):
    return {p.name: p.read_bytes() for p in Path(folder).iterdir() if not p.name.startswith(".")}


@pytest.mark.parametrize("dtype", ["F32", "BF16", "F16", "I8"])
@pytest.mark.parametrize("layers", [(), LAYERS])
def test_round_trip(tmp_path, dtype, layers):
    assert write(tmp_path, dtype, layers)
    store = Store(tmp_path)
    ids, at = [], 0
    for i, parts in store.shards():
        ids += i.tolist()
        for name, want in tensors(at, at + len(i), layers).items():
            limit = {"F32": 0, "BF16": 1 / 256, "F16": 1 / 2048, "I8": 1 / 254}[dtype] * want.abs().amax(-1, keepdim=True) * 1.001
            assert ((parts[name] - want).abs() <= limit).all()
        at += len(i)
    assert ids == [(7 * r) % ROWS for r in range(ROWS)]
    _, rows = store.rows()
    worst = rows.double().square().sum(1).sqrt().max()
    assert abs(max(s["maxNorm"] for s in store.header["shards"]) - worst) < 1e-6 * worst


def test_two_ranks(tmp_path):
    write(tmp_path / "one")
    script = "import sys; sys.path.insert(0, sys.argv[3]); import test_store; test_store.write(sys.argv[1], rank=int(sys.argv[2]), world_size=2, pause=.01)"
    ranks = [subprocess.Popen([sys.executable, "-c", script, tmp_path / "two", str(r), str(Path(__file__).parent)]) for r in range(2)]
    assert [r.wait() for r in ranks] == [0, 0]
    assert contents(tmp_path / "two") == contents(tmp_path / "one")


def test_killed(tmp_path):
    write(tmp_path / "want")
    random.seed(4)
    for k in range(12):
        folder = tmp_path / str(k)
        child = os.fork()
        if child == 0:
            try:
                write(folder, pause=0.002)
            finally:
                os._exit(0)
        time.sleep(random.uniform(0.001, 0.04))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert write(folder)
        assert contents(folder) == contents(tmp_path / "want")


def test_flipped_bits(tmp_path):
    write(tmp_path)
    random.seed(5)
    for path in sorted(tmp_path.glob("[!.]*")):
        data = path.read_bytes()
        for _ in range(40):
            bad = bytearray(data)
            bad[random.randrange(len(bad))] ^= 1 << random.randrange(8)
            path.write_bytes(bad)
            with pytest.raises(Exception, match="store.json|shard-"):
                list(Store(tmp_path).shards())
        path.write_bytes(data)
    list(Store(tmp_path).shards())


def test_refusals(tmp_path):
    def refuses(match, **changes):
        with pytest.raises(StoreError, match=match):
            StoreWriter(tmp_path, **{**options(), **changes}).close()

    refuses("measurement: 'taste'", measurement="taste")
    refuses("layout.type: 'F8'", dtype="F8")
    refuses("rank 2 is not one of 2", rank=2, world_size=2)
    refuses("model: 'x'", model="x")
    with StoreWriter(tmp_path, **options("F16")) as w:
        refuses("field layout")
        refuses("field rows", dtype="F16", rows=24)
        rows = tensors(0, SHARD, ())
        rows["rows"][2, 1] = 1e6
        with pytest.raises(StoreError, match="row id 12: rows: holds 1e\\+06, which is too large for F16"):
            w.write_shard(0, [10, 11, 12, 13], rows)
        rows["rows"][2] = torch.tensor([0, 0, 0, 1e-9, 0])
        with pytest.raises(StoreError, match="row id 12: rows: every value is too small for F16"):
            w.write_shard(0, [10, 11, 12, 13], rows)
        rows["rows"][3, 0] = float("nan")
        with pytest.raises(StoreError, match="row id 13: rows holds a NaN"):
            w.write_shard(0, [10, 11, 12, 13], rows)
        good = tensors(0, SHARD, ())
        for ids, match in (([1, 2, 3], "row_ids is"), ([1, 2, 3, 1], "given twice"), ([1, 2, 3, -1], "negative")):
            with pytest.raises(StoreError, match=match):
                w.write_shard(0, ids, good)
        with pytest.raises(StoreError, match="rows is"):
            w.write_shard(0, [0, 1, 2, 3], {"rows": good["rows"][:, :3]})
        import fcntl
        with open(tmp_path / ".shard-00000.lock", "w") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            with pytest.raises(StoreError, match="written by another process"):
                w.write_shard(0, [0, 1, 2, 3], good)
        w.write_shard(0, [0, 1, 2, 3], good)
        with pytest.raises(StoreError, match="written already"):
            w.write_shard(0, [0, 1, 2, 3], good)
        assert not w.finish()
    with pytest.raises(StoreError, match="rows from 0 are not written yet"):
        list(Store(tmp_path).shards())
