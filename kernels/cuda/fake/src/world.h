// What the fake driver knows: settings, devices, contexts and their memory. One lock guards all of it, and kernels run
// under it: the emulator does one launch at a time anyway.
#pragma once
#include <sys/mman.h>

#include <chrono>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#ifndef ARCH
#define ARCH 80
#endif

extern "C" {
__attribute__((weak, visibility("default"))) int emu_launch(const char* kernel, unsigned grid[3], unsigned block[3], unsigned shared, void** params, unsigned order);
__attribute__((weak, visibility("default"))) const char* emu_error();
__attribute__((weak, visibility("default"))) int emu_has(const char* kernel);
__attribute__((weak, visibility("default"))) void emu_memory(const void* base, uint64_t bytes, unsigned number);
__attribute__((weak, visibility("default"))) const char* emu_encode_map(void* map, const void* base, uint64_t columns, uint64_t rows, uint64_t stride, unsigned boxColumns, unsigned boxRows, unsigned elementSize, unsigned swizzle);
}

namespace fake {

// CUresult, as far as it is answered.
enum Code : int {
  kSuccess = 0, kInvalidValue = 1, kOutOfMemory = 2, kNotInitialized = 3, kNoDevice = 100, kInvalidDevice = 101, kInvalidContext = 201,
  kInvalidPTX = 218, kUnsupportedPTX = 222, kInvalidHandle = 400, kNotFound = 500, kNotReady = 600, kIllegalAddress = 700,
  kLaunchResources = 701, kLaunchFailed = 719, kNotSupported = 801,
};

// Settings, from the environment (FAKE_CUDA_<NAME>) at the start and at "reset", and by fakeCudaControl("name=value").
// Numbers of injections count from when they are set; 0 stands for never.
struct Settings {
  std::map<std::string, std::string> value;
  static const std::map<std::string, std::string>& defaults() {
    static const std::map<std::string, std::string> d = {
        {"driver", "12040"},     // what cuDriverGetVersion says
        {"devices", "1"},        // 0: cuInit finds none
        {"cc", std::to_string(ARCH)}, // one, or one per device: 75,90
        {"name", "Fake GPU"},
        {"memory", "1073741824"}, // bytes per device
        {"sms", "4"},
        {"schedule", "0"},       // 0: only what is waited for; 1: everything else first; more: at random by this seed
        {"order", "0"},          // of the threads and blocks of a kernel, 0 … 7
        {"oom_at", "0"},         // this allocation fails, and those after it
        {"oom_once", "0"},       // this allocation fails alone
        {"oom_after", "0"},      // no more bytes than this
        {"lost_launch", "0"},    // this launch loses the device
        {"lost_copy", "0"},      // this copy does
        {"lost_device", "-1"},   // …, if it is on this device
        {"lost_code", "700"},
        {"refuse_launch", "0"},  // cuLaunchKernel answers refuse_code, and the device stays
        {"refuse_code", "701"},
        {"refuse_for", "1"},     // so many launches in a row
        {"jit", ""},             // modules are refused with this log
        {"init", "0"},           // what cuInit answers instead
    };
    return d;
  }
  void reset() {
    value = defaults();
    for (auto& v : value) {
      std::string name = "FAKE_CUDA_" + v.first;
      for (char& c : name) c = static_cast<char>(toupper(c));
      if (const char* e = getenv(name.c_str())) v.second = e;
    }
  }
  long long number(const char* name) const { return atoll(value.at(name).c_str()); }
};

constexpr size_t kPage = 4096, kGuard = 1024;
constexpr unsigned char kGuardByte = 0x7d, kPoison = 0x7e; // as floats and ints large, so that nothing overlooks them

// A block of memory between guards: bytes before and behind that must stay as they are, then pages nobody may touch.
struct Block {
  char* room = nullptr;
  size_t reserved = 0, bytes = 0;
  unsigned number = 0; // of the context's, from 1 on
  char* data = nullptr;

  explicit Block(size_t n) : bytes(n) {
    const size_t inner = kGuard + (n + 255) / 256 * 256, pages = (inner + kPage - 1) / kPage * kPage;
    reserved = pages + 2 * kPage;
    void* p = mmap(nullptr, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED || mprotect(static_cast<char*>(p) + kPage, pages, PROT_READ | PROT_WRITE) != 0) {
      if (p != MAP_FAILED) munmap(p, reserved);
      return;
    }
    room = static_cast<char*>(p);
    data = room + kPage + pages - (n + 255) / 256 * 256; // ends at the page that nobody may touch, or up to 255 bytes before
    memset(room + kPage, kGuardByte, pages);
    memset(data, kPoison, n);
  }
  ~Block() {
    if (room) munmap(room, reserved);
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  bool damaged(long long* at) const {
    const unsigned char* p = reinterpret_cast<unsigned char*>(room + kPage);
    for (const unsigned char* end = reinterpret_cast<unsigned char*>(room + reserved - kPage); p < end; p++) {
      if (p == reinterpret_cast<unsigned char*>(data)) p += bytes;
      if (p < end && *p != kGuardByte) return *at = reinterpret_cast<const char*>(p) - data, true;
    }
    return false;
  }
};

struct Context;
struct Stream;

// Mark is one recording of an event.
struct Mark {
  Stream* stream = nullptr; // nullptr once it is passed
  std::chrono::steady_clock::time_point when;
};

struct Event {
  Context* context;
  bool timing;
  std::shared_ptr<Mark> mark;
};

struct Op {
  std::function<int()> run;       // a Code
  std::shared_ptr<Mark> wait, set; // instead
};

struct Stream {
  Context* context;
  long long number;
  std::deque<Op> queue;
};

struct Module;
struct Function {
  Module* module;
  std::string name;
  bool declared = false;     // in the PTX
  std::vector<size_t> sizes; // of the parameters
  long long threads = 1024, dynamic = 0;
};

struct Module {
  Context* context;
  std::map<std::string, std::unique_ptr<Function>> functions;
};

struct Context {
  int device = 0;
  int lost = kSuccess;
  unsigned allocations = 0;
  std::map<char*, std::unique_ptr<Block>> memory, pinned;
  std::map<Stream*, std::unique_ptr<Stream>> streams;
  std::map<Event*, std::unique_ptr<Event>> events;
  std::map<Module*, std::unique_ptr<Module>> modules;
};

struct Device {
  int retained = 0;
  std::unique_ptr<Context> primary;
};

struct World {
  std::recursive_mutex mu;
  Settings set;
  bool initialised = false;
  std::vector<Device> devices;
  std::vector<std::unique_ptr<Context>> ended; // contexts that were released: their handles stay invalid
  std::map<std::string, long long> count;      // allocations, launches, copies, … since the last setting of what they trigger
  std::string problems, lastLaunch, lastText;
  long long streams = 0;
  uint64_t random = 1;

  World() { reset(); }
  void reset() {
    set.reset();
    for (auto& d : devices)
      if (d.primary) ended.push_back(std::move(d.primary));
    devices.clear();
    devices.resize(static_cast<size_t>(set.number("devices")));
    count.clear();
    problems.clear();
    lastLaunch.clear();
    streams = 0;
  }
  void problem(const std::string& text) { problems += text + "\n"; }
  // due says whether this event of the kind is the one that a setting names.
  bool due(const char* setting, const char* counter) { return set.number(setting) > 0 && count[counter] == set.number(setting); }
};

inline World& W() {
  static World* w = new World; // never destroyed: threads of the program may outlive static objects
  return *w;
}

using Lock = std::lock_guard<std::recursive_mutex>;

inline std::string format(const char* f, ...) {
  char text[1024];
  va_list a;
  va_start(a, f);
  vsnprintf(text, sizeof text, f, a);
  va_end(a);
  return text;
}

// check reports guards that somebody wrote over, and is what the device then answers for ever.
inline int check(Context* c, const Block& b, const char* what) {
  long long at = 0;
  if (!b.damaged(&at)) return kSuccess;
  W().problem(format("%s of %zu bytes on device %d: byte %lld was written", what, b.bytes, c->device, at));
  return c->lost = kIllegalAddress;
}

inline int checkAll(Context* c) {
  int worst = kSuccess;
  for (auto& m : c->memory)
    if (int r = check(c, *m.second, "memory")) worst = r;
  for (auto& m : c->pinned)
    if (int r = check(c, *m.second, "pinned memory")) worst = r;
  return worst;
}

// inside says whether the bytes lie in one block of the kind.
inline bool inside(const std::map<char*, std::unique_ptr<Block>>& blocks, const void* p, size_t n) {
  char* at = static_cast<char*>(const_cast<void*>(p));
  auto it = blocks.upper_bound(at);
  if (it == blocks.begin()) return false;
  --it;
  return at + n <= it->first + it->second->bytes;
}

inline bool pinned(const void* p, size_t n) { // by any device: it is portable
  for (auto& d : W().devices)
    if (d.primary && inside(d.primary->pinned, p, n)) return true;
  return false;
}

} // namespace fake
