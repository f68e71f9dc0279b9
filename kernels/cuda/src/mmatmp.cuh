// temporary until device.cuh has them
#pragma once
#ifdef EMU
struct MmaIn { unsigned a[4], b[2]; };
inline float emuHalf(unsigned h, bool bf) { if (bf) return emu::bits<float>(h << 16); int e = h >> 10 & 31, m = h & 1023; float v = e == 31 ? (m ? NAN : INFINITY) : e ? std::ldexp((float)(1024 + m), e - 25) : std::ldexp((float)m, -24); return h & 0x8000 ? -v : v; }
template <int K, int KIND> inline void emuMma(float (&d)[4], MmaIn in) { // KIND 0 tf32, 1 bf16, 2 f16
  const int l = emu::lane_id(), g = l / 4, t = l % 4;
  emu::meet_all("mma", in, [&](const MmaIn* L) {
    for (int c = 0; c < 4; c++) {
      int m = g + c / 2 * 8, n = 2 * t + c % 2;
      float s = d[c];
      for (int k = 0; k < K; k++) {
        float x, y;
        if (KIND == 0) {
          x = emu::bits<float>(L[m % 8 * 4 + k % 4].a[m / 8 + k / 4 * 2] & 0xffffe000u);
          y = emu::bits<float>(L[n * 4 + k % 4].b[k / 4] & 0xffffe000u);
        } else {
          x = emuHalf(L[m % 8 * 4 + k % 8 / 2].a[m / 8 + k / 8 * 2] >> 16 * (k & 1) & 0xffff, KIND == 1);
          y = emuHalf(L[n * 4 + k % 8 / 2].b[k / 8] >> 16 * (k & 1) & 0xffff, KIND == 1);
        }
        s = s + x * y;
      }
      d[c] = s;
    }
    return 0;
  });
}
inline void mmaTF32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { emuMma<8, 0>(d, {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}}); }
inline void mmaBF16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) { emuMma<16, 1>(d, {{a[0], a[1], a[2], a[3]}, {b[0], b[1]}}); }
inline void mmaF16(float (&d)[4], unsigned a0, unsigned a1, unsigned b) { emuMma<8, 2>(d, {{a0, a1, 0, 0}, {b, 0}}); }
#else
__device__ __forceinline__ void mmaTF32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};\n" : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
__device__ __forceinline__ void mmaBF16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};\n" : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
__device__ __forceinline__ void mmaF16(float (&d)[4], unsigned a0, unsigned a1, unsigned b) {
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0,%1,%2,%3},{%4,%5},{%6},{%0,%1,%2,%3};\n" : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]) : "r"(a0), "r"(a1), "r"(b));
}
#endif
