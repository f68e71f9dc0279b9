// Exchanges among the lanes of a warp. Every lane of the mask that has not ended puts its value down and waits for
// the others; lanes need not run in step (independent thread scheduling).
#pragma once

namespace emu {

constexpr size_t kLaneBytes = 64;

struct Meeting {
  const char* name;
  unsigned mask, arrived, unread;
  bool orders; // memory too
  alignas(16) char data[32][kLaneBytes];
};

inline struct Warps {
  std::vector<Meeting*> open[kMaxThreads / 32], spare;
  unsigned gone[kMaxThreads / 32]; // lanes that ended or never were
} W;

inline unsigned lane_id() { return M.self % 32; }

inline void begin_warps() {
  for (unsigned w = 0; w < kMaxThreads / 32; w++) {
    for (Meeting* m : W.open[w]) W.spare.push_back(m);
    W.open[w].clear();
    unsigned lanes = M.count > 32 * w ? M.count - 32 * w : 0;
    W.gone[w] = lanes >= 32 ? 0 : ~0u << lanes;
  }
}

inline bool complete(const Meeting& m, unsigned warp) { return ((m.arrived | W.gone[warp]) & m.mask) == m.mask; }

EMU_UNSEEN inline void close(Meeting* m, unsigned warp) {
  std::vector<Meeting*>& open = W.open[warp];
  for (size_t i = 0; i < open.size(); i++)
    if (open[i] == m) open.erase(open.begin() + i--);
  m->unread = m->arrived;
  if (m->orders) lanes_met(warp, m->arrived);
  for (unsigned l = 0; l < 32; l++)
    if (m->arrived >> l & 1) wake(32 * warp + l);
}

EMU_UNSEEN inline Meeting* find_or_open(const char* name, unsigned mask) {
  const unsigned warp = M.self / 32, bit = 1u << lane_id();
  for (Meeting* m : W.open[warp])
    if (m->mask == mask && !(m->arrived & bit) && strcmp(m->name, name) == 0) return m;
  Meeting* m = W.spare.empty() ? new Meeting : W.spare.back();
  if (!W.spare.empty()) W.spare.pop_back();
  m->name = name;
  m->mask = mask;
  m->orders = strcmp(name, "__syncwarp") == 0;
  m->arrived = m->unread = 0;
  W.open[warp].push_back(m);
  return m;
}

inline void warp_lane_ended(unsigned t) {
  const unsigned warp = t / 32;
  W.gone[warp] |= 1u << t % 32;
  const std::vector<Meeting*> open = W.open[warp];
  for (Meeting* m : open)
    if (complete(*m, warp)) close(m, warp);
}

// Puts v down and, when all lanes of the mask have come, returns use(values of the 32 lanes, lanes that came).
template <class T, class Use> EMU_UNSEEN auto meet(const char* name, unsigned mask, const T& v, Use use) {
  static_assert(sizeof(T) <= kLaneBytes, "a lane's value is too large");
  const unsigned warp = M.self / 32, bit = 1u << lane_id();
  if (!(mask & bit)) fail("%s: the lane is not in its own mask 0x%x", name, mask);
  Meeting* m = find_or_open(name, mask);
  memcpy(m->data[lane_id()], &v, sizeof(T));
  m->arrived |= bit;
  if (complete(*m, warp)) close(m, warp);
  else block_on(name, mask);
  T lanes[32];
  for (unsigned l = 0; l < 32; l++) memcpy(static_cast<void*>(&lanes[l]), m->data[l], sizeof(T));
  const unsigned came = m->arrived;
  m->unread &= ~bit;
  if (m->unread == 0) W.spare.push_back(m);
  return use(lanes, came);
}

// For .aligned instructions: the whole warp, of 32 lanes that all live.
template <class T, class Use> auto meet_all(const char* name, const T& v, Use use) {
  return meet(name, ~0u, v, [&](const T* lanes, unsigned came) {
    if (came != ~0u) fail("%s needs all 32 lanes, 0x%x came", name, came);
    return use(lanes);
  });
}

template <class T> T shuffle(const char* name, unsigned mask, T v, unsigned from) {
  return meet(name, mask, v, [&](const T* lanes, unsigned came) {
    if (!(came >> from & 1)) fail("%s reads lane %u, which takes no part (mask 0x%x)", name, from, mask);
    return lanes[from];
  });
}

inline void check_width(const char* name, int width) {
  if (width < 1 || width > 32 || (width & (width - 1)) != 0) fail("%s: width %d is no power of two up to 32", name, width);
}

} // namespace emu

template <class T> T __shfl_sync(unsigned mask, T v, int src, int width = 32) {
  emu::check_width("__shfl_sync", width);
  const unsigned l = emu::lane_id();
  return emu::shuffle("__shfl_sync", mask, v, (l & ~(width - 1u)) | (static_cast<unsigned>(src) & (width - 1u)));
}

template <class T> T __shfl_xor_sync(unsigned mask, T v, int x, int width = 32) {
  emu::check_width("__shfl_xor_sync", width);
  const unsigned l = emu::lane_id(), to = l ^ static_cast<unsigned>(x), last = l | (width - 1u);
  return emu::shuffle("__shfl_xor_sync", mask, v, to > last ? l : to);
}

template <class T> T __shfl_down_sync(unsigned mask, T v, unsigned d, int width = 32) {
  emu::check_width("__shfl_down_sync", width);
  const unsigned l = emu::lane_id(), last = l | (width - 1u);
  return emu::shuffle("__shfl_down_sync", mask, v, l + d > last ? l : l + d);
}

template <class T> T __shfl_up_sync(unsigned mask, T v, unsigned d, int width = 32) {
  emu::check_width("__shfl_up_sync", width);
  const unsigned l = emu::lane_id(), first = l & ~(width - 1u);
  return emu::shuffle("__shfl_up_sync", mask, v, l < first + d ? l : l - d);
}

inline void __syncwarp(unsigned mask = ~0u) {
  emu::meet("__syncwarp", mask, 0, [](const int*, unsigned) {});
}

inline unsigned __ballot_sync(unsigned mask, int p) {
  return emu::meet("__ballot_sync", mask, p, [](const int* lanes, unsigned came) {
    unsigned r = 0;
    for (unsigned l = 0; l < 32; l++)
      if (came >> l & 1 && lanes[l] != 0) r |= 1u << l;
    return r;
  });
}

inline int __any_sync(unsigned mask, int p) {
  return emu::meet("__any_sync", mask, p, [](const int* lanes, unsigned came) {
    int r = 0;
    for (unsigned l = 0; l < 32; l++) r |= came >> l & 1 && lanes[l] != 0;
    return r;
  });
}

inline int __all_sync(unsigned mask, int p) {
  return emu::meet("__all_sync", mask, p, [](const int* lanes, unsigned came) {
    int r = 1;
    for (unsigned l = 0; l < 32; l++) r &= !(came >> l & 1) || lanes[l] != 0;
    return r;
  });
}

template <class T> unsigned __match_any_sync(unsigned mask, T v) {
  return emu::meet("__match_any_sync", mask, v, [&](const T* lanes, unsigned came) {
    unsigned r = 0;
    for (unsigned l = 0; l < 32; l++)
      if (came >> l & 1 && memcmp(&lanes[l], &v, sizeof v) == 0) r |= 1u << l;
    return r;
  });
}

// Of the lanes in the mask that run this at once, as cards give: here the calling thread alone.
inline unsigned __activemask() { return 1u << emu::lane_id(); }

namespace emu {
template <class T, class Op> T reduce(const char* name, unsigned mask, T v, Op op) {
  return meet(name, mask, v, [&](const T* lanes, unsigned came) {
    T r = v;
    const unsigned own = lane_id();
    for (unsigned l = 0; l < 32; l++)
      if (came >> l & 1 && l != own) r = op(r, lanes[l]);
    return r;
  });
}
} // namespace emu

#if ARCH >= 80 // the instruction exists from sm_80 on
template <class T> T __reduce_add_sync(unsigned m, T v) {
  return emu::reduce("__reduce_add_sync", m, v, [](T a, T b) { return static_cast<T>(static_cast<unsigned>(a) + static_cast<unsigned>(b)); });
}
template <class T> T __reduce_min_sync(unsigned m, T v) {
  return emu::reduce("__reduce_min_sync", m, v, [](T a, T b) { return a < b ? a : b; });
}
template <class T> T __reduce_max_sync(unsigned m, T v) {
  return emu::reduce("__reduce_max_sync", m, v, [](T a, T b) { return a > b ? a : b; });
}
inline unsigned __reduce_and_sync(unsigned m, unsigned v) {
  return emu::reduce("__reduce_and_sync", m, v, [](unsigned a, unsigned b) { return a & b; });
}
inline unsigned __reduce_or_sync(unsigned m, unsigned v) {
  return emu::reduce("__reduce_or_sync", m, v, [](unsigned a, unsigned b) { return a | b; });
}
inline unsigned __reduce_xor_sync(unsigned m, unsigned v) {
  return emu::reduce("__reduce_xor_sync", m, v, [](unsigned a, unsigned b) { return a ^ b; });
}
#endif
