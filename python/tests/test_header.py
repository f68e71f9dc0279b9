"""What a reader and a writer refuse, field by field: the same that attrib refuses."""

import hashlib
import json

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save

from attrib_torch import Layer, Store, StoreError, StoreWriter
from attrib_torch.header import go_float, read_header, seal
from test_store import LAYERS, SHARD, options, tensors


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole")
    layers = (*LAYERS, Layer("p", 2, 2, 1, 5, 5))
    with StoreWriter(path, **{**options(layers=layers), "seed": bytes(32), "covariances": True}) as w:
        for i, row0, n in w.todo():
            w.write_shard(i, range(row0, row0 + n), tensors(row0, row0 + n, layers))
        assert w.finish()
    return path


def damaged(folder, target, change):
    """A copy of a store with another header, sealed again."""
    target.mkdir()
    for p in folder.iterdir():
        (target / p.name).write_bytes(p.read_bytes())
    h = json.loads((folder / "store.json").read_text())
    del h["digest"]
    change(h)
    (target / "store.json").write_bytes(seal(h))
    return target


def put(*path_and_value):
    """Sets a field of a header."""
    *path, last, value = path_and_value

    def change(h):
        for step in path:
            h = h[step]
        h[last] = value

    return change


DAMAGE = {
    "of": (put("of", "x"), "of: 'x' is not one of samples, outputs"),
    "kind": (put("kind", "x"), "kind: 'x' is not one of"),
    "sign unknown": (put("sign", "minus"), "sign: 'minus' is not one of"),
    "sign of another": (put("sign", "none"), "sign: 'none' does not go with measurement 'loss'"),
    "measurement": (put("measurement", "taste"), "measurement: 'taste' is not one of"),
    "kind of another": (put("kind", "embeddings"), "kind: 'embeddings' does not go with measurement"),
    "unit": (put("unit", "banana"), "unit: 'banana' is not one of"),
    "type": (put("layout", "type", "F64"), "layout.type: 'F64'"),
    "width": (put("layout", "width", 7), "layout.width: 7 is not the sum"),
    "width zero": (put("layout", "width", 0), "layout.width: 0 is not in"),
    "layer name": (put("layout", "layers", 0, "name", ""), r"layers\[0\].name is empty"),
    "layer twice": (put("layout", "layers", 0, "name", "p"), "'p' is given twice"),
    "layer positions": (put("layout", "layers", 0, "positions", 0), "positions 0 must be positive"),
    "layer huge": (put("layout", "layers", 0, "in", 1 << 50), "products at most"),
    "half projected": (put("layout", "layers", 2, "fullIn", 0), "must both be given"),
    "no seed": (put("projectionSeed", ""), "projectionSeed: '' does not go with"),
    "seed": (put("projectionSeed", "00"), "projectionSeed: '00' is not 64"),
    "model": (put("model", "AB" * 32), "model: .* is not 64 lower-case"),
    "covariances elsewhere": (put("covariances", "file", "../covariances.safetensors"), "covariances: want null"),
    "rows": (put("rows", 24), "hold 23 rows, not 24"),
    "rows negative": (put("rows", -1), "rows: -1 is not positive"),
    "rows a bool": (put("rows", True), "rows: True is not of type int"),
    "rows a string": (put("rows", "23"), "rows: '23' is not of type int"),
    "rows huge": (put("rows", 1 << 70), "does not fit 64 bits"),
    "shardRows": (put("shardRows", 0), "shardRows: 0 is not positive"),
    "shard too large": (put("shardRows", 3), r"shards\[0\].row0, rows: 0 and 4, want 0 and 1 … 3"),
    "shard leaves the folder": (put("shards", 0, "file", "../shard-00000.safetensors"), r"shards\[0\].file: '../shard"),
    "shard absolute": (put("shards", 1, "file", "/etc/passwd"), r"shards\[1\].file: '/etc/passwd', want 'shard-00001"),
    "shard of another number": (put("shards", 1, "file", "shard-00000.safetensors"), "want 'shard-00001"),
    "shards overlap": (put("shards", 1, "row0", 2), "without gap or overlap"),
    "shards leave a gap": (put("shards", 1, "row0", 5), "without gap or overlap"),
    "shard empty": (put("shards", 1, "rows", 0), r"shards\[1\].row0, rows: 4 and 0"),
    "shard missing": (lambda h: h["shards"].pop(), "hold 20 rows, not 23"),
    "shard hash": (put("shards", 0, "sha256", "x"), "sha256: 'x' does not go with done True"),
    "shard norm": (put("shards", 0, "maxNorm", -1.0), "maxNorm: -1 does not go with"),
    "schema": (put("schema", "attrib.store/2"), "schema is 'attrib.store/2', want attrib.store/1"),
    "field unknown": (put("colour", "red"), "colour: unknown field"),
    "field of a shard unknown": (put("shards", 0, "colour", "red"), r"shards\[0\].colour: unknown field"),
    "field missing": (lambda h: h.pop("corpus"), "corpus: the field is missing"),
    "layout no object": (put("layout", []), "layout: .* is not of type dict"),
    "shard no object": (put("shards", 0, 5), r"shards\[0\]. is no object"),
}


@pytest.mark.parametrize("which", DAMAGE)
def test_reader_refuses(folder, tmp_path, which):
    change, match = DAMAGE[which]
    bad = damaged(folder, tmp_path / "bad", change)
    with pytest.raises(StoreError, match=match) as err:
        Store(bad)
    assert str(bad / "store.json") in str(err.value)


def test_reader_reports_everything(folder, tmp_path):
    def change(h):
        h["of"], h["unit"] = "x", "y"

    with pytest.raises(StoreError, match="of: 'x'.*\n.*unit: 'y'"):
        Store(damaged(folder, tmp_path / "bad", change))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"schema": "attrib.store/1", "schema": "attrib.store/1"}', '{"schema": NaN}', "[" * 100000, '{"schema": "attrib.store/1"}'])
def test_reader_refuses_other_json(tmp_path, text):
    (tmp_path / "store.json").write_text(text)
    with pytest.raises(StoreError, match="store.json"):
        Store(tmp_path)


def test_reader_refuses_links(folder, tmp_path):
    for name, read in (("shard-00001.safetensors", lambda s: s.rows()), ("covariances.safetensors", lambda s: s.covariances())):
        bad = damaged(folder, tmp_path / name, lambda h: None)
        read(Store(bad))
        (bad / name).rename(tmp_path / "elsewhere")
        (bad / name).symlink_to(tmp_path / "elsewhere")
        with pytest.raises(StoreError, match=f"{name}: it is a symbolic link"):
            read(Store(bad))


def resealed_shard(folder, target, i, change):
    """A store with another shard whose hash is right."""
    path = folder / f"shard-{i:05d}.safetensors"
    with safe_open(path, "pt") as f:
        t = {k: f.get_tensor(k) for k in f.keys()}
    change(t)
    data = save(t)
    damaged(folder, target, put("shards", i, "sha256", hashlib.sha256(data).hexdigest()))
    (target / path.name).write_bytes(data)
    return target


@pytest.mark.parametrize("which,change,match", [
    ("rows that do not match", lambda t: t.update({"a.fc": t["a.fc"][:3].clone()}), "a.fc is"),
    ("type", lambda t: t.update({"a.fc": t["a.fc"].double()}), "a.fc is .'F64'"),
    ("missing", lambda t: t.pop("d.fc"), "d.fc is missing"),
    ("too many", lambda t: t.update(x=torch.ones(1)), "x is .* want no such tensor"),
    ("ids of another type", lambda t: t.update(row_ids=t["row_ids"].int()), "row_ids is"),
    ("ids too few", lambda t: t.update(row_ids=t["row_ids"][:3].clone()), "row_ids is"),
    ("ids missing", lambda t: t.pop("row_ids"), "row_ids"),
    ("ids twice", lambda t: t.update(row_ids=torch.tensor([4, 5, 6, 3])), "row id 3 is given twice"),
    ("id negative", lambda t: t.update(row_ids=torch.tensor([4, 5, 6, -7])), "row id -7 is negative"),
])
def test_reader_refuses_shards(folder, tmp_path, which, change, match):
    bad = resealed_shard(folder, tmp_path / "bad", 1, change)
    with pytest.raises(StoreError, match="shard-00001.safetensors: .*" + match):
        Store(bad).rows()


WRITER = [
    (dict(unit="banana"), "unit: 'banana'"),
    (dict(measurement="embedding", unit="dm/dw"), "unit: 'dm/dw' does not go with"),
    (dict(measurement="taste"), "measurement: 'taste'"),
    (dict(of="x"), "of: 'x'"),
    (dict(rows=0), "rows: 0 is not positive"),
    (dict(rows=-3), "rows: -3 is not positive"),
    (dict(rows=2.5), "rows: 2.5 is no whole number"),
    (dict(shard_rows=-4), "shardRows: -4 is not positive"),
    (dict(shard_rows=1.5), "shard_rows: 1.5 is no whole number"),
    (dict(width=0), "layout.width: 0"),
    (dict(width=-1), "layout.width: -1"),
    (dict(layers=LAYERS), "width 5 is for flat rows"),
    (dict(seed=bytes(32)), "projectionSeed: .* does not go with the layers"),
    (dict(width=0, layers=(Layer("p", 2, 2, 1, 5, 5),)), "projectionSeed: '' does not go with"),
    (dict(width=0, layers=(Layer("p", 2, 2, 1, 5, 5),), seed=bytes(31)), "projectionSeed: .* is not 64"),
    (dict(width=0, layers=(Layer("a", 2, 2, 0),)), "positions 0 must be positive"),
    (dict(width=0, layers=(Layer("a", 2, 2), Layer("a", 2, 2))), "'a' is given twice"),
    (dict(rank=1), "rank 1 is not one of 1"),
    (dict(model=5), "model: 5 is not of type str"),
]


@pytest.mark.parametrize("changes,match", WRITER)
def test_writer_refuses(tmp_path, changes, match):
    with pytest.raises(StoreError, match=match):
        StoreWriter(tmp_path / "s", **{**options(), **changes}).close()
    assert not (tmp_path / "s").exists()


def test_whole_numbers_of_numpy(tmp_path):
    with StoreWriter(tmp_path, **{**options(), "rows": np.int64(5), "shard_rows": torch.tensor(3)}) as w:
        assert [n for _, _, n in w.todo()] == [3, 2] and read_header(tmp_path)["rows"] == 5


def test_row_ids_twice_across_shards(tmp_path):
    with StoreWriter(tmp_path, **options()) as w:
        for i, row0, n in w.todo():
            w.write_shard(i, [r % 20 for r in range(row0, row0 + n)], tensors(row0, row0 + n, ()))
        with pytest.raises(StoreError, match="shard-00005.safetensors: row id 0 is given twice"):
            w.finish()
    assert not any(s["done"] for s in read_header(tmp_path)["shards"])


def test_records_that_lie(tmp_path):
    for record in ("{}", "[]", "x", '{"file":"shard-00000.safetensors","row0":0,"rows":4,"sha256":"ab","maxNorm":1}',
                   '{"file":"shard-00000.safetensors","row0":0,"rows":4,"sha256":"%s","maxNorm":-1}' % ("ab" * 32), '{"file":"shard-00001.safetensors","row0":0,"rows":4,"sha256":"","maxNorm":1}'):
        with StoreWriter(tmp_path / "s", **options()) as w:
            for i, row0, n in w.todo():
                w.write_shard(i, range(row0, row0 + n), tensors(row0, row0 + n, ()))
            (tmp_path / "s" / "shard-00000.json").write_text(record)
            with pytest.raises(StoreError, match="shard-00000.json|shards.0.|symbolic"):
                w.finish()
        (tmp_path / "s" / "shard-00000.json").unlink()


def test_shard_numbers(tmp_path):
    with StoreWriter(tmp_path, **options()) as w:
        for i in (-1, 6):
            with pytest.raises(StoreError, match=f"shard {i} is not one of the 6"):
                w.write_shard(i, range(SHARD), tensors(0, SHARD, ()))


def test_product_too_large(tmp_path):
    layer = Layer("fc", 2, 2)
    with StoreWriter(tmp_path, rows=2, measurement="loss", layers=[layer]) as w:
        x = torch.tensor([[[1.0, 1.0]], [[1e30, 1.0]]])
        with pytest.raises(StoreError, match="row id 8: the product of its factors is too large"):
            w.write_shard(0, [7, 8], {"a.fc": x, "d.fc": x})
        w.write_shard(0, [7, 8], {"a.fc": x, "d.fc": torch.ones(2, 1, 2)})
        assert w.finish()


def test_floats_as_go_writes_them():
    for x, want in ((1.0, "1"), (0.5, "0.5"), (1e-6, "0.000001"), (9.5e-7, "9.5e-7"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (123456.789, "123456.789"),
                    (1.5e-10, "1.5e-10"), (1.25e25, "1.25e+25"), (3.0517578125e-05, "0.000030517578125"), (2.2250738585072014e-308, "2.2250738585072014e-308"), (100.0, "100")):
        assert go_float(x) == want
