// Asynchronous copies. Their destination is poisoned when they start and filled as late as the waits allow (at times
// earlier in the shuffled orders), so that a missing wait, or one on the wrong phase, gives wrong results.
#pragma once

namespace emu {

// cp.async: per thread, in groups.
struct Copy {
  char* to;
  const char* from;
  uint32_t bytes;
};
struct CopyQueue {
  std::vector<Copy> open;
  std::vector<std::vector<Copy>> groups;
};
inline CopyQueue copies[kMaxThreads];

// mbarrier: the object's 8 bytes hold a mark, its state is kept here.
struct Mbarrier {
  uint32_t count, pending;
  int64_t bytes; // expected and not yet come
  uint32_t phase;
  std::vector<unsigned> waiting;
};
inline std::map<uint64_t*, Mbarrier> mbarriers;
constexpr uint64_t kMbarrierMark = 0x72656972726162ull;

// TMA loads under way.
struct Load {
  TensorMap map;
  char* to;
  uint64_t* bar;
  int x, y;
};
inline std::vector<Load> loads;

// What TMA and wgmma see of shared memory (the async proxy): TMA's own writes, and those of threads up to a
// fence.proxy.async.
inline std::vector<char> proxy;
inline char* proxy_of(const char* p) { return proxy.data() + (p - S.data); }

void begin_wgmma();
void wgmma_thread_ended(unsigned t);

inline void begin_async() {
  for (unsigned t = 0; t < M.count; t++) copies[t] = CopyQueue();
  mbarriers.clear();
  loads.clear();
  if (ARCH >= 90) proxy.assign(S.size, static_cast<char>(kPoison));
  begin_wgmma();
}

// Copies nobody waited for never land.
inline void async_thread_ended(unsigned t) {
  copies[t] = CopyQueue();
  wgmma_thread_ended(t);
}

inline void land(const Copy& c) {
  touch(c.to, 16, kWrite);
  memset(c.to, 0, 16);
  memcpy(c.to, c.from, c.bytes);
}

inline void wait_copies(size_t left) {
  std::vector<std::vector<Copy>>& g = copies[M.self].groups;
  while (g.size() > left) {
    for (const Copy& c : g.front()) land(c);
    g.erase(g.begin());
  }
}

inline Mbarrier& mbarrier(uint64_t* bar) {
  auto found = mbarriers.find(bar);
  if (found == mbarriers.end()) fail("mbarrier at shared address 0x%x was not initialised", shared_address(bar));
  if (*bar != kMbarrierMark) fail("mbarrier at shared address 0x%x was overwritten", shared_address(bar));
  return found->second;
}

inline void advance(const uint64_t* bar, Mbarrier& b) {
  if (b.pending != 0 || b.bytes != 0) return;
  b.pending = b.count;
  b.phase++;
  phase_ends(bar);
  for (unsigned t : b.waiting) wake(t);
  b.waiting.clear();
}

inline void arrive(uint64_t* bar, uint32_t bytes) {
  Mbarrier& b = mbarrier(bar);
  if (b.pending == 0) fail("more arrivals at an mbarrier than its count of %u", b.count);
  b.bytes += bytes;
  b.pending--;
  arrived_at(bar);
  advance(bar, b);
}

// The place of byte `lin` of a tile whose rows are as wide as the swizzle: 16-byte pieces change places by address
// (PTX ISA, "Swizzling modes").
inline uint32_t swizzled(uint32_t lin, uint32_t mode) {
  const uint32_t mask = (1u << mode) - 1;
  return lin ^ (lin >> 7 & mask) << 4;
}

// Calls each(place, row, byte of the row) for every 16 bytes of a box.
template <class Each> void each_piece(const Load& l, Each each) {
  const uint32_t row = l.map.box[0] * l.map.element_size, base = shared_address(l.to);
  for (uint32_t r = 0; r < l.map.box[1]; r++)
    for (uint32_t b = 0; b < row; b += 16) each(shared_pointer(swizzled(base + r * row + b, l.map.swizzle), 16), r, b);
}

// Copies the elements of 16 bytes that lie inside the matrix; the others are zero.
inline void land_piece(const Load& l, char* p, int64_t x, int64_t y) {
  const int64_t size = l.map.element_size;
  memset(p, 0, 16);
  if (y < 0 || y >= static_cast<int64_t>(l.map.dim[1])) return;
  for (int64_t i = 0; i < 16 / size; i++)
    if (x + i >= 0 && x + i < static_cast<int64_t>(l.map.dim[0])) memcpy(p + i * size, l.map.base + y * l.map.stride + (x + i) * size, size);
}

// The elements that a load reads.
inline void touch_box(const Load& l) {
  const int64_t x0 = l.x > 0 ? l.x : 0, x1 = std::min<int64_t>(int64_t(l.x) + l.map.box[0], l.map.dim[0]);
  for (int64_t y = l.y > 0 ? l.y : 0; y < int64_t(l.y) + l.map.box[1] && y < static_cast<int64_t>(l.map.dim[1]); y++)
    if (x0 < x1) touch(l.map.base + y * l.map.stride + x0 * l.map.element_size, (x1 - x0) * l.map.element_size, kRead);
}

inline void land(const Load& l) {
  each_piece(l, [&](char* p, uint32_t r, uint32_t b) {
    land_piece(l, p, int64_t(l.x) + b / l.map.element_size, int64_t(l.y) + r);
    memcpy(proxy_of(p), p, 16);
  });
  auto found = mbarriers.find(l.bar);
  if (found == mbarriers.end()) return;
  found->second.bytes -= int64_t(l.map.box[0]) * l.map.box[1] * l.map.element_size;
  advance(l.bar, found->second);
}

inline void land_load(size_t i) {
  const Load l = loads[i];
  loads.erase(loads.begin() + i);
  land(l);
}

// Nobody can run: something must arrive. First come, last come or any, by the order.
inline bool land_something() {
  if (loads.empty()) return false;
  land_load(shuffled() ? draw() % loads.size() : M.order == 1 ? loads.size() - 1 : 0);
  return true;
}

inline void round_begins() {
  if (!loads.empty() && shuffled() && draw() % 4 == 0) land_load(draw() % loads.size());
}

inline void check_aligned(const char* what, const void* p, size_t to) {
  if (reinterpret_cast<uintptr_t>(p) % to != 0) fail("%s: %p is not aligned to %zu bytes", what, p, to);
}

} // namespace emu

inline uint32_t shared_address(const void* p) { return emu::shared_address(p); }

inline void bar_sync(uint32_t id, uint32_t threads) { emu::named_barrier(id, threads, true); }
inline void bar_arrive(uint32_t id, uint32_t threads) { emu::named_barrier(id, threads, false); }

#if ARCH >= 80
inline void cp_async_16(void* shared, const void* global, uint32_t bytes = 16) {
  emu::check_aligned("cp.async", shared, 16);
  emu::check_aligned("cp.async", global, 16);
  if (!emu::is_shared(shared, 16) || bytes > 16) emu::fail("cp.async of %u bytes, or not into shared memory", bytes);
  emu::touch(global, bytes, emu::kRead);
  emu::touch(shared, 16, emu::kWrite);
  memset(shared, emu::kPoison, 16);
  emu::copies[emu::M.self].open.push_back({static_cast<char*>(shared), static_cast<const char*>(global), bytes});
}
inline void cp_async_commit() {
  emu::CopyQueue& q = emu::copies[emu::M.self];
  q.groups.push_back(q.open);
  q.open.clear();
}
template <int left> void cp_async_wait() { emu::wait_copies(left); }
#endif

#if ARCH >= 90
inline void mbarrier_init(uint64_t* bar, uint32_t count) {
  emu::check_aligned("mbarrier.init", bar, 8);
  if (!emu::is_shared(bar, 8) || count < 1 || count >= 1u << 20) emu::fail("mbarrier.init: count %u, or not in shared memory", count);
  *bar = emu::kMbarrierMark;
  emu::mbarriers[bar] = {count, count, 0, 0, {}};
}
inline void fence_mbarrier_init() {}
inline void mbarrier_arrive(uint64_t* bar) { emu::arrive(bar, 0); }
inline void mbarrier_arrive_expect_tx(uint64_t* bar, uint32_t bytes) { emu::arrive(bar, bytes); }
inline bool mbarrier_try_wait(uint64_t* bar, uint32_t parity) {
  if ((emu::mbarrier(bar).phase & 1) == parity) emu::give_way();
  const bool over = (emu::mbarrier(bar).phase & 1) != parity;
  if (over) emu::waited_at(bar);
  return over;
}
inline void mbarrier_wait(uint64_t* bar, uint32_t parity) {
  if (parity > 1) emu::fail("mbarrier parity %u", parity);
  while ((emu::mbarrier(bar).phase & 1) == parity) {
    emu::mbarrier(bar).waiting.push_back(emu::M.self);
    emu::block_on("mbarrier.try_wait", emu::shared_address(bar));
  }
  emu::waited_at(bar);
}

inline void tma_load_2d(void* shared, const CUtensorMap* map, uint64_t* bar, int x, int y) {
  emu::Load l;
  memcpy(&l.map, map, sizeof l.map);
  if (l.map.magic != emu::kMapMagic) emu::fail("TMA: the tensor map was not made by cuTensorMapEncodeTiled");
  l.to = static_cast<char*>(shared);
  l.bar = bar;
  l.x = x;
  l.y = y;
  if (emu::shared_address(shared) % (l.map.swizzle ? 128u << l.map.swizzle : 128u) != 0) emu::fail("TMA: the destination 0x%x is not aligned for the swizzle", emu::shared_address(shared));
  if (emu::is_static(shared)) emu::fail("TMA: the destination is not in dynamic shared memory");
  emu::mbarrier(bar);
  emu::touch_box(l);
  emu::each_piece(l, [&](char* p, uint32_t, uint32_t) {
    memset(p, emu::kPoison, 16);
    memset(emu::proxy_of(p), emu::kPoison, 16);
  });
  emu::loads.push_back(l);
}
inline void tma_prefetch_map(const CUtensorMap*) {}
inline void fence_proxy_async() { memcpy(emu::proxy.data(), emu::S.data, emu::S.size); }
#endif
