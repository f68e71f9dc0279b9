// Stacks and the switch between them: some ten nanoseconds by hand on x86-64, ucontext elsewhere,
// or with EMU_UCONTEXT.
#pragma once

namespace emu {

constexpr size_t kPage = 4096, kStack = 128 << 10;
constexpr unsigned kMaxThreads = 1024;

#if defined(__x86_64__) && !defined(EMU_UCONTEXT)
using Context = void*;

// Pushes what a callee must keep, leaves the stack pointer in *save and goes on where `to` was left.
EMU_UNSEEN __attribute__((naked, noinline, noipa)) static void swap_context(Context*, Context) {
  asm("pushq %rbp\n pushq %rbx\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"
      "movq %rsp, (%rdi)\n movq %rsi, %rsp\n"
      "popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbx\n popq %rbp\n ret");
}

inline Context make_context(char* stack, size_t size, void (*entry)()) {
  void** top = reinterpret_cast<void**>(stack + size);
  *--top = nullptr; // entry never returns; this keeps the alignment that a call would have made
  *--top = reinterpret_cast<void*>(entry);
  for (int i = 0; i < 6; i++) *--top = nullptr;
  return top;
}
#else
using Context = ucontext_t*;

inline void swap_context(Context* save, Context to) {
  if (*save == nullptr) *save = new ucontext_t;
  swapcontext(*save, to);
}

inline Context make_context(char* stack, size_t size, void (*entry)()) {
  static ucontext_t all[kMaxThreads];
  static unsigned next = 0;
  Context c = &all[next++ % kMaxThreads];
  getcontext(c);
  c->uc_stack.ss_sp = stack;
  c->uc_stack.ss_size = size;
  c->uc_link = nullptr;
  makecontext(c, entry, 0);
  return c;
}
#endif

// The stack of thread t, mapped once; below each that was asked for lies a page that may not be touched. (Each such page
// splits the mapping, and a process has a limited number of them.)
inline char* stack_of(unsigned t) {
  static char* all = nullptr;
  const size_t each = kStack + kPage;
  if (all == nullptr) {
    void* m = mmap(nullptr, each * kMaxThreads, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (m == MAP_FAILED) {
      fprintf(stderr, "emulator: no memory for stacks\n");
      abort();
    }
    all = static_cast<char*>(m);
  }
  static unsigned fenced = 0;
  for (; fenced <= t; fenced++) mprotect(all + fenced * each, kPage, PROT_NONE);
  return all + t * each + kPage;
}

} // namespace emu
