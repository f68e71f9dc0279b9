// The queues of streams. Work runs only when somebody waits for it, so that what was not waited for shows.
#pragma once
#include "world.h"

namespace fake {

inline void lose(Context* c, int code) {
  if (c->lost == kSuccess) c->lost = code;
}

// runnable: nothing that was not passed stands at the head.
inline bool runnable(const Stream* s) { return !s->queue.empty() && !(s->queue.front().wait && s->queue.front().wait->stream); }

inline void runTo(Stream* s, const Mark* mark);

// step does the first of what is queued. Of a lost device nothing is done any more.
inline void step(Stream* s) {
  Op op = std::move(s->queue.front());
  s->queue.pop_front();
  if (op.wait) {
    if (op.wait->stream) runTo(op.wait->stream, op.wait.get());
  } else if (op.set) {
    op.set->stream = nullptr;
    op.set->when = std::chrono::steady_clock::now();
  } else if (s->context->lost == kSuccess) {
    if (int code = op.run()) lose(s->context, code);
  }
}

// runTo does what is queued until the mark is passed, or all for nullptr.
inline void runTo(Stream* s, const Mark* mark) {
  while (!s->queue.empty() && !(mark && !mark->stream)) step(s);
}

inline std::vector<Stream*> allStreams() {
  std::vector<Stream*> out;
  for (auto& d : W().devices)
    if (d.primary)
      for (auto& s : d.primary->streams) out.push_back(s.first);
  return out;
}

inline uint64_t draw() { // xorshift64: which stream goes on
  uint64_t& x = W().random;
  x ^= x << 13, x ^= x >> 7, x ^= x << 17;
  return x;
}

// others lets the streams that nobody waits for go ahead, as far as the schedule wants it.
inline void others(const Stream* wanted) {
  const long long schedule = W().set.number("schedule");
  if (schedule == 0) return;
  auto streams = allStreams();
  for (bool more = true; more;) {
    more = false;
    for (Stream* s : streams) {
      if (s == wanted && schedule == 1) continue;
      for (; runnable(s) && (schedule == 1 || draw() % 4); more = true) step(s);
    }
    if (schedule > 1 && draw() % 2) return;
  }
}

inline void drain(Stream* s, const Mark* mark = nullptr) {
  others(s);
  runTo(s, mark);
}

inline void drainAll(Context* c) {
  for (auto it = c->streams.rbegin(); it != c->streams.rend(); ++it) drain(it->first);
}

} // namespace fake
