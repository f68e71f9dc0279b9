// The block that runs: its threads, the schedule, and the first error.
#pragma once

namespace emu {

enum State { kReady, kBlocked, kDone };

struct Thread {
  Context context;
  State state;
  const char* waits;  // what it is blocked on, for the message
  uint64_t key;       // mask, count or address that goes with it
  unsigned atomics;   // atomics since it last gave way
  uint3 index;
};

inline struct Machine {
  std::string kernel, error;
  unsigned order = 0;
  uint64_t seed = 0;
  Thread threads[kMaxThreads];
  unsigned count = 0; // threads of the block
  unsigned left = 0;  // threads that have not ended
  unsigned self = 0;  // the thread that runs
  bool inside = false, failed = false, gave_way = false;
  Context scheduler = nullptr;
  void (*invoke)(void*) = nullptr;
  void* argument = nullptr;
} M;

inline uint32_t draw() { // splitmix64; orders 2 … 7 have streams of their own
  uint64_t z = (M.seed += 0x9e3779b97f4a7c15ull);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return static_cast<uint32_t>((z ^ (z >> 31)) >> 32);
}

inline bool shuffled() { return M.order >= 2; }

inline std::string format(const char* f, va_list list) {
  char text[1024];
  vsnprintf(text, sizeof text, f, list);
  return text;
}

inline std::string format(const char* f, ...) {
  va_list list;
  va_start(list, f);
  std::string s = format(f, list);
  va_end(list);
  return s;
}

inline std::string place() {
  std::string s = format("kernel %s, order %u, block (%u,%u,%u)", M.kernel.c_str(), M.order, blockIdx.x, blockIdx.y, blockIdx.z);
  if (M.inside) s += format(", thread (%u,%u,%u)", threadIdx.x, threadIdx.y, threadIdx.z);
  return s;
}

inline void report(const std::string& what) {
  if (!M.failed) M.error = place() + ": " + what;
  M.failed = true;
}

EMU_UNSEEN inline void to_scheduler() { swap_context(&M.threads[M.self].context, M.scheduler); }

// Ends the launch from inside a thread.
[[noreturn]] inline void fail(const char* f, ...) {
  va_list list;
  va_start(list, f);
  report(format(f, list));
  va_end(list);
  if (!M.inside) abort();
  to_scheduler();
  abort();
}

// Blocks the running thread until wake(self).
EMU_UNSEEN inline void block_on(const char* what, uint64_t key) {
  Thread& t = M.threads[M.self];
  t.waits = what;
  t.key = key;
  t.state = kBlocked;
  to_scheduler();
}

EMU_UNSEEN inline void wake(unsigned t) {
  if (M.threads[t].state == kBlocked) M.threads[t].state = kReady;
}

// Lets others run first; a loop that polls memory must come through here.
inline void give_way() {
  M.gave_way = true;
  to_scheduler();
}

void thread_ended(unsigned t); // sync.h: exits complete barriers and exchanges
bool land_something();         // sync.h: an asynchronous copy arrives
void round_begins();           // sync.h: one may arrive early

inline void entry() {
  M.invoke(M.argument);
  M.threads[M.self].state = kDone;
  to_scheduler();
  abort();
}

EMU_UNSEEN inline void resume(unsigned t) {
  M.self = t;
  threadIdx = M.threads[t].index;
  M.inside = true;
  swap_context(&M.scheduler, M.threads[t].context);
  M.inside = false;
  if (!M.failed && M.threads[t].state == kDone) {
    M.left--;
    thread_ended(t);
  }
}

inline std::string ranges(const std::vector<unsigned>& v) {
  std::string s;
  for (size_t i = 0, j; i < v.size(); i = j) {
    for (j = i + 1; j < v.size() && v[j] == v[j - 1] + 1;) j++;
    s += format(s.empty() ? "%u" : ",%u", v[i]);
    if (j - i > 1) s += format("-%u", v[j - 1]);
  }
  return s;
}

inline void deadlock() {
  std::string s = "deadlock:";
  std::vector<bool> said(M.count, false);
  for (unsigned i = 0; i < M.count; i++) {
    const Thread& a = M.threads[i];
    if (said[i] || a.state != kBlocked) continue;
    std::vector<unsigned> same;
    for (unsigned j = i; j < M.count; j++) {
      const Thread& b = M.threads[j];
      if (b.state != kBlocked || strcmp(a.waits, b.waits) != 0 || a.key != b.key) continue;
      same.push_back(j);
      said[j] = true;
    }
    s += " threads " + ranges(same) + " wait at " + a.waits + format(" (0x%llx);", static_cast<unsigned long long>(a.key));
  }
  report(s + format(" %u of %u threads have ended", M.count - M.left, M.count));
}

inline void permute(std::vector<unsigned>& v) {
  for (size_t i = v.size(); i > 1; i--) std::swap(v[i - 1], v[draw() % i]);
}

// 0, 1, 2 …, or backwards, or shuffled.
inline std::vector<unsigned> sequence(unsigned n) {
  std::vector<unsigned> v(n);
  for (unsigned i = 0; i < n; i++) v[i] = M.order == 1 ? n - 1 - i : i;
  if (shuffled()) permute(v);
  return v;
}

// Warps that stay behind in orders 5 to 7: they run when no other can, or when the others only poll. Without them warps
// keep in step, and a missing barrier before shared memory is written again is not seen.
EMU_UNSEEN inline bool stays_behind(unsigned t) {
  const unsigned warps = M.order == 5 ? 0x55555555u : M.order == 6 ? 0xaaaaaaaau : M.order == 7 ? 1u : 0u;
  return warps >> t / 32 % 32 & 1;
}

// One round: each thread that can run does so, until it waits. Says whether one did more than poll.
EMU_UNSEEN inline bool one_round(const std::vector<unsigned>& turn, bool& ran) {
  static bool polled = false;
  bool more = false, ahead = false;
  for (unsigned t : turn) ahead |= !polled && M.threads[t].state == kReady && !stays_behind(t);
  polled = true;
  for (unsigned t : turn) {
    if (M.threads[t].state != kReady || (ahead && stays_behind(t))) continue;
    M.gave_way = false;
    resume(t);
    ran = true;
    more |= !M.gave_way;
    if (M.failed) return true;
  }
  polled = !more;
  return more;
}

inline void run_threads() {
  constexpr int kPatience = 20000; // rounds of nothing but polling
  std::vector<unsigned> turn = sequence(M.count);
  for (int idle = 0; M.left > 0 && !M.failed;) {
    if (shuffled()) permute(turn);
    bool ran = false;
    idle = one_round(turn, ran) ? 0 : idle + 1;
    if (M.failed || M.left == 0) return;
    if (!ran || idle > 0) {
      if (land_something()) idle = 0;
      else if (!ran) return deadlock();
    } else {
      round_begins();
    }
    if (idle > kPatience) return report("threads only poll memory and nothing changes");
  }
}

inline void make_threads() {
  M.count = M.left = blockDim.x * blockDim.y * blockDim.z;
  for (unsigned t = 0; t < M.count; t++) {
    Thread& x = M.threads[t];
    x.context = make_context(stack_of(t), kStack, entry);
    x.state = kReady;
    x.waits = "";
    x.key = x.atomics = 0;
    x.index = {t % blockDim.x, t / blockDim.x % blockDim.y, t / blockDim.x / blockDim.y};
  }
}

} // namespace emu
