// A CUDA driver without a card: the functions of libcuda.so.1 that package driver calls, by the same names, over the
// emulator. fakeCudaControl, which the real one lacks, sets what goes wrong and tells what happened.
#include <algorithm>
#include <utility>

#include "ptx.h"
#include "queue.h"
#include "tensormap.h"
#include "world.h"

using namespace fake;

#define API extern "C" __attribute__((visibility("default")))

static thread_local std::vector<Context*> currents;

static Context* current() {
  if (currents.empty()) return nullptr;
  for (auto& d : W().devices)
    if (d.primary && d.primary.get() == currents.back()) return currents.back();
  return nullptr; // released meanwhile
}

#define INITIALISED       \
  Lock lock(W().mu);      \
  if (!W().initialised) return kNotInitialized

#define CONTEXT                          \
  INITIALISED;                           \
  Context* c = current();                \
  if (!c) return kInvalidContext;        \
  if (c->lost) return c->lost

template <class T> static T* own(std::map<T*, std::unique_ptr<T>>& all, void* handle) {
  auto it = all.find(static_cast<T*>(handle));
  return it == all.end() ? nullptr : it->first;
}

// anyEvent finds an event of any device: streams may wait for those of others.
static Event* anyEvent(void* handle) {
  for (auto& d : W().devices)
    if (d.primary)
      if (Event* e = own(d.primary->events, handle)) return e;
  return nullptr;
}

// ---- what needs no context

API int cuDriverGetVersion(int* version) {
  Lock lock(W().mu);
  *version = static_cast<int>(W().set.number("driver"));
  return kSuccess;
}

API int cuInit(unsigned) {
  Lock lock(W().mu);
  if (long long code = W().set.number("init")) return static_cast<int>(code);
  if (W().devices.empty()) return kNoDevice;
  W().initialised = true;
  return kSuccess;
}

static const std::map<int, std::pair<const char*, const char*>> texts = {
    {0, {"CUDA_SUCCESS", "no error"}}, {1, {"CUDA_ERROR_INVALID_VALUE", "invalid argument"}},
    {2, {"CUDA_ERROR_OUT_OF_MEMORY", "out of memory"}}, {3, {"CUDA_ERROR_NOT_INITIALIZED", "initialization error"}},
    {46, {"CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable"}},
    {100, {"CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}}, {101, {"CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"}},
    {201, {"CUDA_ERROR_INVALID_CONTEXT", "invalid device context"}}, {214, {"CUDA_ERROR_ECC_UNCORRECTABLE", "uncorrectable ECC error encountered"}},
    {218, {"CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"}}, {222, {"CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."}},
    {400, {"CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"}}, {500, {"CUDA_ERROR_NOT_FOUND", "named symbol not found"}},
    {600, {"CUDA_ERROR_NOT_READY", "device not ready"}}, {700, {"CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}},
    {701, {"CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"}},
    {719, {"CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}}, {801, {"CUDA_ERROR_NOT_SUPPORTED", "operation not supported"}},
};

API int cuGetErrorName(int code, const char** text) {
  auto it = texts.find(code);
  *text = it == texts.end() ? nullptr : it->second.first;
  return *text ? kSuccess : kInvalidValue;
}

// The description of a lost device ends in what the emulator found, which a real one cannot tell.
API int cuGetErrorString(int code, const char** text) {
  Lock lock(W().mu);
  auto it = texts.find(code);
  if (it == texts.end()) return *text = nullptr, kInvalidValue;
  *text = it->second.second;
  if ((code != kLaunchFailed && code != kIllegalAddress) || W().problems.empty()) return kSuccess;
  static std::map<std::string, std::string> kept; // callers keep the pointer
  std::string said = W().problems.substr(0, W().problems.size() - 1);
  std::string& whole = kept[it->second.second + said];
  whole = std::string(it->second.second) + ": " + said.substr(said.rfind('\n') + 1);
  *text = whole.c_str();
  return kSuccess;
}

API int cuDeviceGetCount(int* n) {
  INITIALISED;
  *n = static_cast<int>(W().devices.size());
  return kSuccess;
}

API int cuDeviceGet(int* device, int ordinal) {
  INITIALISED;
  if (ordinal < 0 || ordinal >= static_cast<int>(W().devices.size())) return kInvalidDevice;
  *device = ordinal;
  return kSuccess;
}

#define DEVICE   \
  INITIALISED;   \
  if (device < 0 || device >= static_cast<int>(W().devices.size())) return kInvalidDevice

API int cuDeviceGetName(char* text, int room, int device) {
  DEVICE;
  snprintf(text, static_cast<size_t>(room), "%s %d", W().set.value["name"].c_str(), device);
  return kSuccess;
}

API int cuDeviceGetPCIBusId(char* text, int room, int device) {
  DEVICE;
  snprintf(text, static_cast<size_t>(room), "0000:%02x:00.0", device + 1);
  return kSuccess;
}

API int cuDeviceTotalMem_v2(size_t* bytes, int device) {
  DEVICE;
  *bytes = static_cast<size_t>(W().set.number("memory"));
  return kSuccess;
}

static long long capability(int device) {
  std::istringstream list(W().set.value["cc"]);
  std::string item, last = "80";
  for (int i = 0; i <= device && std::getline(list, item, ','); i++) last = item;
  return atoll(last.c_str());
}

// What a block can have and a multiprocessor has of shared memory: CUDA C++ Programming Guide, technical
// specifications per compute capability.
static long long sharedMost(long long cc) { return 1024 * (cc >= 90 ? 227 : cc == 80 || cc == 87 ? 163 : cc >= 80 ? 99 : cc >= 75 ? 64 : 96); }
static long long sharedAll(long long cc) { return cc >= 80 ? sharedMost(cc) + 1024 : sharedMost(cc); }
static long long threadsAll(long long cc) { return cc == 75 ? 1024 : cc >= 86 && cc < 90 ? 1536 : 2048; }

API int cuDeviceGetAttribute(int* v, int attribute, int device) {
  DEVICE;
  const long long cc = capability(device);
  const std::map<int, long long> known = {{1, 1024}, {8, 49152}, {10, 32}, {16, W().set.number("sms")}, {18, 0}, {38, 4 << 20}, {40, 2}, {75, cc / 10}, {76, cc % 10}, {81, sharedAll(cc)}, {97, sharedMost(cc)}, {127, cc >= 90}};
  auto it = known.find(attribute);
  if (it == known.end()) return kInvalidValue;
  *v = static_cast<int>(it->second);
  return kSuccess;
}

// ---- contexts

API int cuDevicePrimaryCtxRetain(void** context, int device) {
  DEVICE;
  Device& d = W().devices[static_cast<size_t>(device)];
  if (!d.primary) {
    d.primary.reset(new Context);
    d.primary->device = device;
  }
  d.retained++;
  *context = d.primary.get();
  return kSuccess;
}

static long long held(const std::map<char*, std::unique_ptr<Block>>& blocks) {
  long long n = 0;
  for (auto& b : blocks) n += static_cast<long long>(b.second->bytes);
  return n;
}

API int cuDevicePrimaryCtxRelease_v2(int device) {
  DEVICE;
  Device& d = W().devices[static_cast<size_t>(device)];
  if (d.retained == 0) return kInvalidContext;
  if (--d.retained) return kSuccess;
  Context* c = d.primary.get();
  drainAll(c);
  checkAll(c);
  if (!c->lost && c->memory.size() + c->pinned.size() + c->streams.size() + c->events.size() + c->modules.size() > 0)
    W().problem(format("device %d: left behind are %zu blocks of memory (%lld bytes), %zu pinned, %zu streams, %zu events, %zu modules", device, c->memory.size(), held(c->memory), c->pinned.size(), c->streams.size(), c->events.size(), c->modules.size()));
  W().ended.push_back(std::move(d.primary));
  Context* gone = W().ended.back().get();
  gone->streams.clear(), gone->events.clear(), gone->modules.clear(), gone->memory.clear(), gone->pinned.clear();
  return kSuccess;
}

API int cuCtxPushCurrent_v2(void* context) {
  INITIALISED;
  for (auto& d : W().devices)
    if (d.primary && d.primary.get() == context) return currents.push_back(d.primary.get()), kSuccess;
  return kInvalidContext;
}

API int cuCtxPopCurrent_v2(void** context) {
  INITIALISED;
  if (currents.empty()) return kInvalidContext;
  *context = currents.back();
  currents.pop_back();
  return kSuccess;
}

API int cuCtxSetCurrent(void* context) {
  INITIALISED;
  if (!currents.empty()) currents.pop_back();
  if (context) currents.push_back(static_cast<Context*>(context));
  return kSuccess;
}

API int cuCtxGetCurrent(void** context) {
  INITIALISED;
  *context = currents.empty() ? nullptr : currents.back();
  return kSuccess;
}

API int cuCtxSynchronize() {
  CONTEXT;
  drainAll(c);
  checkAll(c);
  return c->lost;
}

// ---- memory

API int cuMemGetInfo_v2(size_t* left, size_t* total) {
  CONTEXT;
  *total = static_cast<size_t>(W().set.number("memory"));
  *left = *total - static_cast<size_t>(held(c->memory));
  return kSuccess;
}

static bool full(size_t bytes, long long now, long long most) {
  World& w = W();
  w.count["allocations"]++;
  const long long at = w.set.number("oom_at"), after = w.set.number("oom_after"), n = static_cast<long long>(bytes);
  return n > most - now || (at > 0 && w.count["allocations"] >= at) || w.due("oom_once", "allocations") || (after > 0 && now + n > after);
}

static int allocate(Context* c, std::map<char*, std::unique_ptr<Block>>& blocks, size_t bytes, long long most, void** out) {
  if (bytes == 0) return kInvalidValue;
  if (full(bytes, held(blocks), most)) return kOutOfMemory;
  std::unique_ptr<Block> b(new Block(bytes));
  if (!b->room) return kOutOfMemory;
  b->number = ++c->allocations;
  *out = b->data;
  blocks[b->data] = std::move(b);
  return kSuccess;
}

API int cuMemAlloc_v2(void** out, size_t bytes) {
  CONTEXT;
  return allocate(c, c->memory, bytes, W().set.number("memory"), out);
}

API int cuMemHostAlloc(void** out, size_t bytes, unsigned) {
  CONTEXT;
  return allocate(c, c->pinned, bytes, 1ll << 40, out);
}

static int release(Context* c, std::map<char*, std::unique_ptr<Block>>& blocks, void* p, const char* what) {
  auto it = blocks.find(static_cast<char*>(p));
  if (it == blocks.end()) return W().problem(format("%s %p is freed and is none", what, p)), kInvalidValue;
  drainAll(c); // as the real driver waits
  if (c->lost) return c->lost;
  const int worst = check(c, *it->second, what);
  blocks.erase(it);
  return worst;
}

API int cuMemFree_v2(void* p) {
  CONTEXT;
  return release(c, c->memory, p, "memory");
}

API int cuMemFreeHost(void* p) {
  CONTEXT;
  return release(c, c->pinned, p, "pinned memory");
}

// ---- streams and events

API int cuStreamCreate(void** out, unsigned) {
  CONTEXT;
  Stream* s = new Stream{c, ++W().streams, {}};
  c->streams[s].reset(s);
  *out = s;
  return kSuccess;
}

#define STREAM                              \
  CONTEXT;                                  \
  Stream* s = own(c->streams, stream);      \
  if (!s) return kInvalidHandle

API int cuStreamDestroy_v2(void* stream) {
  STREAM;
  drain(s);
  c->streams.erase(s);
  return kSuccess;
}

API int cuStreamSynchronize(void* stream) {
  STREAM;
  drain(s);
  return c->lost;
}

API int cuStreamQuery(void* stream) {
  STREAM;
  if (s->queue.empty()) return kSuccess;
  step(s);
  return c->lost ? c->lost : kNotReady;
}

API int cuEventCreate(void** out, unsigned flags) {
  CONTEXT;
  Event* e = new Event{c, !(flags & 2), nullptr};
  c->events[e].reset(e);
  *out = e;
  return kSuccess;
}

#define EVENT                              \
  CONTEXT;                                 \
  Event* e = own(c->events, event);        \
  if (!e) return kInvalidHandle

API int cuEventDestroy_v2(void* event) {
  EVENT;
  c->events.erase(e);
  return kSuccess;
}

API int cuEventRecord(void* event, void* stream) {
  EVENT;
  Stream* s = own(c->streams, stream);
  if (!s) return kInvalidHandle;
  e->mark = std::make_shared<Mark>();
  e->mark->stream = s;
  s->queue.push_back({nullptr, nullptr, e->mark});
  return kSuccess;
}

API int cuStreamWaitEvent(void* stream, void* event, unsigned) {
  STREAM;
  Event* e = anyEvent(event);
  if (!e) return kInvalidHandle;
  if (e->mark && e->mark->stream) s->queue.push_back({nullptr, e->mark, nullptr});
  return kSuccess;
}

API int cuEventSynchronize(void* event) {
  EVENT;
  if (e->mark && e->mark->stream) drain(e->mark->stream, e->mark.get());
  return c->lost;
}

API int cuEventQuery(void* event) {
  EVENT;
  if (!e->mark || !e->mark->stream) return kSuccess;
  step(e->mark->stream);
  return c->lost ? c->lost : e->mark->stream ? kNotReady : kSuccess;
}

API int cuEventElapsedTime(float* ms, void* start, void* event) {
  EVENT;
  Event* from = own(c->events, start);
  if (!from || !from->mark || !e->mark || !from->timing || !e->timing) return kInvalidHandle;
  if (from->mark->stream || e->mark->stream) return kNotReady;
  *ms = std::chrono::duration<float, std::milli>(e->mark->when - from->mark->when).count();
  return kSuccess;
}

// ---- copies

// queued puts a copy into a stream; the one that is to lose the device does so instead.
static int queued(Context* c, Stream* s, std::function<void()> copy) {
  World& w = W();
  const long long on = w.set.number("lost_device");
  if (on < 0 || on == c->device) w.count["copies"]++;
  const bool loses = w.due("lost_copy", "copies") && (on < 0 || on == c->device);
  const int code = static_cast<int>(w.set.number("lost_code"));
  s->queue.push_back({[=] {
    if (loses) return code;
    copy();
    return static_cast<int>(kSuccess);
  }, nullptr, nullptr});
  return kSuccess;
}

static int outside(Context* c, const void* p, size_t n) {
  if (inside(c->memory, p, n)) return kSuccess;
  W().problem(format("a copy of %zu bytes does not lie in memory of device %d", n, c->device));
  return kInvalidValue;
}

// Memory of the host that is not pinned is copied aside at once, as the driver stages it.
API int cuMemcpyHtoDAsync_v2(void* to, const void* from, size_t n, void* stream) {
  STREAM;
  if (int r = outside(c, to, n)) return r;
  if (pinned(from, n)) return queued(c, s, [=] { memcpy(to, from, n); });
  auto staged = std::make_shared<std::vector<char>>(static_cast<const char*>(from), static_cast<const char*>(from) + n);
  return queued(c, s, [=] { memcpy(to, staged->data(), n); });
}

// To memory of the host that is not pinned the driver returns when the bytes are there.
API int cuMemcpyDtoHAsync_v2(void* to, const void* from, size_t n, void* stream) {
  STREAM;
  if (int r = outside(c, from, n)) return r;
  queued(c, s, [=] { memcpy(to, from, n); });
  if (pinned(to, n)) return kSuccess;
  drain(s);
  return c->lost;
}

API int cuMemcpyDtoDAsync_v2(void* to, const void* from, size_t n, void* stream) {
  STREAM;
  if (int r = outside(c, to, n)) return r;
  if (int r = outside(c, from, n)) return r;
  return queued(c, s, [=] { memmove(to, from, n); });
}

API int cuMemsetD8Async(void* to, unsigned char value, size_t n, void* stream) {
  STREAM;
  if (int r = outside(c, to, n)) return r;
  s->queue.push_back({[=] { return memset(to, value, n), static_cast<int>(kSuccess); }, nullptr, nullptr});
  return kSuccess;
}

API int cuMemsetD32Async(void* to, unsigned value, size_t n, void* stream) {
  STREAM;
  if (int r = outside(c, to, 4 * n)) return r;
  if (reinterpret_cast<uintptr_t>(to) % 4) return kInvalidValue;
  s->queue.push_back({[=] { return std::fill_n(static_cast<unsigned*>(to), n, value), static_cast<int>(kSuccess); }, nullptr, nullptr});
  return kSuccess;
}

// ---- modules and launches

static void say(const std::map<int, void*>& o, int buffer, int room, const std::string& text) {
  auto b = o.find(buffer), r = o.find(room);
  if (b != o.end() && r != o.end() && r->second) snprintf(static_cast<char*>(b->second), reinterpret_cast<size_t>(r->second), "%s", text.c_str());
}

API int cuModuleLoadDataEx(void** out, const char* image, unsigned n, const int* options, void** values) {
  CONTEXT;
  std::map<int, void*> o;
  for (unsigned i = 0; i < n; i++) o[options[i]] = values[i];
  std::string log = W().set.value["jit"];
  const PTX p = parse(image);
  const int code = log.empty() ? refuse(p, capability(c->device), W().set.number("driver"), &log) : static_cast<int>(kInvalidPTX);
  if (code) return say(o, 5, 6, log), code;
  say(o, 3, 4, format("ptxas info    : %zu kernels for 'sm_%lld' (emulated)", p.entries.size(), capability(c->device)));
  Module* m = new Module{c, {}};
  c->modules[m].reset(m);
  for (auto& e : p.entries) {
    Function* f = new Function;
    m->functions[e.name].reset(f);
    f->module = m, f->name = e.name, f->declared = true, f->sizes = e.sizes, f->threads = e.threads;
  }
  *out = m;
  return kSuccess;
}

API int cuModuleUnload(void* module) {
  CONTEXT;
  Module* m = own(c->modules, module);
  if (!m) return kInvalidHandle;
  drainAll(c);
  c->modules.erase(m);
  return kSuccess;
}

// A text without any kernel stands for one that is not compiled yet: what the emulator has is found in it.
API int cuModuleGetFunction(void** out, void* module, const char* name) {
  CONTEXT;
  Module* m = own(c->modules, module);
  if (!m) return kInvalidHandle;
  const bool emulated = emu_has && emu_has(name);
  auto it = m->functions.find(name);
  const bool text = std::any_of(m->functions.begin(), m->functions.end(), [](auto& f) { return f.second->declared; });
  if (it == m->functions.end() && (text || !emulated)) return kNotFound;
  if (!emulated) return W().problem(std::string("the emulator has no kernel ") + name), kNotFound;
  std::unique_ptr<Function>& f = m->functions[name];
  if (!f) f.reset(new Function), f->module = m, f->name = name;
  *out = f.get();
  return kSuccess;
}

static Function* function(Context* c, void* handle) {
  for (auto& m : c->modules)
    for (auto& f : m.second->functions)
      if (f.second.get() == handle) return f.second.get();
  return nullptr;
}

#define FUNCTION                        \
  CONTEXT;                              \
  Function* f = function(c, handle);    \
  if (!f) return kInvalidHandle

API int cuFuncGetParamInfo(void* handle, size_t i, size_t* offset, size_t* bytes) {
  FUNCTION;
  if (!f->declared) return kNotSupported;
  if (i >= f->sizes.size()) return kInvalidValue;
  *offset = 0;
  for (size_t k = 0; k < i; k++) *offset += f->sizes[k];
  if (bytes) *bytes = f->sizes[i];
  return kSuccess;
}

API int cuFuncGetAttribute(int* v, int attribute, void* handle) {
  FUNCTION;
  const std::map<int, long long> known = {{0, f->threads}, {1, 0}, {2, 0}, {3, 0}, {4, 32}, {8, f->dynamic}};
  auto it = known.find(attribute);
  if (it == known.end()) return kInvalidValue;
  *v = static_cast<int>(it->second);
  return kSuccess;
}

API int cuFuncSetAttribute(void* handle, int attribute, int value) {
  FUNCTION;
  if (attribute != 8 || value < 0 || value > sharedMost(capability(c->device))) return kInvalidValue;
  f->dynamic = value;
  return kSuccess;
}

API int cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void* handle, int threads, size_t shared) {
  FUNCTION;
  const long long cc = capability(c->device);
  if (threads < 1) return kInvalidValue;
  *blocks = static_cast<int>(std::min(threadsAll(cc) / ((threads + 31) / 32 * 32), sharedAll(cc) / static_cast<long long>(shared + 1024)));
  return kSuccess;
}

// The values of a launch's parameters, copied when it is made.
struct Values {
  std::vector<std::vector<char>> bytes;
  std::vector<char*> room; // aligned as a tensor map wants it
  std::vector<void*> at;
  Values(const Function* f, void** params) : bytes(f->sizes.size()) {
    for (size_t i = 0; i < f->sizes.size(); i++) {
      bytes[i].resize(f->sizes[i] + 64);
      char* p = bytes[i].data();
      p += -reinterpret_cast<uintptr_t>(p) & 63;
      memcpy(p, params[i], f->sizes[i]);
      at.push_back(p);
    }
    at.push_back(nullptr);
  }
  std::string text(const Function* f) const {
    std::string out;
    for (size_t i = 0; i < f->sizes.size(); i++) {
      out += ' ';
      for (size_t k = 0; k < f->sizes[i]; k++) out += format("%02x", static_cast<unsigned char*>(at[i])[k]);
    }
    return out;
  }
};

// Names the context's memory to the emulator, for what it says of races.
static void nameMemory(Context* c) {
  if (!emu_memory) return;
  emu_memory(nullptr, 0, 0);
  for (auto& m : c->memory) emu_memory(m.first, m.second->bytes, m.second->number);
}

static int run(Context* c, const std::string& name, std::vector<unsigned> size, unsigned shared, void** params) {
  unsigned grid[3] = {size[0], size[1], size[2]}, block[3] = {size[3], size[4], size[5]};
  if (!emu_launch) return kLaunchFailed;
  nameMemory(c);
  const int bad = emu_launch(name.c_str(), grid, block, shared, params, static_cast<unsigned>(W().set.number("order")));
  if (!bad) return kSuccess;
  W().problem(std::string("kernel ") + name + ": " + (emu_error ? emu_error() : ""));
  return kLaunchFailed;
}

static bool sized(Context* c, Function* f, const std::vector<unsigned>& s, unsigned shared) {
  const unsigned long long threads = 1ull * s[3] * s[4] * s[5];
  const long long most = std::max(49152ll, f->dynamic);
  return std::count(s.begin(), s.end(), 0u) == 0 && s[0] <= 0x7fffffff && s[1] <= 65535 && s[2] <= 65535 && s[5] <= 64 && threads <= 1024 && shared <= most && shared <= sharedMost(capability(c->device));
}

API int cuLaunchKernel(void* handle, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void* stream, void** params, void** extra) {
  FUNCTION;
  Stream* s = own(c->streams, stream);
  if (!s) return kInvalidHandle;
  World& w = W();
  const std::vector<unsigned> size = {gx, gy, gz, bx, by, bz};
  if (extra || !sized(c, f, size, shared) || (!params && !f->sizes.empty())) return kInvalidValue;
  if (1ull * bx * by * bz > static_cast<unsigned long long>(f->threads)) return kLaunchResources;
  const long long on = w.set.number("lost_device");
  if (on < 0 || on == c->device) w.count["launches"]++;
  const long long after = w.count["launches"] - w.set.number("refuse_launch");
  if (w.set.number("refuse_launch") > 0 && after >= 0 && after < w.set.number("refuse_for") && (on < 0 || on == c->device))
    return static_cast<int>(w.set.number("refuse_code"));
  const bool loses = w.due("lost_launch", "launches") && (on < 0 || on == c->device);
  const int code = static_cast<int>(w.set.number("lost_code"));
  auto values = std::make_shared<Values>(f, params);
  w.lastLaunch = format("%s %u %u %u %u %u %u %u stream %lld device %d", f->name.c_str(), gx, gy, gz, bx, by, bz, shared, s->number, c->device) + values->text(f);
  const std::string name = f->name;
  if (f->declared) {
    s->queue.push_back({[=] { return loses ? code : run(c, name, size, shared, values->at.data()); }, nullptr, nullptr});
    return kSuccess;
  }
  s->queue.push_back({[=] { return loses ? code : run(c, name, size, shared, params); }, nullptr, nullptr});
  drain(s); // nothing says how many bytes the parameters have, so they cannot be kept
  return kSuccess;
}

API int cuTensorMapEncodeTiled(void* map, uint32_t type, uint32_t rank, uint64_t address, const uint64_t* size, const uint64_t* stride, const uint32_t* box, const uint32_t* step, uint32_t interleave, uint32_t swizzle, uint32_t promotion, uint32_t fill) {
  CONTEXT;
  if (const char* wrong = validTiled(map, type, rank, address, size, stride, box, step, interleave, swizzle, promotion, fill))
    return W().problem(std::string("cuTensorMapEncodeTiled: ") + wrong), kInvalidValue;
  if (!emu_encode_map) return kNotSupported;
  if (const char* wrong = emu_encode_map(map, reinterpret_cast<void*>(address), size[0], size[1], stride[0], box[0], box[1], elementBytes(type), swizzle))
    return W().problem(std::string("cuTensorMapEncodeTiled: ") + wrong), kInvalidValue;
  return kSuccess;
}

// ---- control

static std::string live() {
  size_t m = 0, p = 0, s = 0, e = 0, u = 0, r = 0;
  for (auto& d : W().devices) {
    r += static_cast<size_t>(d.retained);
    if (!d.primary) continue;
    Context* c = d.primary.get();
    m += c->memory.size(), p += c->pinned.size(), s += c->streams.size(), e += c->events.size(), u += c->modules.size();
  }
  return format("contexts %zu memory %zu pinned %zu streams %zu events %zu modules %zu", r, m, p, s, e, u);
}

static std::string control(const std::string& command) {
  World& w = W();
  const size_t at = command.find('=');
  if (at != std::string::npos) {
    const std::string name = command.substr(0, at);
    if (!w.set.value.count(name)) return "error: no setting " + name;
    w.set.value[name] = command.substr(at + 1);
    if (name == "devices") w.devices.resize(static_cast<size_t>(w.set.number("devices")));
    w.count.clear();
    w.random = 1 + static_cast<uint64_t>(w.set.number("schedule"));
    return "";
  }
  if (command == "reset") return w.reset(), "";
  if (command == "live") return live();
  if (command == "problems") return std::exchange(w.problems, "");
  if (command == "launch") return w.lastLaunch;
  if (command == "queued") {
    size_t n = 0;
    for (Stream* s : allStreams()) n += s->queue.size();
    return std::to_string(n);
  }
  if (w.set.value.count(command)) return w.set.value[command];
  if (command == "launches" || command == "copies" || command == "allocations") return std::to_string(w.count[command]);
  return "error: no command " + command;
}

// fakeCudaControl takes "name=value" (see Settings), "reset", or a question: live, problems (which are then forgotten),
// launch (the last one's arguments), queued, launches, copies, allocations. The answer stays until the thread asks again.
API const char* fakeCudaControl(const char* command) {
  static thread_local std::string answer;
  Lock lock(W().mu);
  answer = control(command);
  return answer.c_str();
}
