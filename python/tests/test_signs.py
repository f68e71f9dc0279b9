import json
from pathlib import Path

import numpy as np

import reference
from attrib_torch import projection, signs
from attrib_torch.signs import philox


def test_known_answers():
    got = [int(x) for x in philox((0, 0, 0, 0), (0, 0))]
    assert got == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    f = 0xFFFFFFFF
    assert [int(x) for x in philox((f, f, f, f), (f, f))] == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]


def test_golden():
    golden = json.loads((Path(__file__).parent / "golden" / "signs.json").read_text())
    assert golden == reference.vectors()
    for v in golden:
        got = signs(bytes.fromhex(v["seed"]), v["matrix"], v["rows"], v["columns"])
        assert ["".join("-" if x < 0 else "+" for x in row) for row in got] == v["signs"]


def test_projection_keeps_lengths():
    p = projection(bytes(range(32)), 0, 256, 1000)
    x = np.random.default_rng(0).normal(size=(1000, 200))
    ratio = ((p @ x) ** 2).sum(0) / (x**2).sum(0)
    assert abs(ratio.mean() - 1) < 0.02 and abs(signs(bytes(range(32)), 0, 256, 1000).mean()) < 0.01
