// The block's shared buffer, between pages that may not be touched, poisoned before each block.
#pragma once

extern "C" {
extern char __start_emu_shared[] __attribute__((weak, visibility("hidden")));
extern char __stop_emu_shared[] __attribute__((weak, visibility("hidden")));
}

namespace emu {

constexpr size_t kSharedMost = ARCH >= 90 ? 227 << 10 : ARCH >= 80 ? 163 << 10 : 64 << 10; // bytes a block may ask for
constexpr size_t kSharedRoom = 228 << 10;
constexpr size_t kSharedAlign = ARCH >= 90 ? 1024 : 16; // 128-byte swizzle repeats every 1024 bytes
constexpr unsigned char kPoison = 0xA5;
constexpr uint32_t kDynamicAddress = 1024, kStaticAddress = 0x40000; // 32-bit shared addresses

inline struct Shared {
  char* room = nullptr; // kSharedRoom bytes, a guard page on either side
  char* data = nullptr;
  size_t size = 0;
} S;

// Bytes around the buffer differ by order, so that a result that depends on them does too.
inline unsigned char guard_byte() { return static_cast<unsigned char>(0xC0 + 3 * M.order); }

inline void reserve_shared(size_t size) {
  if (S.room == nullptr) {
    const size_t all = kSharedRoom + 2 * kPage;
    char* m = static_cast<char*>(mmap(nullptr, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(m, kPage, PROT_NONE);
    mprotect(m + kPage + kSharedRoom, kPage, PROT_NONE);
    S.room = m + kPage;
  }
  // The end lies as close to the guard page as the alignment allows.
  S.size = size;
  S.data = S.room + (kSharedRoom - size) / kSharedAlign * kSharedAlign;
}

// What is watched on either side: up to a page before the buffer, and all that lies between it and the guard page.
inline char* watched_begin() { return S.data - S.room < static_cast<ptrdiff_t>(kPage) ? S.room : S.data - kPage; }
inline char* watched_end() { return S.room + kSharedRoom; }

inline void poison_shared() {
  memset(watched_begin(), guard_byte(), watched_end() - watched_begin());
  memset(S.data, kPoison, S.size);
  if (__start_emu_shared != nullptr) memset(__start_emu_shared, kPoison, __stop_emu_shared - __start_emu_shared);
}

inline bool check_guard(const char* from, const char* to) {
  for (const char* p = from; p < to; p++) {
    if (static_cast<unsigned char>(*p) == guard_byte()) continue;
    report(format("written outside the shared buffer, at byte %td of %zu", p - S.data, S.size));
    return false;
  }
  return true;
}

inline void check_guards() {
  if (check_guard(watched_begin(), S.data)) check_guard(S.data + S.size, watched_end());
}

inline bool is_static(const void* p) {
  const char* c = static_cast<const char*>(p);
  return __start_emu_shared != nullptr && c >= __start_emu_shared && c < __stop_emu_shared;
}

inline bool is_shared(const void* p, size_t bytes) {
  const char* c = static_cast<const char*>(p);
  return is_static(p) || (c >= S.data && c + bytes <= S.data + S.size);
}

// The 32-bit address that PTX would use, and back.
inline uint32_t shared_address(const void* p) {
  if (is_static(p)) return static_cast<uint32_t>(kStaticAddress + (static_cast<const char*>(p) - __start_emu_shared));
  const char* c = static_cast<const char*>(p);
  if (c < S.data || c > S.data + S.size) fail("an address outside the shared buffer is taken for shared (byte %td of %zu)", c - S.data, S.size);
  return static_cast<uint32_t>(kDynamicAddress + (c - S.data));
}

inline char* shared_pointer(uint32_t address, size_t bytes) {
  char* p = address >= kStaticAddress ? __start_emu_shared + (address - kStaticAddress) : S.data + (static_cast<ptrdiff_t>(address) - kDynamicAddress);
  if (!is_shared(p, bytes)) fail("shared address 0x%x + %zu is outside the buffer of %zu bytes", address, bytes, S.size);
  return p;
}

} // namespace emu

#define SHARED(type, name) type* const name = reinterpret_cast<type*>(emu::S.data)
