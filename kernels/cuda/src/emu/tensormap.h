// What the emulator keeps in a CUtensorMap. The fake driver's cuTensorMapEncodeTiled fills it through encode_map.
#pragma once
#include <cstdint>
#include <cstring>

struct alignas(64) CUtensorMap {
  uint64_t opaque[16];
};

namespace emu {

constexpr uint64_t kMapMagic = 0x70616d726f736e74ull;

struct TensorMap {
  uint64_t magic;
  const char* base;
  uint64_t dim[2];       // elements of a row, rows
  uint64_t stride;       // bytes from row to row
  uint32_t box[2];       // elements and rows of a tile
  uint32_t element_size; // bytes
  uint32_t swizzle;      // CU_TENSOR_MAP_SWIZZLE_NONE = 0, _32B = 1, _64B = 2, _128B = 3
};
static_assert(sizeof(TensorMap) <= sizeof(CUtensorMap), "the map must fit");

// Fills map, or says what the driver would refuse (CUDA driver API, cuTensorMapEncodeTiled).
inline const char* encode_map(CUtensorMap* map, const TensorMap& m) {
  static const uint32_t most[] = {256 * 16, 32, 64, 128}; // bytes of a box's row, by swizzle
  const uint64_t row = uint64_t(m.box[0]) * m.element_size;
  if (reinterpret_cast<uintptr_t>(map) % 64 != 0) return "the map is not aligned to 64 bytes";
  if (reinterpret_cast<uintptr_t>(m.base) % 16 != 0) return "the matrix is not aligned to 16 bytes";
  if (m.stride % 16 != 0 || m.stride >= 1ull << 40) return "the stride is no multiple of 16 below 2^40";
  if (m.dim[0] < 1 || m.dim[1] < 1 || m.dim[0] > 1ull << 32 || m.dim[1] > 1ull << 32) return "a dimension is not 1 … 2^32";
  if (m.box[0] < 1 || m.box[1] < 1 || m.box[0] > 256 || m.box[1] > 256) return "a side of the box is not 1 … 256";
  if (m.element_size != 1 && m.element_size != 2 && m.element_size != 4 && m.element_size != 8) return "an element size other than 1, 2, 4, 8";
  if (row % 16 != 0) return "a row of the box is no multiple of 16 bytes";
  if (m.swizzle > 3 || row > most[m.swizzle]) return "a row of the box is wider than the swizzle";
  TensorMap filled = m;
  filled.magic = kMapMagic;
  memset(static_cast<void*>(map), 0, sizeof *map);
  memcpy(static_cast<void*>(map), &filled, sizeof filled);
  return nullptr;
}

} // namespace emu
