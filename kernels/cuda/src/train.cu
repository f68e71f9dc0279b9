// arch: 75 80
// Training of many weighted copies of one network of dense layers: what package kernels calls a CopyTraining. Unproven on
// a GPU.
//
// Everything lies on the card: samples once, and for every copy parameters, gradient, what the optimiser keeps, and the
// values of a tile of a batch. A tile is a fixed list of launches on one stream: train_batch chooses each copy's samples
// (those of weight 0 are left out, as the CPU does: their gradient is zero, and what their values are does not matter),
// train_gather copies them, then a product for every layer, train_loss, the products of the way back, train_sums for the
// biases; train_move ends the step. Products are those of gemm.cuh, with the number of rows that each copy has, and the
// activation or its derivative is applied to a tile of C while it is in the cache. A loss or parameter that is not finite
// leaves the first place where that was in `failed`, by copy; the host reads it after an epoch.
//
// The bits are those of train.Coalitions on a CPU with vectors: train_product_*x* has one chain of fused multiply-adds over
// k, as gemm_f32_*, and trainmath.cuh has the rest. Products on tensor cores have the errors that gemm.cu states.
//
// Work for 1,024 copies of a 64-64-32-10 network with batches of 200, all weights 1: 13 launches a step (2 for a batch, 3
// on the way up, the loss, 5 on the way back, sums, and the move); 6.3 GFLOP of products; 0.9 GB, of which half from a
// cache of 50 MB. 240 steps are 3,120 launches, 1.5 TFLOP and 210 GB. On an H200 (67 TFLOP/s, of which tiles of 4 x 4 sums
// of a thread get a third, since each multiply-add reads half a number of shared memory; 4.3 TB/s) that is 65 ms for
// arithmetic, 50 ms for bytes, 10 ms for launches where they do not overlap: 0.13 s, half of it when half of the weights are
// 0, and 10 ms for the way of 27 MB back.
#include "gemm.cuh"
#include "trainmath.cuh"

enum { FORWARD, BACK, GRADIENT };

// ProductArgs is a product of every copy. The Go side has the same struct.
struct ProductArgs : GemmArgs {
  const int *rows;      // samples of each copy: rows of op(A) and C, or the depth of a GRADIENT
  const float *outputs; // BACK: of the layer below, as C lies
  float *slope;         // of a gelu, as C lies: FORWARD writes it, BACK reads it
  int kind, activation;
};

DEVICE int rowsOf(const ProductArgs &g, int product) { return g.kind == GRADIENT ? g.m : g.rows[product]; }
DEVICE int depthOf(const ProductArgs &g, int product) { return g.kind == GRADIENT ? g.rows[product] : g.k; }
DEVICE bool skips(const ProductArgs &g, int product, int row0) { return row0 >= rowsOf(g, product); }

DEVICE void activate(const ProductArgs &g, long long at) {
  float z = g.c[at], slope;
  switch (g.activation) {
  case TANH: g.c[at] = tanhOf(z); break;
  case RELU: if (z < 0.f) g.c[at] = 0.f; break;
  case GELU: g.c[at] = geluOf(z, slope), g.slope[at] = slope; break;
  case GELU_TANH: g.c[at] = geluTanhOf(z, slope), g.slope[at] = slope; break;
  }
}

DEVICE void differentiate(const ProductArgs &g, long long at) {
  float h = g.outputs[at];
  switch (g.activation) {
  case TANH: g.c[at] *= 1.f - h * h; break;
  case RELU: if (!(h > 0.f)) g.c[at] = 0.f; break;
  default: g.c[at] *= g.slope[at];
  }
}

// after is called by all threads of a block, whose tile of C is written.
template <int BM, int BN, int THREADS> DEVICE void after(const ProductArgs &g, int product, int row0, int col0) {
  if (g.kind == GRADIENT || g.activation == IDENTITY) return;
  __syncthreads();
  const int rows = min(BM, rowsOf(g, product) - row0), cols = min(BN, g.n - col0);
#pragma unroll 1
  for (int i = threadIdx.x; i < BM * BN; i += THREADS) {
    if (i / BN >= rows || i % BN >= cols) continue;
    long long at = product * g.stepC + (row0 + i / BN) * g.rowC + col0 + i % BN;
    if (g.kind == FORWARD) activate(g, at);
    else differentiate(g, at);
  }
}

extern "C" __global__ void __launch_bounds__(256, 1) train_product_128x128(ProductArgs g) {
  SHARED(unsigned char, smem);
  gemm<128, 128, 8, 8>(g, smem);
}
extern "C" __global__ void __launch_bounds__(256, 3) train_product_64x64(ProductArgs g) {
  SHARED(unsigned char, smem);
  gemm<64, 64, 4, 4>(g, smem);
}
extern "C" __global__ void __launch_bounds__(128, 5) train_product_64x32(ProductArgs g) {
  SHARED(unsigned char, smem);
  gemm<64, 32, 4, 4>(g, smem);
}
extern "C" __global__ void __launch_bounds__(64, 6) train_product_64x16(ProductArgs g) {
  SHARED(unsigned char, smem);
  gemm<64, 16, 4, 4>(g, smem);
}
extern "C" __global__ void __launch_bounds__(128, 2) train_product_f16(ProductArgs g) {
  SHARED(unsigned char, smem);
  gemmTensor<Pairs<F16>>(g, smem);
}
EMU_KERNEL(train_product_128x128)
EMU_KERNEL(train_product_64x64)
EMU_KERNEL(train_product_64x32)
EMU_KERNEL(train_product_64x16)
EMU_KERNEL(train_product_f16)

#if ARCH >= 80
extern "C" __global__ void __launch_bounds__(128, 2) train_product_tf32(ProductArgs g) {
  SHARED(unsigned char, smem);
  gemmTensor<Tf32>(g, smem);
}
extern "C" __global__ void __launch_bounds__(128, 3) train_product_bf16(ProductArgs g) {
  SHARED(unsigned char, smem);
  gemmTensor<Pairs<BF16>>(g, smem);
}
EMU_KERNEL(train_product_tf32)
EMU_KERNEL(train_product_bf16)
#endif

// BatchArgs is a tile of a batch: `count` samples of an order, of which each copy takes those that have a weight.
struct BatchArgs {
  const int *order;
  const float *weights;          // copies x width
  const int *owner;              // whose weight a sample has; null: its own
  const float *samples;          // n x input
  float *x;                      // copies x capacity x input
  int *index, *place;            // copies x capacity: samples, and where they are in the batch
  float *scale;                  // copies x capacity: weight over length
  int *rows;                     // by copy
  long long width, input;
  int count, first, capacity, copies; // first: place of the tile in its batch
  float length;                  // of the batch
};

// A block for every copy.
extern "C" __global__ void __launch_bounds__(256) train_batch(BatchArgs b) {
  __shared__ int found[8]; // by warp
  const int tid = threadIdx.x, lane = tid % 32, warp = tid / 32;
  const long long copy = blockIdx.x, to = copy * b.capacity;
  int done = 0;
  for (int at = 0; at < b.count; at += 256) {
    int sample = 0;
    float w = 0.f;
    if (at + tid < b.count) {
      sample = b.order[at + tid];
      w = b.weights[copy * b.width + (b.owner ? b.owner[sample] : sample)];
    }
    unsigned kept = __ballot_sync(~0u, w != 0.f);
    if (lane == 0) found[warp] = __popc(kept);
    __syncthreads();
    int row = done + __popc(kept & ((1u << lane) - 1u));
    for (int v = 0; v < 8; v++) {
      if (v < warp) row += found[v];
      done += found[v];
    }
    if (w != 0.f) {
      b.index[to + row] = sample;
      b.place[to + row] = b.first + at + tid;
      b.scale[to + row] = __fdiv_rn(w, b.length);
    }
    __syncthreads();
  }
  if (tid == 0) b.rows[copy] = done;
}

// A warp for a sample; y deals the copies.
extern "C" __global__ void __launch_bounds__(256) train_gather(BatchArgs b) {
  for (long long copy = blockIdx.y; copy < b.copies; copy += gridDim.y) {
    for (int row = (int)blockIdx.x * 8 + (int)threadIdx.x / 32; row < b.rows[copy]; row += (int)gridDim.x * 8) {
      const float *from = b.samples + b.index[copy * b.capacity + row] * b.input;
      float *to = b.x + (copy * b.capacity + row) * b.input;
      for (long long j = threadIdx.x % 32; j < b.input; j += 32) to[j] = from[j];
    }
  }
}
EMU_KERNEL(train_batch)
EMU_KERNEL(train_gather)

// note keeps the lowest key of a copy.
DEVICE void note(unsigned long long *failed, long long copy, int step, unsigned what) {
  unsigned long long key = (unsigned long long)(unsigned)step << 32 | what;
  if (*(volatile unsigned long long *)(failed + copy) > key) atomicMin(failed + copy, key);
}

DEVICE bool finite(float v) { return v - v == 0.f; }

struct LossArgs {
  const float *logits; // copies x capacity x classes
  float *seeds;        // their gradients
  const int *index, *place, *rows, *labels;
  const float *scale;
  unsigned long long *failed;
  int classes, capacity, copies, kind, step;
};

// 16 threads for a row, each of which has every sixteenth column, as the lanes of kernels/vec do: the sum of a row is made
// lane by lane and folded in halves.
DEVICE float crossEntropy(const float *z, float *seed, int classes, int label, float scale) {
  const int lane = threadIdx.x % 16;
  float top = __uint_as_float(0xff800000u), sum = 0.f;
  for (int j = lane; j < classes; j += 16) top = z[j] > top ? z[j] : top;
#pragma unroll
  for (int half = 8; half > 0; half /= 2) {
    float other = __shfl_xor_sync(~0u, top, half, 16);
    top = other > top ? other : top;
  }
  for (int j = lane; j < classes; j += 16) sum += expOf(z[j] - top);
#pragma unroll
  for (int half = 8; half > 0; half /= 2) sum += __shfl_down_sync(~0u, sum, half, 16);
  const float log = logOf(__shfl_sync(~0u, sum, 0, 16));
  float loss = 0.f;
  for (int j = lane; j < classes; j += 16) {
    float l = z[j] - top - log, q = expOf(l);
    if (j == label) loss = -l, q -= 1.f;
    seed[j] = q * scale;
  }
  return loss; // of the thread that has the label
}

DEVICE float squaredError(const float *z, float *seed, int classes, int label, float scale) {
  const int lane = threadIdx.x % 16;
  for (int j = lane; j < classes; j += 16) seed[j] = (j == label ? z[j] - 1.f : z[j]) * scale;
  double sum = 0.;
  for (int j = 0; lane == label % 16 && j < classes; j++) { // in order
    float v = j == label ? z[j] - 1.f : z[j];
    sum += (double)v * (double)v;
  }
  return (float)(sum / 2.);
}

extern "C" __global__ void __launch_bounds__(256) train_loss(LossArgs a) {
  for (long long copy = blockIdx.y; copy < a.copies; copy += gridDim.y) {
    const int rows = a.rows[copy], row = (int)blockIdx.x * 16 + (int)threadIdx.x / 16;
    if ((int)blockIdx.x * 16 >= rows) continue;
    const bool mine = row < rows;
    const long long at = copy * a.capacity + (mine ? row : 0);
    const float *z = a.logits + at * a.classes;
    float *seed = a.seeds + at * a.classes;
    const int classes = mine ? a.classes : 0, label = mine ? a.labels[a.index[at]] : 0;
    float loss = a.kind == CROSS_ENTROPY ? crossEntropy(z, seed, classes, label, a.scale[at]) : squaredError(z, seed, classes, label, a.scale[at]);
    if (mine && (int)threadIdx.x % 16 == label % 16 && !finite(loss) && a.scale[at] != 0.f) // a weight over a length may round to 0
      note(a.failed, copy, a.step, (unsigned)a.place[at] << 2 | (loss != loss ? 0u : loss > 0.f ? 1u : 2u));
  }
}
EMU_KERNEL(train_loss)

// Column is a bias: the column of a layer's gradients that adds up to its own.
struct Column {
  const float *delta; // of the first copy, first row
  long long step;     // numbers between copies
  int row, to;        // numbers between rows; the place in a copy's gradient
};

struct SumsArgs {
  const Column *columns;
  float *gradient;
  const int *rows;
  long long size; // of a copy
  int count, copies, add;
};

// A thread for a bias of a copy.
extern "C" __global__ void __launch_bounds__(128) train_sums(SumsArgs s) {
  const int i = (int)blockIdx.x * 128 + (int)threadIdx.x;
  if (i >= s.count) return;
  const Column c = s.columns[i];
  for (long long copy = blockIdx.y; copy < s.copies; copy += gridDim.y) {
    const float *from = c.delta + copy * c.step;
    float sum = 0.f, *to = s.gradient + copy * s.size + c.to;
#pragma unroll 8
    for (int r = 0, rows = s.rows[copy]; r < rows; r++) sum += from[(long long)r * c.row];
    *to = s.add ? *to + sum : sum;
  }
}
EMU_KERNEL(train_sums)

// MoveArgs is a step of the optimiser; kernels.CopyStep says what its numbers are.
struct MoveArgs {
  float *theta;
  const float *gradient;
  float *first, *second; // what the rule keeps
  unsigned long long *failed;
  long long size;
  float rate, momentum, decay, shrink, fresh, keep, square, root, epsilon;
  int rule, step, copies;
};

enum { DESCENT, ADAM, ADAMW };

DEVICE float descent(const MoveArgs &m, long long at) {
  float p = m.theta[at], v = m.momentum * m.first[at] + (m.gradient[at] + m.decay * p);
  m.first[at] = v;
  return p - m.rate * v;
}

DEVICE float adam(const MoveArgs &m, long long at) {
  float p = m.theta[at], g = m.gradient[at], mean = m.first[at], square = m.second[at];
  if (m.rule == ADAMW) p = p * m.shrink;
  else g += m.decay * p;
  mean += m.fresh * (g - mean);
  square = m.keep * square + m.square * (g * g);
  m.first[at] = mean, m.second[at] = square;
  float bottom = __fdiv_rn(__fsqrt_rn(square), m.root) + m.epsilon;
  return p - m.rate * __fdiv_rn(mean, bottom);
}

extern "C" __global__ void __launch_bounds__(256) train_move(MoveArgs m) {
  const long long i = blockIdx.x * 256ll + threadIdx.x;
  if (i >= m.size) return;
  for (long long copy = blockIdx.y; copy < m.copies; copy += gridDim.y) {
    const long long at = copy * m.size + i;
    float p = m.rule == DESCENT ? descent(m, at) : adam(m, at);
    m.theta[at] = p;
    if (!finite(p)) note(m.failed, copy, m.step, 0x80000000u | (unsigned)i);
  }
}

// train_start gives every copy the same parameters.
extern "C" __global__ void __launch_bounds__(256) train_start(float *theta, const float *initial, long long size, int copies) {
  const long long i = blockIdx.x * 256ll + threadIdx.x;
  if (i >= size) return;
  const float p = initial[i];
  for (long long copy = blockIdx.y; copy < copies; copy += gridDim.y) theta[copy * size + i] = p;
}
EMU_KERNEL(train_move)
EMU_KERNEL(train_start)
