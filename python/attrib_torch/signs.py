"""Random signs from a counter-based generator: entry (row, column) of matrix m under a seed is the same bit on every
machine, in every order and in attrib itself (package kernels/project). Philox4x32-10 of Salmon et al., SC 2011."""

import struct

import numpy as np

_MUL = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)


def philox(counter, key):
    """Philox4x32-10. counter: four uint32 arrays (or numbers) that broadcast; key: two numbers. Four uint32 arrays."""
    c = [np.asarray(x, dtype=np.uint64) for x in counter]
    k0, k1 = int(key[0]), int(key[1])
    for _ in range(10):
        p0, p1 = c[0] * _MUL[0], c[2] * _MUL[1]
        c = [(p1 >> np.uint64(32)) ^ c[1] ^ np.uint64(k0), p1 & _LOW, (p0 >> np.uint64(32)) ^ c[3] ^ np.uint64(k1), p0 & _LOW]
        k0, k1 = (k0 + _WEYL[0]) & 0xFFFFFFFF, (k1 + _WEYL[1]) & 0xFFFFFFFF
    return [x.astype(np.uint32) for x in np.broadcast_arrays(*c)]


def signs(seed, matrix, rows, columns):
    """Signs of matrix number `matrix` (2·layer for activations, 2·layer+1 for output gradients) under a seed of 32 bytes:
    an int8 array rows × columns of +1 and −1."""
    if len(seed) != 32:
        raise ValueError(f"the seed has {len(seed)} bytes, want 32")
    w = struct.unpack("<8I", seed)
    x = [int(v) for v in philox(w[2:6], (w[0] ^ w[6], w[1] ^ w[7]))]
    block, row = np.meshgrid(np.arange((columns + 127) // 128), np.arange(rows))
    words = philox((block, row, (matrix & 0xFFFFFFFF) ^ x[2], (matrix >> 32) ^ x[3]), (w[0] ^ x[0], w[1] ^ x[1]))
    words = np.stack(words, -1)  # rows × blocks × 4
    bits = (words[..., None] >> np.arange(32, dtype=np.uint32)) & np.uint32(1)
    return (1 - 2 * bits.astype(np.int8)).reshape(rows, -1)[:, :columns]


def projection(seed, matrix, rows, columns):
    """signs / √rows as a float32 array rows × columns."""
    return signs(seed, matrix, rows, columns).astype(np.float32) / np.float32(np.sqrt(rows))
