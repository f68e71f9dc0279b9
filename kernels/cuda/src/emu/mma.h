// Tensor-core instructions of one warp, from the fragment layouts in LAYOUTS.md. Products are exact, sums are made in
// float64 and rounded once: a card's order of summation is not documented, so tests allow a tolerance.
#pragma once

inline float float_from_f16(uint16_t h) {
  const uint32_t sign = (h & 0x8000u) << 16, e = h >> 10 & 31, m = h & 1023;
  if (e == 31) return emu::bits<float>(sign | 0x7f800000u | m << 13);
  const float v = e == 0 ? std::ldexp(static_cast<float>(m), -24) : std::ldexp(static_cast<float>(m | 1024), static_cast<int>(e) - 25);
  return sign ? -v : v;
}

inline uint16_t f16_from_float(float f) {
  const uint32_t u = emu::bits<uint32_t>(f);
  const uint16_t sign = static_cast<uint16_t>(u >> 16 & 0x8000);
  if ((u & 0x7fffffff) > 0x7f800000) return 0x7fff; // cvt.rn.f16.f32 gives the canonical NaN
  const double a = std::fabs(static_cast<double>(f));
  if (a >= 65520) return sign | 0x7c00;
  int e = a < 0x1p-14 ? -14 : std::ilogb(a);
  const int m = static_cast<int>(std::nearbyint(std::ldexp(a, 10 - e))); // 0 … 2048
  return static_cast<uint16_t>(sign | ((e + 14) * 1024 + m));             // a carry moves the exponent on
}

namespace emu {

inline double from_bf16(uint16_t h) { return bits<float>(static_cast<uint32_t>(h) << 16); }
inline double from_f16(uint16_t h) { return float_from_f16(h); }
inline double from_tf32(uint32_t u) { return bits<float>(u & ~0x1fffu); } // the low 13 bits are not read
inline uint16_t half_of(uint32_t r, unsigned i) { return static_cast<uint16_t>(r >> 16 * i); }
inline int byte_of(uint32_t r, unsigned i) { return static_cast<int8_t>(r >> 8 * i); }

struct Operands {
  uint32_t a[4], b[2];
};

// Element (row, k) of A and (k, column) of B, found in the lane that holds it. Rows 8-15 are in odd registers;
// each register holds as many neighbours along k as fit, four lanes side by side, and the second half of k follows in
// the next pair of registers.
struct Place {
  unsigned lane, reg, part;
};
EMU_UNSEEN inline Place place_a(unsigned row, unsigned k, unsigned parts, unsigned row_regs) {
  return {row % 8 * 4 + k / parts % 4, row / 8 + k / (4 * parts) * row_regs, k % parts};
}
EMU_UNSEEN inline Place place_b(unsigned k, unsigned column, unsigned parts) {
  return {column * 4 + k / parts % 4, k / (4 * parts), k % parts};
}

// Calls add(A[row][k], B[k][column]) for the elements of one element of D.
template <class Get, class Add> EMU_UNSEEN void dot(const Operands* lanes, unsigned row, unsigned column, unsigned depth, unsigned parts, unsigned row_regs, Get get, Add add) {
  for (unsigned k = 0; k < depth; k++) {
    const Place a = place_a(row, k, parts, row_regs), b = place_b(k, column, parts);
    add(get(lanes[a.lane].a[a.reg], a.part), get(lanes[b.lane].b[b.reg], b.part));
  }
}

EMU_UNSEEN inline unsigned d_row(unsigned i) { return lane_id() / 4 + i / 2 * 8; }
EMU_UNSEEN inline unsigned d_column(unsigned i) { return lane_id() % 4 * 2 + i % 2; }

// Cards cut sums off towards zero where float32 would round; the PTX ISA leaves it open.
inline float cut(double v) {
  const float f = static_cast<float>(v);
  if (!(std::fabs(v) <= 3.4028234663852886e38) || std::fabs(static_cast<double>(f)) <= std::fabs(v)) return f;
  return std::nextafterf(f, 0.f);
}

template <class Get> void mma_float(const char* name, float (&d)[4], const Operands& own, unsigned depth, unsigned parts, Get get) {
  meet_all(name, own, [&](const Operands* lanes) EMU_UNSEEN {
    for (unsigned i = 0; i < 4; i++) {
      double s = 0;
      dot(lanes, d_row(i), d_column(i), depth, parts, 2, get, [&](double a, double b) EMU_UNSEEN { s += a * b; });
      d[i] = cut(s + d[i]);
    }
  });
}

template <int n> void mma_int(const char* name, int (&d)[n], const Operands& own, unsigned depth) {
  meet_all(name, own, [&](const Operands* lanes) EMU_UNSEEN {
    for (unsigned i = 0; i < n; i++) {
      uint32_t s = static_cast<uint32_t>(d[i]);
      dot(lanes, d_row(i), d_column(i), depth, 4, n / 2, byte_of, [&](int a, int b) EMU_UNSEEN { s += static_cast<uint32_t>(a * b); });
      d[i] = static_cast<int>(s);
    }
  });
}

inline double half_f16(uint32_t r, unsigned i) { return from_f16(half_of(r, i)); }
inline double half_bf16(uint32_t r, unsigned i) { return from_bf16(half_of(r, i)); }
inline double whole_tf32(uint32_t r, unsigned) { return from_tf32(r); }

inline void ldmatrix(const char* name, uint32_t (&r)[4], const void* row, bool transposed) {
  meet_all(name, row, [&](const void* const* rows) {
    const unsigned l = lane_id();
    for (unsigned m = 0; m < 4; m++) {
      uint16_t e[2];
      for (unsigned i = 0; i < 2; i++) {
        const unsigned y = transposed ? l % 4 * 2 + i : l / 4, x = transposed ? l / 4 : l % 4 * 2 + i;
        const void* p = rows[8 * m + y];
        if (!is_shared(p, 16) || reinterpret_cast<uintptr_t>(p) % 16 != 0) fail("%s: row %u of matrix %u is not 16 aligned bytes of shared memory", name, y, m);
        memcpy(&e[i], static_cast<const char*>(p) + 2 * x, 2);
      }
      r[m] = static_cast<uint32_t>(e[1]) << 16 | e[0];
    }
  });
}

} // namespace emu

inline void mma_m16n8k8_f16(float (&d)[4], const uint32_t (&a)[2], uint32_t b) {
  emu::mma_float("mma.m16n8k8.f16", d, {{a[0], a[1], 0, 0}, {b, 0}}, 8, 2, emu::half_f16);
}
inline void mma_m8n8k16_s8(int (&d)[2], uint32_t a, uint32_t b) {
  emu::mma_int<2>("mma.m8n8k16.s8", d, {{a, 0, 0, 0}, {b, 0}}, 16);
}
inline void ldmatrix_x4(uint32_t (&r)[4], const void* row) { emu::ldmatrix("ldmatrix.x4", r, row, false); }
inline void ldmatrix_x4_trans(uint32_t (&r)[4], const void* row) { emu::ldmatrix("ldmatrix.x4.trans", r, row, true); }

#if ARCH >= 80
inline uint32_t tf32_from_float(float f) {
  const uint32_t u = emu::bits<uint32_t>(f);
  if ((u & 0x7f800000) == 0x7f800000) return u & ~0x1fffu;
  return (u + 0x1000) & ~0x1fffu;
}
inline void mma_m16n8k16_f16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  emu::mma_float("mma.m16n8k16.f16", d, {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}}, 16, 2, emu::half_f16);
}
inline uint32_t bf16_pair(float low, float high) { return pack_16(bf16_from_float(low), bf16_from_float(high)); }
inline void mma_m16n8k16_bf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  emu::mma_float("mma.m16n8k16.bf16", d, {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}}, 16, 2, emu::half_bf16);
}
inline void mma_m16n8k8_tf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  emu::mma_float("mma.m16n8k8.tf32", d, {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}}, 8, 1, emu::whole_tf32);
}
inline void mma_m16n8k32_s8(int (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  emu::mma_int<4>("mma.m16n8k32.s8", d, {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}}, 32);
}
#endif
