// wgmma, the matrix product of a warpgroup with operands in shared memory. The arithmetic is done when it is waited
// for; until then D is poisoned. What the operands are then is what counts, as seen by the async proxy.
#pragma once

namespace emu {

struct Product {
  float* d;
  int n; // columns of D
  uint64_t a, b;
  bool accumulate;
};
struct ProductQueue {
  std::vector<Product> open;
  std::vector<std::vector<Product>> groups;
  std::map<float*, std::vector<float>> sums; // of D under way
  bool fenced = false;
};
inline ProductQueue products[kMaxThreads];

// What each warp of a warpgroup has issued: they must agree.
struct Issues {
  std::vector<Product> all;
  size_t made[4] = {0, 0, 0, 0};
};
inline Issues issues[kMaxThreads / 128];

inline void begin_wgmma() {
  for (unsigned t = 0; t < M.count; t++) products[t] = ProductQueue();
  for (Issues& i : issues) i = Issues();
}

inline void wgmma_thread_ended(unsigned t) {
  if (!products[t].groups.empty() || !products[t].open.empty()) report("a thread ends with wgmma that it has not waited for");
}

#if ARCH >= 90

// Element (row, k) of an operand, 16 bits: rows of 128 bytes in groups of 8 (PTX ISA, "Matrix Descriptor Format").
EMU_UNSEEN inline double operand(uint64_t descriptor, unsigned row, unsigned k) {
  const uint32_t start = (descriptor & 0x3fff) << 4, group = (descriptor >> 32 & 0x3fff) << 4;
  const uint32_t at = swizzled(start + row / 8 * group + row % 8 * 128 + 2 * k, 3);
  const char* p = shared_pointer(at, 2);
  uint16_t h;
  memcpy(&h, proxy_of(p), 2);
  return from_bf16(h);
}

inline void check_descriptor(uint64_t d) {
  if (d >> 62 != 1) fail("wgmma: only descriptors with the 128-byte swizzle are emulated");
  if ((d >> 49 & 7) != 0) fail("wgmma: a base offset of %u", static_cast<unsigned>(d >> 49 & 7));
  if (((d & 0x3fff) << 4) % 1024 > 96) fail("wgmma: operand at 0x%x starts at another row than the swizzle", static_cast<unsigned>((d & 0x3fff) << 4));
}

inline void same_in_warpgroup(const Product& p) {
  Issues& i = issues[M.self / 128];
  const size_t n = i.made[M.self / 32 % 4]++;
  if (n == i.all.size()) i.all.push_back(p);
  const Product& q = i.all[n];
  if (p.a != q.a || p.b != q.b || p.n != q.n || p.accumulate != q.accumulate) fail("wgmma differs among the warps of a warpgroup");
}

inline void issue(const Product& p) {
  check_descriptor(p.a);
  check_descriptor(p.b);
  struct Same { uint64_t a, b; int n, accumulate; } own{p.a, p.b, p.n, p.accumulate};
  meet_all("wgmma", own, [&](const Same* lanes) {
    for (unsigned l = 0; l < 32; l++)
      if (memcmp(&lanes[l], &own, sizeof own) != 0) fail("wgmma differs among the lanes of a warp");
  });
  if (lane_id() == 0) same_in_warpgroup(p);
  ProductQueue& q = products[M.self];
  if (q.sums.count(p.d) == 0) {
    if (!q.fenced) fail("wgmma without wgmma.fence before it");
    q.sums[p.d].assign(p.d, p.d + p.n / 2);
    for (int i = 0; i < p.n / 2; i++) p.d[i] = bits<float>(0x7fa5a5a5u);
  }
  q.open.push_back(p);
}

EMU_UNSEEN inline void multiply(const Product& p, std::vector<float>& sums) {
  const unsigned first = M.self / 32 % 4 * 16 + lane_id() / 4;
  double a[2][16];
  for (unsigned k = 0; k < 16; k++)
    for (unsigned h = 0; h < 2; h++) a[h][k] = operand(p.a, first + 8 * h, k);
  for (int j = 0; j < p.n / 2; j += 4)
    for (unsigned c = 0; c < 2; c++) {
      const unsigned column = j / 4 * 8 + lane_id() % 4 * 2 + c;
      double s[2] = {0, 0};
      for (unsigned k = 0; k < 16; k++) {
        const double b = operand(p.b, column, k);
        for (unsigned h = 0; h < 2; h++) s[h] += a[h][k] * b;
      }
      for (unsigned h = 0; h < 2; h++) {
        float& d = sums[j + 2 * h + c];
        d = cut(s[h] + (p.accumulate ? d : 0));
      }
    }
}

inline bool under_way(const ProductQueue& q, const float* d) {
  for (const auto& g : q.groups)
    for (const Product& p : g)
      if (p.d == d) return true;
  for (const Product& p : q.open)
    if (p.d == d) return true;
  return false;
}

inline void wait_products(size_t left) {
  ProductQueue& q = products[M.self];
  while (q.groups.size() > left) {
    for (const Product& p : q.groups.front()) multiply(p, q.sums[p.d]);
    q.groups.erase(q.groups.begin());
  }
  for (auto i = q.sums.begin(); i != q.sums.end();) {
    if (under_way(q, i->first)) {
      ++i;
      continue;
    }
    std::copy(i->second.begin(), i->second.end(), i->first);
    i = q.sums.erase(i);
  }
  q.fenced = false;
  meet_all("wgmma.wait_group", 0, [](const int*) {}); // the warp goes on together
}

inline void check_finished(const float* d) {
  if (under_way(products[M.self], d)) fail("wgmma.wait_group leaves a D under way that it names");
}

inline void set_registers(int n) {
  if (n < 24 || n > 256 || n % 8 != 0) fail("setmaxnreg %d", n);
  meet_all("setmaxnreg", n, [](const int*) {});
}

#endif
} // namespace emu

#if ARCH >= 90
inline uint64_t wgmma_descriptor(const void* p) {
  return static_cast<uint64_t>((shared_address(p) & 0x3FFFF) >> 4) | 1ull << 16 | static_cast<uint64_t>(1024 >> 4) << 32 | 1ull << 62;
}
template <class... D> void wgmma_fence(D&...) {
  emu::meet_all("wgmma.fence", 0, [](const int*) {});
  emu::products[emu::M.self].fenced = true;
}
inline void wgmma_commit() {
  emu::ProductQueue& q = emu::products[emu::M.self];
  q.groups.push_back(q.open);
  q.open.clear();
}
template <int left, class... D> void wgmma_wait(D&... d) {
  emu::wait_products(left);
  (emu::check_finished(d), ...);
}
inline void wgmma_m64n64k16_bf16(float (&d)[32], uint64_t a, uint64_t b, bool accumulate) { emu::issue({d, 64, a, b, accumulate}); }
inline void wgmma_m64n128k16_bf16(float (&d)[64], uint64_t a, uint64_t b, bool accumulate) { emu::issue({d, 128, a, b, accumulate}); }
inline void wgmma_m64n256k16_bf16(float (&d)[128], uint64_t a, uint64_t b, bool accumulate) { emu::issue({d, 256, a, b, accumulate}); }
template <int registers> void setmaxnreg_dec() { emu::set_registers(registers); }
template <int registers> void setmaxnreg_inc() { emu::set_registers(registers); }
#endif
