#pragma once
namespace emu {
inline void begin_async() {}
inline void async_thread_ended(unsigned) {}
inline bool land_something() { return false; }
inline void round_begins() {}
}
