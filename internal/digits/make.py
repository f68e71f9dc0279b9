#!/usr/bin/env python3
"""Make digits.bin from scikit-learn's copy of the data set, in the order that digits.bin has already.

    python make.py          compares; exit code 1 when anything differs
    python make.py --write  writes

Needs numpy and scikit-learn. The order is a random permutation that was drawn once; it is the last part of the file.
"""
import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

PATH = Path(__file__).parent / "digits.bin"
ROWS = 1797

old = PATH.read_bytes()
order = np.frombuffer(old[ROWS * 65:], "<u2")
assert sorted(order) == list(range(ROWS)), "the stored order is not a permutation"
data = load_digits()
new = data.data[order].astype(np.uint8).tobytes() + data.target[order].astype(np.uint8).tobytes() + order.tobytes()
if "--write" in sys.argv:
    PATH.write_bytes(new)
elif new != old:
    sys.exit("digits.bin differs from scikit-learn's copy")
