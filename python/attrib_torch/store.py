"""attrib's feature stores: a folder of safetensors shards under a header, store.json. docs/files.md describes the format.

Writers may be killed at any moment: a shard is put in place whole, then its record; a resumed writer goes on with the
shards that have no record and ends with the bytes of an undisturbed run.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import math
import operator
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import safe_open

from .header import COVARIANCES, SCHEMA, SIGN, StoreError, check_header, go_float, read_header, read_json, seal, shard_name

_TORCH = {"F32": torch.float32, "BF16": torch.bfloat16, "F16": torch.float16, "I8": torch.int8}
_SIZE = {"F64": 8, "I64": 8, "F32": 4, "BF16": 2, "F16": 2, "I8": 1}
_LARGEST = torch.finfo(torch.float32).max
_WINDOW = (64 << 20) - (1 << 16)  # a shard and its header fit what a reader maps at a time


@dataclass(frozen=True)
class Layer:
    """A layer of factored rows: per sample a (positions × in, with a column of ones for a bias) and d (positions × out)."""

    name: str
    inputs: int
    outputs: int
    positions: int = 1
    full_inputs: int = 0  # before projection, 0 without
    full_outputs: int = 0


def _layer_json(layer):
    return {"name": layer.name, "in": layer.inputs, "out": layer.outputs, "positions": layer.positions,
            "fullIn": layer.full_inputs, "fullOut": layer.full_outputs}


def whole(field, value):
    """A whole number, also NumPy's or torch's."""
    try:
        return operator.index(value)
    except TypeError:
        raise StoreError(f"{field}: {value!r} is no whole number") from None


def _record_name(i):
    return f"shard-{i:05d}.json"


def _sync_dir(folder):
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _write(path, chunks, exclusive=False):
    """Puts a file in place, whole or not at all; exclusive refuses to replace one."""
    fd, tmp = tempfile.mkstemp(prefix=f".{path.name}.tmp-", dir=path.parent)
    try:
        with os.fdopen(fd, "wb") as f:
            for chunk in chunks:
                f.write(chunk)
            f.flush()
            os.fchmod(f.fileno(), 0o644)
            os.fsync(f.fileno())
        if exclusive:
            os.link(tmp, path)
            os.unlink(tmp)
        else:
            os.rename(tmp, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(tmp)
        raise
    _sync_dir(path.parent)


def _lock(path, how, busy):
    f = open(path, "a+")
    try:
        fcntl.flock(f, how | fcntl.LOCK_NB)
    except OSError as err:
        f.close()
        if err.errno in (errno.EAGAIN, errno.EACCES):
            raise StoreError(busy) from None
        raise
    return f


def _columns(layout):
    """(name, shape of a row) of every tensor of rows."""
    if not layout["layers"]:
        return [("rows", (layout["width"],))]
    out = []
    for layer in layout["layers"]:
        out += [("a." + layer["name"], (layer["positions"], layer["in"])), ("d." + layer["name"], (layer["positions"], layer["out"]))]
    return out


def _encode(name, x, dtype, ids):
    """(numbers as stored, scales or None) of a float32 tensor n × …"""
    finite = torch.isfinite(x).flatten(1).all(1)
    if not finite.all():
        raise StoreError(f"row id {int(ids[(~finite).nonzero()[0, 0]])}: {name} holds a NaN or an infinity")
    if dtype == "F32":
        return x, None
    largest = x.abs().amax(-1)
    if dtype == "I8":
        scale = largest / 127
        q = torch.where(scale[..., None] > 0, x / scale[..., None], torch.zeros(()))
        q, lost = torch.round(q).clamp(-127, 127).to(torch.int8), (scale == 0) & (largest > 0)
    else:
        q, scale = x.to(_TORCH[dtype]), None
        over = torch.isinf(q).flatten(1).any(1)
        if over.any():
            at = int(over.nonzero()[0, 0])
            raise StoreError(f"row id {int(ids[at])}: {name}: holds {float(x[at].abs().max()):g}, which is too large for {dtype}")
        lost = (q == 0).all(-1) & (largest > 0)
    lost = lost.reshape(len(x), -1).any(1)
    if lost.any():
        raise StoreError(f"row id {int(ids[lost.nonzero()[0, 0]])}: {name}: every value is too small for {dtype}")
    return q, scale


def _decode(q, scale):
    return q.float() if scale is None else q.float() * scale[..., None]


def _bytes(t):
    t = t.contiguous()
    return t.view(torch.uint8).numpy().tobytes() if t.dim() else t.numpy().tobytes()


def _shard_bytes(meta, tensors):
    """Header and tensors of a shard. tensors: name → (type, tensor), placed by falling size of a number, then by name."""
    order = sorted(tensors, key=lambda n: (-_SIZE[tensors[n][0]], n.encode()))
    entries, at, data = {"__metadata__": dict(sorted(meta.items()))}, 0, []
    for name in order:
        kind, t = tensors[name]
        raw = _bytes(t)
        entries[name] = {"dtype": kind, "shape": list(t.shape), "data_offsets": [at, at + len(raw)]}
        at += len(raw)
        data.append(raw)
    head = json.dumps(entries, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").encode()
    head += b" " * (-(8 + len(head)) % 64)
    return [len(head).to_bytes(8, "little") + head, *data]


def _max_norm(parts, layers, ids):
    """The largest Euclidean norm of a row, in float64. parts: decoded tensors in the order of the columns."""
    squares = _squares(parts, layers)
    if not squares.max() <= _LARGEST**2:
        raise StoreError(f"row id {int(ids[squares.argmax()])}: the product of its factors is too large for float32")
    return float(squares.max().sqrt())


def _squares(parts, layers):
    if not layers:
        return parts[0].double().square().sum(1)
    total = torch.zeros(len(parts[0]), dtype=torch.float64)
    for a, d in zip(parts[::2], parts[1::2]):
        a, d = a.double(), d.double()
        total += (a @ a.transpose(1, 2) * (d @ d.transpose(1, 2))).sum((1, 2))
    return total.clamp(min=0)


class StoreWriter:
    """Writes a store of `rows` rows, together with the other ranks that write it at the same time. Everything but `rank`
    and `world_size` must be the same for all of them and when a run is resumed; what differs is named.

    measurement: "loss", "margin", "log-prob" or "embedding": what a row is the gradient of. layers: factored rows, or
    width: flat ones. dtype: F32, BF16, F16 or I8. corpus, model, …: SHA-256 in hexadecimal, or empty. of: whether row ids
    are lines of the corpus file ("samples") or of the file of outputs ("outputs"). shard_rows: rows of a shard; 0 chooses
    about 64 MiB.
    """

    def __init__(self, folder, *, rows, measurement, layers=(), width=0, dtype="F32", of="samples", unit=None, corpus="", model="",
                 method="", recipe="", seed=None, shard_rows=0, covariances=False, rank=0, world_size=1):
        rows, shard_rows, rank, world_size = (whole(*v) for v in (("rows", rows), ("shard_rows", shard_rows), ("rank", rank), ("world_size", world_size)))
        if not 0 <= rank < world_size:
            raise StoreError(f"rank {rank} is not one of {world_size}")
        if layers and width:
            raise StoreError(f"width {width} is for flat rows: factored ones have the width of their layers")
        self.folder, self.rank, self.world_size, self.covariances = Path(folder), rank, world_size, covariances and bool(layers)
        kind = "embeddings" if measurement == "embedding" else "gradients"
        layout = {"type": dtype, "width": sum(l.inputs * l.outputs for l in layers) or width, "layers": [_layer_json(l) for l in layers]}
        self.header = {
            "schema": SCHEMA, "of": of, "kind": kind, "sign": SIGN.get(measurement, ""), "measurement": measurement,
            "unit": unit or ("arbitrary" if kind == "embeddings" else "dm/dw"), "layout": layout, "model": model, "corpus": corpus, "method": method,
            "recipe": recipe, "projectionSeed": seed.hex() if seed else "", "covariances": None, "rows": rows, "shardRows": shard_rows, "shards": [],
        }
        self._plan()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._held = _lock(self.folder / ".attrib.lock", fcntl.LOCK_SH, f"{folder} is being written by another process that wants it alone")
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _plan(self):
        """Checks what the caller states, and lists the shards."""
        h = self.header
        check_header({**h, "shardRows": h["shardRows"] if h["shardRows"] != 0 else 1, "digest": ""}, shards=False)
        h["shardRows"] = h["shardRows"] or max(1, _WINDOW // self._row_bytes())
        h["shards"] = [{"file": shard_name(i), "row0": r, "rows": min(h["shardRows"], h["rows"] - r), "sha256": "", "maxNorm": 0.0, "done": False}
                       for i, r in enumerate(range(0, h["rows"], h["shardRows"]))]

    def _row_bytes(self):
        n, size = 8, _SIZE[self.header["layout"]["type"]]
        for _, shape in _columns(self.header["layout"]):
            n += math.prod(shape) * size + (4 * math.prod(shape[:-1]) if size == 1 else 0)
        return n

    def _begin(self):
        path = self.folder / "store.json"
        if not path.exists():
            with contextlib.suppress(FileExistsError):
                _write(path, [seal(self.header)], exclusive=True)
        old = read_header(self.folder)
        for field, now in self.header.items():
            if field not in ("shards", "covariances") and old[field] != now:
                raise StoreError(f"{path}: field {field} is {old[field]!r} in the store, but {now!r} in this run: resuming needs the same settings")
        self.header = {k: v for k, v in old.items() if k != "digest"}

    def done(self, i):
        """Whether shard i is written."""
        return self.header["shards"][i]["done"] or (self.folder / _record_name(i)).exists()

    def todo(self):
        """(shard, first row, rows) of this rank's shards that are not written."""
        for i in range(self.rank, len(self.header["shards"]), self.world_size):
            if not self.done(i):
                s = self.header["shards"][i]
                yield i, s["row0"], s["rows"]

    def write_shard(self, i, row_ids, tensors):
        """Writes shard i. row_ids: int64, n; tensors: "rows" (n × width), or per layer "a.<name>" (n × positions × in) and
        "d.<name>" (n × positions × out), float32."""
        if not 0 <= i < len(self.header["shards"]):
            raise StoreError(f"shard {i} is not one of the {len(self.header['shards'])}")
        s, layout = self.header["shards"][i], self.header["layout"]
        ids = torch.as_tensor(row_ids, dtype=torch.int64).cpu()
        if ids.shape != (s["rows"],):
            raise StoreError(f"{s['file']}: row_ids is {tuple(ids.shape)}, want {s['rows']} numbers")
        if int(ids.min()) < 0 or len(torch.unique(ids)) < len(ids):
            raise StoreError(f"{s['file']}: a row id is negative or given twice")
        out, decoded = {"row_ids": ("I64", ids)}, []
        for name, shape in _columns(layout):
            if name not in tensors or tuple(tensors[name].shape) != (s["rows"], *shape):
                raise StoreError(f"{s['file']}: {name} is {tuple(tensors[name].shape) if name in tensors else 'missing'}, want {(s['rows'], *shape)}")
            q, scale = _encode(name, tensors[name].detach().to("cpu", torch.float32), layout["type"], ids)
            out[name] = (layout["type"], q)
            if scale is not None:
                out["scale." + name] = ("F32", scale)
            decoded.append(_decode(q, scale))
        if len(tensors) != len(decoded):
            raise StoreError(f"{s['file']}: {sorted(set(tensors) - set(out))} are no tensors of this store")
        meta = {"format": SCHEMA, "row0": str(s["row0"]), **{k: self.header[k] for k in ("kind", "sign", "measurement", "unit")}}
        with _lock(self.folder / f".shard-{i:05d}.lock", fcntl.LOCK_EX, f"{s['file']} is being written by another process"):
            if self.done(i):
                raise StoreError(f"{s['file']} is written already")
            for left in [*self.folder.glob(f".{s['file']}.tmp-*"), *self.folder.glob(f".{_record_name(i)}.tmp-*")]:
                left.unlink(missing_ok=True)
            norm, chunks, sha = go_float(_max_norm(decoded, layout["layers"], ids)), _shard_bytes(meta, out), hashlib.sha256()
            for chunk in chunks:
                sha.update(chunk)
            _write(self.folder / s["file"], chunks)
            record = {"file": s["file"], "row0": s["row0"], "rows": s["rows"], "sha256": sha.hexdigest()}
            text = json.dumps(record, separators=(",", ":"))[:-1] + f',"maxNorm":{norm}}}\n'
            _write(self.folder / _record_name(i), [text.encode()])

    def finish(self):
        """Completes the store when every shard of every rank is written, and gives the folder back. True when complete."""
        try:
            return self._finish()
        finally:
            self.close()

    def _finish(self):
        lock = self.folder / ".attrib.finish.lock"
        with open(lock, "a+") as f:  # one completes the store; the others wait and find it complete
            fcntl.flock(f, fcntl.LOCK_EX)
            try:
                return self._complete()
            finally:
                lock.unlink(missing_ok=True)

    def _complete(self):
        header = {k: v for k, v in read_header(self.folder).items() if k != "digest"}
        if not all(s["done"] for s in header["shards"]):
            for i, s in enumerate(header["shards"]):
                try:
                    s.update(_read_record(self.folder / _record_name(i), s))
                except FileNotFoundError:
                    return False
            check_header({**header, "digest": ""})
            _check_ids(self.folder, header)
            if self.covariances:
                header["covariances"] = self._write_covariances(header)
            _write(self.folder / "store.json", [seal(header)])
        for i in range(len(header["shards"])):
            (self.folder / _record_name(i)).unlink(missing_ok=True)
            (self.folder / f".shard-{i:05d}.lock").unlink(missing_ok=True)
        return True

    def _write_covariances(self, header):
        sums = {}
        for s in header["shards"]:
            parts = _read_shard(self.folder, header, s)[1]
            for layer in header["layout"]["layers"]:
                for side in "ad":
                    x = parts[f"{side}.{layer['name']}"].flatten(0, 1).double()
                    key = f"{side.upper()}.{layer['name']}"
                    sums[key] = sums.get(key, 0) + x.T @ x
        sums = {k: ("F64", (v + v.T) / 2) for k, v in sums.items()}
        chunks = _shard_bytes({"format": "attrib.covariances/1", "rows": str(header["rows"])}, sums)
        _write(self.folder / COVARIANCES, chunks)
        return {"file": COVARIANCES, "sha256": hashlib.sha256(b"".join(chunks)).hexdigest()}

    def close(self):
        """Gives the folder back. What was written stays."""
        self._held.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def _read_record(path, s):
    """What the record of a shard that is done adds to its entry."""
    try:
        record = read_json(path.read_bytes())
        if (record["file"], record["row0"], record["rows"]) == (s["file"], s["row0"], s["rows"]):
            return {"sha256": record["sha256"], "maxNorm": float(record["maxNorm"]), "done": True}
    except (ValueError, TypeError, KeyError) as err:
        raise StoreError(f"{path}: it is no record of a shard: {err!r}") from None
    raise StoreError(f"{path}: it does not belong to rows from {s['row0']}")


def _sha256(path):
    sha = hashlib.sha256()
    with open(path, "rb") as f:
        while block := f.read(1 << 20):
            sha.update(block)
    return sha.hexdigest()


@contextlib.contextmanager
def _tensors(path):
    """A safetensors file of a store, opened; what is wrong with it names it."""
    if path.is_symlink():  # what it points to can change, or lie anywhere
        raise StoreError(f"{path}: it is a symbolic link: copy the file into the folder")
    try:
        with safe_open(path, framework="pt") as f:
            yield f
    except (StoreError, FileNotFoundError):
        raise
    except Exception as err:  # the library's own errors do not say which file
        raise StoreError(f"{path}: {err}") from None


def _read_ids(folder, s):
    path = Path(folder) / s["file"]
    if not s["done"]:
        raise StoreError(f"{path}: rows from {s['row0']} are not written yet: resume the run that makes them")
    with _tensors(path) as f:
        ids = f.get_tensor("row_ids")
    if ids.dtype != torch.int64 or ids.shape != (s["rows"],):
        raise StoreError(f"{path}: row_ids is {ids.dtype} {tuple(ids.shape)}, want {s['rows']} of I64")
    return ids


def _check_ids(folder, header):
    """No row id may be negative or occur twice in a store; the error names the shard, of two the later one."""
    ids = torch.cat([_read_ids(folder, s) for s in header["shards"]])
    order, at = torch.sort(ids, stable=True)
    wrong = torch.cat([order[:1] < 0, (order[1:] == order[:-1]) | (order[1:] < 0)])
    if wrong.any():
        row = int(at[wrong].min())
        s = next(s for s in header["shards"] if row < s["row0"] + s["rows"])
        raise StoreError(f"{Path(folder) / s['file']}: row id {int(ids[row])} is {'negative' if ids[row] < 0 else 'given twice'}")


def _forms(header, s):
    """name → (type, shape) of every tensor of a shard."""
    layout = header["layout"]
    want = {"row_ids": ("I64", [s["rows"]])}
    for name, shape in _columns(layout):
        want[name] = (layout["type"], [s["rows"], *shape])
        if layout["type"] == "I8":
            want["scale." + name] = ("F32", [s["rows"], *shape[:-1]])
    return want


def _read_shard(folder, header, s):
    """(row ids, decoded tensors by name) of a shard whose hash and form are right."""
    path = Path(folder) / s["file"]
    with _tensors(path) as f:
        if _sha256(path) != s["sha256"]:
            raise StoreError(f"{path}: SHA-256 is not that of the header: the file was changed or cut short")
        have, want = {k: (f.get_slice(k).get_dtype(), list(f.get_slice(k).get_shape())) for k in f.keys()}, _forms(header, s)
        for name in sorted({*have, *want}):
            if have.get(name) != want.get(name):
                raise StoreError(f"{path}: {name} is {have.get(name, 'missing')}, want {want.get(name, 'no such tensor')}")
        q = {name: f.get_tensor(name) for name in want}
    return q["row_ids"], {name: _decode(q[name], q.get("scale." + name)) for name, _ in _columns(header["layout"])}


class Store:
    """A store. Its header is checked when it is opened, its row ids and shards when they are read."""

    def __init__(self, folder):
        self.folder, self.header = Path(folder), read_header(folder)

    def __len__(self):
        return self.header["rows"]

    def shards(self):
        """Yields (row ids, tensors by name) shard by shard, numbers as float32."""
        _check_ids(self.folder, self.header)
        for s in self.header["shards"]:
            yield _read_shard(self.folder, self.header, s)

    def rows(self):
        """(row ids n, flat rows n × width), float32. Factored rows are multiplied out, layer after layer."""
        ids, rows = [], []
        for i, t in self.shards():
            ids.append(i)
            if self.header["layout"]["layers"]:
                t = torch.cat([torch.einsum("npo,npi->noi", t["d." + l["name"]], t["a." + l["name"]]).flatten(1) for l in self.header["layout"]["layers"]], 1)
            else:
                t = t["rows"]
            rows.append(t)
        return torch.cat(ids), torch.cat(rows)

    def covariances(self):
        """Sums over rows and positions: name → float64 matrix, "A.<layer>" Σ a aᵀ and "D.<layer>" Σ d dᵀ; None without."""
        c = self.header["covariances"]
        if c is None:
            return None
        path = self.folder / c["file"]
        want = {f"{side}.{l['name']}": [l[n]] * 2 for l in self.header["layout"]["layers"] for side, n in (("A", "in"), ("D", "out"))}
        with _tensors(path) as f:
            if _sha256(path) != c["sha256"]:
                raise StoreError(f"{path}: SHA-256 is not that of the header: the file was changed or cut short")
            if {k: list(f.get_slice(k).get_shape()) for k in f.keys()} != want:
                raise StoreError(f"{path}: it does not hold a matrix for each side of every layer, and nothing else")
            return {k: f.get_tensor(k) for k in f.keys()}
