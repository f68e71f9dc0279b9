// arch: 75 80
// How fast a card's tensor cores multiply: products that never leave the registers. Unproven on a GPU.
#include "device.cuh"

constexpr int kProducts = 8; // independent ones of a warp, so that none waits for another

// Every warp does rounds × kProducts products of 16 × 8 × (8, or 16 from sm_80 on) numbers. out holds a number a thread, which
// keeps the products from being left out.
extern "C" __global__ void __launch_bounds__(256) selftest_rate(float *out, int rounds) {
  float d[kProducts][4] = {};
  const uint32_t one = threadIdx.x & 1 ? 0x3c003c00u : 0u; // 1 as a pair of halves; as bfloat16 a small number
#if ARCH >= 80
  const uint32_t a[4] = {one, one, one, one}, b[2] = {one, one};
#else
  const uint32_t a[2] = {one, one}, b = one;
#endif
  for (int round = 0; round < rounds; round++) {
#pragma unroll
    for (int i = 0; i < kProducts; i++) {
#if ARCH >= 80
      mma_m16n8k16_bf16(d[i], a, b);
#else
      mma_m16n8k8_f16(d[i], a, b);
#endif
    }
  }
  float sum = 0;
  for (int i = 0; i < kProducts; i++) sum += d[i][0] + d[i][1] + d[i][2] + d[i][3];
  out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}
EMU_KERNEL(selftest_rate)
