// What gorgonia.org/cu calls and the fake driver of kernels/cuda/fake lacks, by means of what it has: contexts of the
// program's own are the primary one, and copies are done when they return.
#include <stddef.h>

int cuDevicePrimaryCtxRetain(void **context, int device);
int cuDevicePrimaryCtxRelease_v2(int device);
int cuCtxPushCurrent_v2(void *context);
int cuStreamCreate(void **stream, unsigned flags);
int cuStreamDestroy_v2(void *stream);
int cuMemcpyHtoDAsync_v2(void *to, const void *from, size_t bytes, void *stream);

int cuCtxCreate_v2(void **context, unsigned flags, int device) {
  int bad = cuDevicePrimaryCtxRetain(context, device);
  return bad ? bad : cuCtxPushCurrent_v2(*context); // as the real one makes it current
}

int cuCtxDestroy_v2(void *context) { return cuDevicePrimaryCtxRelease_v2(0); }

int cuMemcpyHtoD_v2(void *to, const void *from, size_t bytes) {
  void *stream;
  int bad = cuStreamCreate(&stream, 1);
  if (bad) return bad;
  bad = cuMemcpyHtoDAsync_v2(to, from, bytes, stream);
  int worse = cuStreamDestroy_v2(stream);
  return bad ? bad : worse;
}
