// Who touches which memory, in libraries that are built with -DEMU_WATCH and -fsanitize=thread: the compiler then calls a
// function before every load and store. Two threads that touch the same bytes, one of them writing, with nothing that
// says who comes first, are an error, whether or not the order that was run gave the right numbers. Nothing orders two
// blocks of a launch. Within a block __syncthreads does, named barriers, mbarriers (who arrives comes before who has
// waited for that phase) and, among the lanes of a warp, __syncwarp; shuffles, votes and tensor-core instructions do not
// (CUDA C++ Programming Guide, "Warp Shuffle Functions": no memory ordering). Atomics and volatile reads may meet each
// other, and nothing else.
//
// Two more errors that this machine would not show: an address that is no multiple of what is read or written there, which a
// card refuses, and an index beyond an array of known length. And what lies beside all memory that is named, on the pages
// where some is.
//
// Seen: global memory that emu_memory names, 64 MB of it in a launch, and shared memory. Not seen: what
// TMA writes and wgmma reads. Where more than two warps touch a word between two barriers, the first and the last are
// compared. Threads that order themselves by fences and flags are errors here.
#pragma once

namespace emu {

enum Touch { kRead, kWrite, kUpdate, kLook }; // kUpdate: an atomic; kLook: a volatile read

#ifdef EMU_WATCH
#define EMU_FAST EMU_UNSEEN __attribute__((optimize("O2")))

// Those who have touched a word in one way and are not known to come before all others. Blocks have numbers that never
// come again, so that what earlier launches left needs no clearing.
struct Party {
  uint32_t block, other;  // the latest block, and one more of the same launch or 0
  uint32_t epoch, lanes;  // barriers of the block before; lanes of one warp since
  uint32_t clock;         // the earliest of the lanes' clocks
  uint16_t warp, far;     // the warp; a thread + 1 of another warp since, or 0
  uint32_t farClock;      // of that thread
};
struct Cell {
  Party of[3]; // kRead, kWrite, kUpdate
  bool split;  // bytes have been touched alone: their cells count
};

enum Where { kElsewhere, kGlobal, kDynamic, kStatic };
struct Page {
  uintptr_t number; // address / kPage + 1
  uint32_t launch;  // place is of this launch
  Where place;
  Cell *words, *bytes;
};
struct Range {
  const char* base;
  uint64_t bytes;
  unsigned number;
};

constexpr unsigned kPages = 1 << 15, kRanges = 4096;

inline struct Watch {
  uintptr_t stacks; // of the threads: what lies there is a thread's own
  Page *pages, *last, beyond;
  unsigned used;
  Range range[kRanges];
  unsigned ranges, recent; // recent: the one that was touched last
  uint32_t launch;        // the number of the launch's first block
  uint32_t next = 1;      // the number of the next launch's
  uint32_t block, epoch;  // of the block that runs
  uint32_t known[kMaxThreads][32]; // how much of its warp's lanes a thread has behind it; its own clock among them
  bool crossed;                    // the block has used barriers other than of all threads or of a warp: then also
  uint32_t behind[kMaxThreads][kMaxThreads]; // how much of every thread a thread has behind it
} D;

// What is behind the threads that have arrived at a barrier, in this phase and in the last one.
struct Clocks {
  uint32_t now[kMaxThreads], last[kMaxThreads];
};
inline std::map<const void*, Clocks> passed;

EMU_UNSEEN inline void forget_pages() {
  for (unsigned i = 0; i < kPages && D.pages; i++) free(D.pages[i].words), free(D.pages[i].bytes);
  free(D.pages);
  D.pages = static_cast<Page*>(calloc(kPages, sizeof(Page)));
  D.last = nullptr;
  D.used = 0;
}

EMU_UNSEEN inline void begin_watch(uint32_t blocks) {
  if (D.pages == nullptr || D.used > kPages / 8 || D.next + blocks < D.next) {
    if (D.next + blocks < D.next) D.next = 1;
    forget_pages();
  }
  D.stacks = reinterpret_cast<uintptr_t>(stack_of(0)) - kPage;
  D.launch = D.next;
  D.next += blocks;
}

EMU_UNSEEN inline void begin_watched_block(uint32_t b) {
  D.block = D.launch + b;
  D.epoch = 0;
  D.crossed = false;
  memset(D.known, 0, sizeof D.known[0] * M.count);
  for (unsigned t = 0; t < M.count; t++) D.known[t][t % 32] = 1;
}

inline void barrier_opened() { D.epoch++; }

EMU_UNSEEN inline uint32_t later(uint32_t a, uint32_t b) { return a > b ? a : b; }

inline void cross() {
  if (D.crossed) return;
  D.crossed = true;
  passed.clear();
  for (unsigned t = 0; t < M.count; t++) memset(D.behind[t], 0, sizeof(uint32_t) * M.count);
}

// The thread that runs arrives at a barrier …
EMU_UNSEEN inline void arrived_at(const void* barrier) {
  cross();
  Clocks& c = passed[barrier];
  uint32_t* own = D.known[M.self];
  for (unsigned t = 0; t < M.count; t++) c.now[t] = later(c.now[t], D.behind[M.self][t]);
  for (unsigned l = 0; l < 32 && M.self / 32 * 32 + l < M.count; l++) c.now[M.self / 32 * 32 + l] = later(c.now[M.self / 32 * 32 + l], own[l]);
  own[M.self % 32]++;
}

// … which is complete …
EMU_UNSEEN inline void phase_ends(const void* barrier) {
  Clocks& c = passed[barrier];
  memcpy(c.last, c.now, sizeof c.last);
}

// … and has waited.
EMU_UNSEEN inline void waited_at(const void* barrier) {
  cross();
  const Clocks& c = passed[barrier];
  for (unsigned t = 0; t < M.count; t++) D.behind[M.self][t] = later(D.behind[M.self][t], c.last[t]);
  for (unsigned l = 0; l < 32; l++)
    if (l != M.self % 32) D.known[M.self][l] = later(D.known[M.self][l], D.behind[M.self][M.self / 32 * 32 + l]);
}

// All of these lanes have waited for each other.
EMU_UNSEEN inline void lanes_met(unsigned warp, unsigned lanes) {
  uint32_t all[32] = {};
  for (unsigned l = 0; l < 32; l++)
    for (unsigned i = 0; i < 32 && lanes >> l & 1; i++)
      if (D.known[32 * warp + l][i] > all[i]) all[i] = D.known[32 * warp + l][i];
  for (unsigned l = 0; l < 32; l++) {
    if (!(lanes >> l & 1)) continue;
    memcpy(D.known[32 * warp + l], all, sizeof all);
    D.known[32 * warp + l][l]++;
  }
  if (!D.crossed) return;
  for (unsigned t = 0; t < M.count; t++) {
    uint32_t most = 0;
    for (unsigned l = 0; l < 32; l++)
      if (lanes >> l & 1) most = later(most, D.behind[32 * warp + l][t]);
    for (unsigned l = 0; l < 32; l++)
      if (lanes >> l & 1) D.behind[32 * warp + l][t] = most;
  }
}

// Whether what a thread of the block did at that clock is behind the one that runs.
EMU_UNSEEN inline bool is_behind(unsigned t, uint32_t clock) {
  if (t / 32 == M.self / 32) return t == M.self || D.known[M.self][t % 32] >= clock;
  return D.crossed && D.behind[M.self][t] >= clock;
}

EMU_UNSEEN inline bool all_behind(const Party& p) {
  if (p.far && !is_behind(p.far - 1u, p.farClock)) return false;
  for (unsigned l = 0; l < 32; l++)
    if (p.lanes >> l & 1 && !is_behind(32u * p.warp + l, p.clock)) return false;
  return true;
}

EMU_UNSEEN inline bool overlaps(uintptr_t page, const char* from, const char* to) {
  return page * kPage < reinterpret_cast<uintptr_t>(to) && (page + 1) * kPage > reinterpret_cast<uintptr_t>(from);
}

EMU_UNSEEN inline Where place_of(uintptr_t page) {
  if (overlaps(page, S.room, S.room + kSharedRoom)) return kDynamic;
  if (__start_emu_shared != nullptr && overlaps(page, __start_emu_shared, __stop_emu_shared)) return kStatic;
  for (unsigned i = 0; i < D.ranges; i++)
    if (overlaps(page, D.range[i].base, D.range[i].base + D.range[i].bytes)) return kGlobal;
  return kElsewhere;
}

EMU_FAST inline Page* page_of(uintptr_t address) {
  const uintptr_t number = address / kPage + 1; // 0 is a free place
  if (D.last && D.last->number == number && D.last->launch == D.launch) return D.last;
  unsigned at = static_cast<unsigned>(number * 0x9e3779b97f4a7c15ull >> 49) % kPages;
  while (D.pages[at].number != 0 && D.pages[at].number != number) at = (at + 1) % kPages;
  Page& p = D.pages[at];
  if (p.launch != D.launch) {
    if (p.number == 0 && D.used >= kPages / 2) return D.last = &D.beyond;
    D.used += p.number == 0;
    p.number = number;
    p.launch = D.launch;
    p.place = place_of(number - 1);
    if (p.place != kElsewhere && !p.words) p.words = static_cast<Cell*>(calloc(kPage / 4, sizeof(Cell)));
  }
  return D.last = &p;
}

EMU_FAST inline void join(Party& p) {
  const unsigned warp = M.self / 32, bit = 1u << M.self % 32;
  const uint32_t own = D.known[M.self][M.self % 32];
  if (p.block != D.block || p.epoch != D.epoch || all_behind(p)) {
    if (p.block != D.block) p.other = p.block >= D.launch ? p.block : 0;
    p = {D.block, p.other, D.epoch, bit, own, static_cast<uint16_t>(warp), 0, 0};
  } else if (p.warp != warp) {
    p.far = static_cast<uint16_t>(M.self + 1);
    p.farClock = own;
  } else {
    p.lanes |= bit;
    if (own < p.clock) p.clock = own;
  }
}

struct Found {
  uint32_t block;  // 0: nobody
  unsigned thread; // of this block
};

// Somebody of the party who is not known to come before the thread that runs.
EMU_FAST inline Found beside(const Party& p, bool shared) {
  if (p.block < D.launch) return {0, 0};
  if (p.block != D.block) return {shared ? 0 : p.block, 0};
  if (p.other && !shared) return {p.other, 0};
  if (p.epoch != D.epoch) return {0, 0};
  if (p.far && !is_behind(p.far - 1u, p.farClock)) return {D.block, p.far - 1u};
  for (unsigned l = 0; l < 32; l++)
    if (p.lanes >> l & 1 && !is_behind(32u * p.warp + l, p.clock)) return {D.block, 32u * p.warp + l};
  return {0, 0};
}

inline std::string memory_name(const char* p, Where place) {
  if (place == kDynamic) return format("byte %td of the shared buffer", p - S.data);
  if (place == kStatic) return format("a static shared array (address 0x%x)", shared_address(p));
  for (unsigned i = 0; i < D.ranges; i++) {
    const Range& r = D.range[i];
    if (p >= r.base && p < r.base + r.bytes) return format("byte %td of allocation %u, of %zu bytes", p - r.base, r.number, static_cast<size_t>(r.bytes));
  }
  return format("%p, beside the allocations", static_cast<const void*>(p));
}

constexpr const char* does[] = {"reads", "writes", "updates", "looks at"};

[[noreturn]] inline void race(const char* p, Where place, Touch how, Touch theirs, const Found& f) {
  static const char* const did[] = {"read", "wrote", "updated"};
  const unsigned b = f.block - D.launch;
  std::string who = format("thread %u of this block %s without a barrier in between", f.thread, did[theirs]);
  if (f.block != D.block) who = format("block (%u,%u,%u) of the same launch %s", b % gridDim.x, b / gridDim.x % gridDim.y, b / gridDim.x / gridDim.y, did[theirs]);
  fail("race: %s %s, which %s", does[how], memory_name(p, place).c_str(), who.c_str());
}

EMU_FAST inline void touch_cell(Cell& c, const char* p, Where place, Touch how) {
  static const bool against[4][3] = {{false, true, true}, {true, true, true}, {true, true, false}, {false, true, false}};
  for (int k = 0; k < 3; k++) {
    if (!against[how][k]) continue;
    const Found f = beside(c.of[k], place != kGlobal);
    if (f.block) race(p, place, how, static_cast<Touch>(k), f);
  }
  join(c.of[how == kLook ? kUpdate : how]);
}

EMU_UNSEEN inline void split(Page& page, uintptr_t word) {
  if (!page.bytes) page.bytes = static_cast<Cell*>(calloc(kPage, sizeof(Cell)));
  for (int i = 0; i < 4; i++) page.bytes[word % kPage + i] = page.words[word % kPage / 4];
  page.words[word % kPage / 4].split = true;
}

// Whether memory with a name holds the bytes.
EMU_FAST inline bool is_named(uintptr_t p, size_t bytes) {
  const Range& r = D.range[D.recent];
  const uintptr_t base = reinterpret_cast<uintptr_t>(r.base);
  if (p >= base && p + bytes <= base + r.bytes) return true;
  for (unsigned i = 0; i < D.ranges; i++) {
    const uintptr_t other = reinterpret_cast<uintptr_t>(D.range[i].base);
    if (p >= other && p + bytes <= other + D.range[i].bytes) return D.recent = i, true;
  }
  return false;
}

[[noreturn]] inline void astray(const char* p, size_t bytes, Touch how) {
  for (unsigned i = 0; i < D.ranges; i++) {
    const Range& r = D.range[i];
    if (p + bytes > r.base - 64 && p < r.base + r.bytes + 64) fail("%s %zu bytes from byte %td of allocation %u on, of %zu bytes", does[how], bytes, p - r.base, r.number, static_cast<size_t>(r.bytes));
  }
  fail("%s %zu bytes beside all allocations", does[how], bytes);
}

EMU_FAST inline void touch(const void* p, size_t bytes, Touch how) {
  if (!M.inside) return;
  const uintptr_t from = reinterpret_cast<uintptr_t>(p);
  if (from - D.stacks < (kStack + kPage) * kMaxThreads) return;
  if (page_of(from)->place == kGlobal && !is_named(from, bytes)) astray(static_cast<const char*>(p), bytes, how);
  for (uintptr_t at = from, end = from + bytes, next; at < end; at = next) {
    const uintptr_t word = at & ~uintptr_t(3);
    next = word + 4 < end ? word + 4 : end;
    Page* page = page_of(at);
    if (page->place == kElsewhere || (page->place == kStatic && !is_static(reinterpret_cast<const char*>(at)))) continue;
    Cell& c = page->words[word % kPage / 4];
    const char* where = reinterpret_cast<const char*>(at);
    if (next - at == 4 && !c.split) {
      touch_cell(c, where, page->place, how);
      continue;
    }
    if (!c.split) split(*page, word);
    for (uintptr_t b = at; b < next; b++) touch_cell(page->bytes[b % kPage], where + (b - at), page->place, how);
  }
}

EMU_UNSEEN inline void name_memory(const void* base, uint64_t bytes, unsigned number) {
  if (base == nullptr) D.ranges = D.recent = 0;
  else if (D.ranges < kRanges) D.range[D.ranges++] = {static_cast<const char*>(base), bytes, number};
}

#else
inline void begin_watch(uint32_t) {}
inline void begin_watched_block(uint32_t) {}
inline void barrier_opened() {}
inline void arrived_at(const void*) {}
inline void phase_ends(const void*) {}
inline void waited_at(const void*) {}
inline void lanes_met(unsigned, unsigned) {}
inline void touch(const void*, size_t, Touch) {}
inline void name_memory(const void*, uint64_t, unsigned) {}
#endif
} // namespace emu

#ifdef EMU_WATCH
#define EMU_HIDDEN extern "C" __attribute__((weak, used, visibility("hidden"), no_sanitize("thread")))
#define EMU_HOOK EMU_HIDDEN void
EMU_HOOK __tsan_init() {}
EMU_HOOK __tsan_func_entry(void*) {}
EMU_HOOK __tsan_func_exit() {}
EMU_HOOK __tsan_vptr_update(void**, void*) {}
EMU_HOOK __tsan_vptr_read(void**) {}
EMU_HIDDEN unsigned char __tsan_atomic8_load(const volatile void* p, int) { return *static_cast<const volatile unsigned char*>(p); }
EMU_HOOK __tsan_read_range(void* p, size_t n) { emu::touch(p, n, emu::kRead); }
EMU_HOOK __tsan_write_range(void* p, size_t n) { emu::touch(p, n, emu::kWrite); }
// What -fsanitize=bounds,alignment calls; the arguments are GCC's.
struct EmuSource {
  const char* file;
  unsigned line, column;
  EMU_UNSEEN const char* name() const { return strrchr(file, '/') ? strrchr(file, '/') + 1 : file; }
};
struct EmuPointer {
  EmuSource at;
  const void* type;
  unsigned char log2, kind;
};
EMU_HOOK __ubsan_handle_out_of_bounds(const EmuSource* at, intptr_t index) {
  emu::fail("%s:%u: index %td is beyond the array", at->name(), at->line, index);
}
EMU_HOOK __ubsan_handle_type_mismatch_v1(const EmuPointer* p, const char* to) {
  emu::fail("%s:%u: an address that is no multiple of %u: %s", p->at.name(), p->at.line, 1u << p->log2, emu::memory_name(to, emu::place_of(reinterpret_cast<uintptr_t>(to) / emu::kPage)).c_str());
}
#define EMU_HOOKS(n)                                                                               \
  EMU_HOOK __tsan_read##n(void* p) { emu::touch(p, n, emu::kRead); }                               \
  EMU_HOOK __tsan_write##n(void* p) { emu::touch(p, n, emu::kWrite); }                             \
  EMU_HOOK __tsan_volatile_read##n(void* p) { emu::touch(p, n, emu::kLook); }                      \
  EMU_HOOK __tsan_volatile_write##n(void* p) { emu::touch(p, n, emu::kWrite); }
#define EMU_UNALIGNED(n)                                                                           \
  EMU_HOOK __tsan_unaligned_read##n(void* p) { emu::touch(p, n, emu::kRead); }                     \
  EMU_HOOK __tsan_unaligned_write##n(void* p) { emu::touch(p, n, emu::kWrite); }                   \
  EMU_HOOK __tsan_unaligned_volatile_read##n(void* p) { emu::touch(p, n, emu::kLook); }            \
  EMU_HOOK __tsan_unaligned_volatile_write##n(void* p) { emu::touch(p, n, emu::kWrite); }
EMU_HOOKS(1)
EMU_HOOKS(2)
EMU_HOOKS(4)
EMU_HOOKS(8)
EMU_HOOKS(16)
EMU_UNALIGNED(2)
EMU_UNALIGNED(4)
EMU_UNALIGNED(8)
EMU_UNALIGNED(16)
#endif
