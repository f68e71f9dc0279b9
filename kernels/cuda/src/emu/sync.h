// Barriers of a block: __syncthreads and its votes, named barriers. Asynchronous copies: async.h.
#pragma once

namespace emu {

struct Barrier {
  unsigned want = 0; // threads; 0: nobody waits
  std::vector<unsigned> waiting;
  int vote[3] = {0, 1, 0}; // or, and, count
  int result[3] = {0, 1, 0};
};

inline Barrier barriers[16]; // 0 is __syncthreads

inline void begin_barriers() {
  for (Barrier& b : barriers) b = Barrier();
}

inline void open_barrier(Barrier& b) {
  for (unsigned t : b.waiting) wake(t);
  std::copy(b.vote, b.vote + 3, b.result);
  b = Barrier{0, {}, {0, 1, 0}, {b.result[0], b.result[1], b.result[2]}};
}

inline void open_block_barrier() {
  barrier_opened();
  open_barrier(barriers[0]);
}

// All threads of the block that have not ended; the last one opens it for the others.
inline void block_barrier(const char* name, int predicate) {
  Barrier& b = barriers[0];
  b.vote[0] |= predicate != 0;
  b.vote[1] &= predicate != 0;
  b.vote[2] += predicate != 0;
  b.waiting.push_back(M.self);
  if (b.waiting.size() >= M.left) open_block_barrier();
  else block_on(name, 0);
}

// bar.sync and bar.arrive with an id from 1 to 15 and a count of threads, a multiple of 32.
inline void named_barrier(unsigned id, unsigned count, bool wait) {
  if (id < 1 || id > 15 || count == 0 || count % 32 != 0) fail("barrier %u of %u threads: the id is 1 … 15, the count a multiple of 32", id, count);
  Barrier& b = barriers[id];
  if (b.want != 0 && b.want != count) fail("barrier %u is waited for with %u and with %u threads", id, b.want, count);
  b.want = count;
  b.vote[2]++; // arrivals
  if (wait) b.waiting.push_back(M.self);
  arrived_at(&b);
  if (static_cast<unsigned>(b.vote[2]) == count) {
    phase_ends(&b);
    open_barrier(b);
  } else if (wait) {
    block_on("bar.sync", id);
  }
  if (wait) waited_at(&b);
}

void begin_async();
void async_thread_ended(unsigned t);

inline void thread_ended(unsigned t) {
  warp_lane_ended(t);
  async_thread_ended(t);
  Barrier& b = barriers[0];
  if (M.left > 0 && b.waiting.size() >= M.left) open_block_barrier();
}

} // namespace emu

inline void __syncthreads() { emu::block_barrier("__syncthreads", 0); }
inline int __syncthreads_or(int p) {
  emu::block_barrier("__syncthreads_or", p);
  return emu::barriers[0].result[0];
}
inline int __syncthreads_and(int p) {
  emu::block_barrier("__syncthreads_and", p);
  return emu::barriers[0].result[1];
}
inline int __syncthreads_count(int p) {
  emu::block_barrier("__syncthreads_count", p);
  return emu::barriers[0].result[2];
}
