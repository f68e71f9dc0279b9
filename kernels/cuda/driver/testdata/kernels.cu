// Kernels for the tests of the binding: small, and some of them wrong.
#include "device.cuh"

struct Pair {
  float a;
  double b;
};

struct alignas(64) Map {
  unsigned long long word[16];
};

extern "C" __global__ void axpy(float* y, const float* x, float a, int n) {
  const int i = int(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < n) y[i] = a * x[i] + y[i];
}

extern "C" __global__ void mixed(unsigned long long* out, signed char c, short s, float f, double d, Pair p, long long l, Map m, int i) {
  out[0] = (unsigned long long)(long long)c;
  out[1] = (unsigned long long)(long long)s;
  out[2] = (unsigned long long)(f * 4);
  out[3] = (unsigned long long)(d * 8);
  out[4] = (unsigned long long)(p.a * 16);
  out[5] = (unsigned long long)(p.b * 32);
  out[6] = (unsigned long long)l;
  for (int k = 0; k < 16; k++) out[7 + k] = m.word[k];
  out[23] = (unsigned long long)(long long)i;
}

// Writes one float more than there are.
extern "C" __global__ void beyond(float* y, int n) {
  for (int i = 0; i <= n; i++) y[i] = 1;
}

// The first thread waits for its warp, and the others for the block.
extern "C" __global__ void stuck() {
  if (threadIdx.x == 0) {
    __syncwarp(0xffffffffu);
  } else {
    __syncthreads();
  }
}

EMU_KERNEL(axpy)
EMU_KERNEL(mixed)
EMU_KERNEL(beyond)
EMU_KERNEL(stuck)
