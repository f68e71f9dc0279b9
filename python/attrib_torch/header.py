"""store.json, the header of a store: its bytes, and everything that must hold of it. attrib refuses the same."""

import hashlib
import json
import math
import re
from collections import Counter
from pathlib import Path

SCHEMA = "attrib.store/1"
COVARIANCES = "covariances.safetensors"
SIGN = {"loss": "+loss-gradient", "margin": "+goodness-gradient", "log-prob": "+goodness-gradient", "embedding": "none"}
TYPES = ("F32", "BF16", "F16", "I8")
_MAX_WIDTH = 1 << 40  # so that no size in bytes overflows
_TOP = {"schema": str, "of": str, "kind": str, "sign": str, "measurement": str, "unit": str, "layout": dict, "model": str, "corpus": str, "method": str,
        "recipe": str, "projectionSeed": str, "covariances": dict, "rows": int, "shardRows": int, "shards": list, "digest": str}
_LAYOUT = {"type": str, "width": int, "layers": list}
_LAYER = {"name": str, "in": int, "out": int, "positions": int, "fullIn": int, "fullOut": int}
_SHARD = {"file": str, "row0": int, "rows": int, "sha256": str, "maxNorm": float, "done": bool}
_COVARIANCES = {"file": str, "sha256": str}


class StoreError(ValueError):
    """What is wrong with a store or with rows; the message names the file, the field or the row id."""


def go_float(x):
    """A float as Go's encoding/json writes it."""
    if x == 0:
        return "0"
    text = repr(float(x))
    mantissa, _, exponent = text.partition("e")
    digits = mantissa.replace(".", "").lstrip("-").lstrip("0").rstrip("0") or "0"
    point = len(mantissa.lstrip("-").split(".")[0]) + int(exponent or 0)
    if mantissa.lstrip("-").startswith("0."):
        point = int(exponent or 0) - (len(mantissa.split(".")[1]) - len(mantissa.split(".")[1].lstrip("0")))
    sign = "-" if x < 0 else ""
    if abs(x) < 1e-6 or abs(x) >= 1e21:
        e = point - 1
        body = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{sign}{body}e{e:+d}"
    if point <= 0:
        return sign + "0." + "0" * -point + digits
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    return sign + digits[:point] + "." + digits[point:]


def _string(s):
    """A string as Go's encoding/json writes it without HTML escaping."""
    return json.dumps(s, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _render(v, indent=""):
    deeper = indent + "  "
    if v is None:
        return "null"
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, str):
        return _string(v)
    if isinstance(v, float):
        return go_float(v)
    if isinstance(v, int):
        return str(v)
    if not v:
        return "[]" if isinstance(v, list) else "{}"
    if isinstance(v, list):
        return "[\n" + ",\n".join(deeper + _render(x, deeper) for x in v) + "\n" + indent + "]"
    return "{\n" + ",\n".join(f"{deeper}{_string(k)}: {_render(x, deeper)}" for k, x in v.items()) + "\n" + indent + "}"


def seal(header):
    """The header's bytes, with its digest."""
    empty = (_render({**header, "digest": ""}) + "\n").encode()
    return (_render({**header, "digest": hashlib.sha256(empty).hexdigest()}) + "\n").encode()


def digest_of(data):
    at = data.rfind(b'"digest": "') + len(b'"digest": "')
    return hashlib.sha256(data[:at] + data[at + 64:]).hexdigest()


def shard_name(i):
    return f"shard-{i:05d}.safetensors"


def _is_hash(text):
    return re.fullmatch("[0-9a-f]{64}", text) is not None


def _form(where, value, fields):
    """What is wrong with an object's fields and their types."""
    if type(value) is not dict:
        return [f"{where or 'the file'} is no object"]
    wrong = [f"{where}{k}: unknown field" for k in value if k not in fields]
    for k, want in fields.items():
        allowed = {float: (float, int), dict: (dict, type(None)) if k == "covariances" else (dict,)}.get(want, (want,))
        if k not in value:
            wrong.append(f"{where}{k}: the field is missing")
        elif type(value[k]) not in allowed:
            wrong.append(f"{where}{k}: {value[k]!r} is not of type {want.__name__}")
        elif want is int and abs(value[k]) >= 1 << 63:
            wrong.append(f"{where}{k}: {value[k]} does not fit 64 bits")
    return wrong


def _forms(h):
    wrong = _form("", h, _TOP)
    if wrong:
        return wrong
    wrong = _form("layout.", h["layout"], _LAYOUT)
    for i, layer in enumerate(h["layout"]["layers"] if not wrong else []):
        wrong += _form(f"layout.layers[{i}].", layer, _LAYER)
    for i, s in enumerate(h["shards"]):
        wrong += _form(f"shards[{i}].", s, _SHARD)
    return wrong + (_form("covariances.", h["covariances"], _COVARIANCES) if h["covariances"] is not None else [])


def _layer(i, layer):
    n_in, n_out, positions, full = layer["in"], layer["out"], layer["positions"], (layer["fullIn"], layer["fullOut"])
    if not layer["name"]:
        yield f"layout.layers[{i}].name is empty"
    if min(n_in, n_out, positions) < 1 or max(n_in * n_out, positions * n_in, positions * n_out) > _MAX_WIDTH:
        yield f"layout.layers[{i}]: in {n_in}, out {n_out}, positions {positions} must be positive, and their products at most {_MAX_WIDTH}"
    if min(full) < 0 or (full[0] == 0) != (full[1] == 0):
        yield f"layout.layers[{i}]: fullIn {full[0]} and fullOut {full[1]} must both be given or both be 0"


def _layout(layout):
    layers, width = layout["layers"], layout["width"]
    if layout["type"] not in TYPES:
        yield f"layout.type: {layout['type']!r} is not one of {', '.join(TYPES)}"
    if not 1 <= width <= _MAX_WIDTH:
        yield f"layout.width: {width} is not in 1 … {_MAX_WIDTH}"
    for i, layer in enumerate(layers):
        yield from _layer(i, layer)
    if layers and width != sum(l["in"] * l["out"] for l in layers):
        yield f"layout.width: {width} is not the sum of in·out over the layers"
    for name, times in Counter(l["name"] for l in layers).items():
        if times > 1:
            yield f"layout.layers: the name {name!r} is given twice"


def _meaning(h):
    for field, allowed in (("of", ("samples", "outputs")), ("kind", ("gradients", "embeddings")), ("sign", sorted(set(SIGN.values()))),
                           ("measurement", tuple(SIGN)), ("unit", ("dm/dw", "arbitrary"))):
        if h[field] not in allowed:
            yield f"{field}: {h[field]!r} is not one of {', '.join(allowed)}"
    if SIGN.get(h["measurement"], h["sign"]) != h["sign"]:
        yield f"sign: {h['sign']!r} does not go with measurement {h['measurement']!r}, want {SIGN[h['measurement']]!r}"
    if (h["kind"] == "embeddings") != (h["measurement"] == "embedding"):
        yield f"kind: {h['kind']!r} does not go with measurement {h['measurement']!r}"
    if h["kind"] == "embeddings" and h["unit"] == "dm/dw":
        yield "unit: 'dm/dw' does not go with kind 'embeddings', want 'arbitrary'"


def _origin(h):
    for field in ("model", "corpus", "method", "recipe", "projectionSeed"):
        if h[field] and not _is_hash(h[field]):
            yield f"{field}: {h[field]!r} is not 64 lower-case hex digits"
    if any(l["fullIn"] > 0 for l in h["layout"]["layers"]) != (h["projectionSeed"] != ""):
        yield f"projectionSeed: {h['projectionSeed']!r} does not go with the layers: fullIn and fullOut say which are projected"
    c = h["covariances"]
    if c is not None and (not h["layout"]["layers"] or c["file"] != COVARIANCES or not _is_hash(c["sha256"])):
        yield f"covariances: want null, or for a factored store the file {COVARIANCES!r} with its SHA-256"
    if h["rows"] < 1:
        yield f"rows: {h['rows']} is not positive"
    if h["shardRows"] < 1:
        yield f"shardRows: {h['shardRows']} is not positive"


def _shards(h):
    """Shards follow each other under their own names; none is larger than shardRows."""
    row0 = 0
    for i, s in enumerate(h["shards"]):
        most = min(h["shardRows"], h["rows"] - row0)
        if s["file"] != shard_name(i):
            yield f"shards[{i}].file: {s['file']!r}, want {shard_name(i)!r}"
        if s["row0"] != row0 or not 1 <= s["rows"] <= most:
            yield f"shards[{i}].row0, rows: {s['row0']} and {s['rows']}, want {row0} and 1 … {most}: shards must follow each other without gap or overlap"
        if s["done"] != _is_hash(s["sha256"]) or (s["sha256"] and not s["done"]):
            yield f"shards[{i}].sha256: {s['sha256']!r} does not go with done {s['done']}"
        if not 0 <= s["maxNorm"] < math.inf or (s["maxNorm"] and not s["done"]):
            yield f"shards[{i}].maxNorm: {s['maxNorm']} does not go with done {s['done']}"
        row0 += max(0, s["rows"])
    if row0 != h["rows"]:
        yield f"shards: the {len(h['shards'])} that are listed hold {row0} rows, not {h['rows']}"


def check_header(h, shards=True):
    """Reports everything that is wrong with a header, together; without shards, before they are planned."""
    if type(h) is dict and h.get("schema") != SCHEMA:  # of another version nothing else can be said
        raise StoreError(f"field schema is {h.get('schema')!r}, want {SCHEMA}")
    wrong = _forms(h)
    if not wrong:
        wrong = [*_meaning(h), *_layout(h["layout"]), *_origin(h), *(_shards(h) if shards else [])]
    if wrong:
        raise StoreError("\n".join(wrong))


def _no_constant(text):
    raise ValueError(f"{text} is no number of JSON")


def _once(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError(f"a field is given twice among {', '.join(k for k, _ in pairs)}")
    return dict(pairs)


def read_json(data):
    """Strict JSON: no field twice, no NaN."""
    return json.loads(data, object_pairs_hook=_once, parse_constant=_no_constant)


def read_header(folder):
    """The header of a folder, checked."""
    path = Path(folder) / "store.json"
    data = path.read_bytes()
    try:
        h = read_json(data)
    except (ValueError, RecursionError) as err:
        raise StoreError(f"{path}: not JSON: {err}") from None
    try:
        check_header(h)
    except StoreError as err:
        raise StoreError(f"{path}: {err}") from None
    if digest_of(data) != h["digest"]:
        raise StoreError(f"{path}: digest: the file was changed")
    return h
