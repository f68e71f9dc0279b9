// arch: 75 80
// Batches of products of one shape, C = alpha*op(A)*op(B) + beta*C or + bias: the layers of many small networks that are
// trained together. Unproven on a GPU.
//
// gemm_f32_* have the bits of kernels/blas's vector paths: one chain of fused multiply-adds over k from zero, then alpha,
// then beta*C, fused. gemm_tf32 (sm_80) is float32 to about max(2^-21, k*2^-24) of sum |a||b|: tensor cores cut sums off
// where float32 would round, 3*k/8 times, always towards zero. gemm_bf16 (sm_80) and gemm_f16 round the operands and sum the
// same way.
//
// Work per product: 2*m*n*k operations; 4*(m*k*ceil(n/64) + k*n*ceil(m/64) + m*n) bytes, mostly from L2. 1,024 products of
// 64 x 64 x 64 are 0.54 GFLOP and 50 MB: bound by bytes, 12 us at 4.3 TB/s. Large products are bound by arithmetic: 128 x
// 128 tiles read 16 numbers of shared memory for 64 multiply-adds of a thread.
#include "gemm.cuh"

extern "C" __global__ void __launch_bounds__(256, 1) gemm_f32_128(GemmArgs g) {
  SHARED(unsigned char, smem);
  gemm<128, 128, 8, 8>(g, smem);
}
extern "C" __global__ void __launch_bounds__(256, 2) gemm_f32_64(GemmArgs g) {
  SHARED(unsigned char, smem);
  gemm<64, 64, 4, 4>(g, smem);
}
EMU_KERNEL(gemm_f32_128)
EMU_KERNEL(gemm_f32_64)

extern "C" __global__ void __launch_bounds__(128, 3) gemm_f16(GemmArgs g) {
  SHARED(unsigned char, smem);
  gemmTensor<Pairs<F16>>(g, smem);
}
EMU_KERNEL(gemm_f16)

#if ARCH >= 80
extern "C" __global__ void __launch_bounds__(128, 2) gemm_tf32(GemmArgs g) {
  SHARED(unsigned char, smem);
  gemmTensor<Tf32>(g, smem);
}
extern "C" __global__ void __launch_bounds__(128, 3) gemm_bf16(GemmArgs g) {
  SHARED(unsigned char, smem);
  gemmTensor<Pairs<BF16>>(g, smem);
}
EMU_KERNEL(gemm_tf32)
EMU_KERNEL(gemm_bf16)
#endif
