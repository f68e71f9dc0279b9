// A kernel that touches an address that is not mapped ends with a message instead of the process.
#pragma once

namespace emu {

inline struct Faults {
  struct sigaction segv, bus, fpe;
  pid_t runner = 0;
  char text[256];
} F;

[[noreturn]] inline void after_fault() { fail("%s", F.text); }

inline void describe(int sig, const char* at) {
  const char* end = S.room + kSharedRoom;
  const char* stack = stack_of(M.self);
  if (sig == SIGFPE)
    snprintf(F.text, sizeof F.text, "integer division by zero");
  else if (at >= S.room - kPage && at < end + kPage)
    snprintf(F.text, sizeof F.text, "touches byte %td of a shared buffer of %zu", at - S.data, S.size);
  else if (at >= stack - kPage && at < stack)
    snprintf(F.text, sizeof F.text, "its stack of %zu bytes is used up", kStack);
  else
    snprintf(F.text, sizeof F.text, "touches address %p, which is not mapped", static_cast<const void*>(at));
}

inline void pass_on(int sig, siginfo_t* info, void* context) {
  const struct sigaction& old = sig == SIGSEGV ? F.segv : sig == SIGBUS ? F.bus : F.fpe;
  if ((old.sa_flags & SA_SIGINFO) && old.sa_sigaction != nullptr) return old.sa_sigaction(sig, info, context);
  if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN) return old.sa_handler(sig);
  signal(sig, SIG_DFL);
}

EMU_UNSEEN inline void on_fault(int sig, siginfo_t* info, void* context) {
  if (!M.inside || static_cast<pid_t>(syscall(SYS_gettid)) != F.runner) return pass_on(sig, info, context);
  describe(sig, static_cast<const char*>(info->si_addr));
#if defined(__x86_64__) && defined(__linux__)
  // Goes on in after_fault, on the thread's own stack, below what may be in its red zone; a used-up stack gets the
  // top of the stack back, as nothing on it is needed any more.
  greg_t* regs = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  regs[REG_RSP] = reinterpret_cast<greg_t>(stack_of(M.self) + kStack) - 8;
  regs[REG_RIP] = reinterpret_cast<greg_t>(&after_fault);
#else
  fprintf(stderr, "emulator: %s: %s\n", place().c_str(), F.text);
  abort();
#endif
}

inline void catch_faults() {
  F.runner = static_cast<pid_t>(syscall(SYS_gettid));
  struct sigaction a = {};
  a.sa_sigaction = on_fault;
  a.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigaction(SIGSEGV, &a, &F.segv);
  sigaction(SIGBUS, &a, &F.bus);
  sigaction(SIGFPE, &a, &F.fpe);
}

inline void release_faults() {
  sigaction(SIGSEGV, &F.segv, nullptr);
  sigaction(SIGBUS, &F.bus, nullptr);
  sigaction(SIGFPE, &F.fpe, nullptr);
}

} // namespace emu
