// What cuTensorMapEncodeTiled refuses. The map itself is the emulator's (src/emu/tensormap.h of the kernels).
#pragma once
#include <cstdint>

namespace fake {

inline uint32_t elementBytes(uint32_t type) {
  static const uint32_t bytes[] = {1, 2, 4, 4, 8, 8, 2, 4, 8, 2, 4, 4, 4}; // cuda.h, cuTensorMapEncodeTiled
  return type < 13 ? bytes[type] : 0;
}

// validTiled holds arguments against the requirements that cuda.h 12.4 states with cuTensorMapEncodeTiled, for maps
// without interleaving; nullptr, or what is wrong.
inline const char* validTiled(const void* map, uint32_t type, uint32_t rank, uint64_t address, const uint64_t* size, const uint64_t* stride,
                              const uint32_t* box, const uint32_t* step, uint32_t interleave, uint32_t swizzle, uint32_t promotion, uint32_t fill) {
  const uint64_t e = elementBytes(type);
  if (!map || reinterpret_cast<uintptr_t>(map) % 64) return "the map does not begin at a multiple of 64";
  if (!e) return "no such type";
  if (rank < 1 || rank > 5) return "rank outside 1 … 5";
  if (rank != 2) return "a rank other than 2 is not emulated";
  if (!address || address % 16) return "the address is no multiple of 16";
  if (interleave != 0) return "interleaving is not emulated";
  if (swizzle > 3 || promotion > 3 || fill > 1) return "no such swizzle, promotion or fill";
  for (uint32_t i = 0; i < rank; i++) {
    if (size[i] < 1 || size[i] > uint64_t(1) << 32) return "a size outside 1 … 2^32";
    if (box[i] < 1 || box[i] > 256) return "an extent of the box outside 1 … 256";
    if (step[i] < 1 || step[i] > 8) return "an element stride outside 1 … 8";
    if (i && step[i] != 1) return "element strides are not emulated";
    if (i + 1 < rank && (stride[i] % 16 || stride[i] >= uint64_t(1) << 40)) return "a stride that is no multiple of 16, or not below 2^40";
    if (i + 1 < rank && stride[i] < (i ? stride[i - 1] : e) * size[i]) return "a stride smaller than what lies within it";
  }
  if (box[0] * e % 16) return "the inner extent of the box is no multiple of 16 bytes";
  if (swizzle && box[0] * e > uint64_t(16) << swizzle) return "the inner extent of the box is wider than the swizzle's span";
  return nullptr;
}

} // namespace fake
