// arch: 75 80
// Some rows of a matrix as a matrix of their own: what a sketch passes on, where the rows already lie on the card.
// Unproven on a GPU.
#include "device.cuh"

struct GatherArgs {
  const unsigned char *from;
  unsigned char *to;     // rows without gaps
  const long long *rows; // which, of from
  long long stride;      // bytes from one row of from to the next
  long long count;
  int pieces; // of 16 bytes, of a row
  int unused;
};

// A block copies rows blockIdx.x, blockIdx.x + gridDim.x, ... in pieces of 16 bytes.
extern "C" __global__ void __launch_bounds__(256) scan_gather(GatherArgs a) {
  for (long long i = blockIdx.x; i < a.count; i += gridDim.x) {
    const float4 *from = (const float4 *)(a.from + a.rows[i] * a.stride);
    float4 *to = (float4 *)a.to + i * a.pieces;
    for (int k = (int)threadIdx.x; k < a.pieces; k += (int)blockDim.x) to[k] = from[k];
  }
}
EMU_KERNEL(scan_gather)
