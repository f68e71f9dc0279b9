"""A slow scalar Philox4x32-10 and the signs that follow from it: makes tests/golden/signs.json, which the Go side reads too.

    python tests/reference.py > tests/golden/signs.json
"""

import json
import struct

M = 0xFFFFFFFF


def philox(c, k):
    c, k = list(c), list(k)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & M, (a >> 32) ^ c[3] ^ k[1], a & M]
        k = [(k[0] + 0x9E3779B9) & M, (k[1] + 0xBB67AE85) & M]
    return c


def sign(seed, matrix, row, column):
    w = struct.unpack("<8I", seed)
    x = philox(w[2:6], (w[0] ^ w[6], w[1] ^ w[7]))
    words = philox((column // 128, row, (matrix & M) ^ x[2], (matrix >> 32) ^ x[3]), (w[0] ^ x[0], w[1] ^ x[1]))
    return -1 if words[column % 128 // 32] >> (column % 32) & 1 else 1


def vectors():
    out = []
    for seed, matrix, rows, columns in [(bytes(32), 0, 2, 130), (bytes(range(32)), 1, 3, 40), (bytes([255] * 32), 2**33 + 5, 2, 257), (bytes(range(100, 132)), 7, 1, 1)]:
        text = ["".join("-" if sign(seed, matrix, r, c) < 0 else "+" for c in range(columns)) for r in range(rows)]
        out.append({"seed": seed.hex(), "matrix": matrix, "rows": rows, "columns": columns, "signs": text})
    return out


if __name__ == "__main__":
    print(json.dumps(vectors(), indent=1))
