// The entries of the random matrices of kernels/project: Philox4x32-10 (internal/philox) by seed, matrix, row and column.
#pragma once
#include "device.cuh"

// Draw is a matrix: its key and number.
struct Draw {
  unsigned key0, key1, number0, number1;
};

// block is four words of a row: of 128 signs, of 8 normal numbers, or of a place of a sparse matrix. Ten rounds of two
// wide multiplications, four exclusive ors and two additions.
DEVICE uint4 block(const Draw &d, unsigned at, unsigned row) {
  unsigned c0 = at, c1 = row, c2 = d.number0, c3 = d.number1, k0 = d.key0, k1 = d.key1;
#pragma unroll
  for (int i = 0; i < 10; i++) {
    unsigned h0 = __umulhi(0xD2511F53u, c0), l0 = 0xD2511F53u * c0, h1 = __umulhi(0xCD9E8D57u, c2), l1 = 0xCD9E8D57u * c2;
    c0 = h1 ^ c1 ^ k0, c1 = l1, c2 = h0 ^ c3 ^ k1, c3 = l0;
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  return make_uint4(c0, c1, c2, c3);
}

// wordOf is word i of four, without an array whose index is not known.
DEVICE unsigned wordOf(const uint4 &v, int i) { return i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w; }

// normal is the number of a half word: 12 bits choose a magnitude, the highest is the sign.
DEVICE float normal(const float *table, unsigned half) {
  return __uint_as_float(__float_as_uint(table[half & 0xfffu]) ^ (half >> 15 & 1u) << 31);
}
