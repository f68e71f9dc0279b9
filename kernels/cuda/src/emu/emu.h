// A thread emulator: CUDA kernels compiled as C++ (g++ -std=c++17 -O1 -DEMU -DARCH=75|80|90 -x c++) and run on the
// host, one fiber per CUDA thread, so that indexing, masks, barriers and asynchronous copies can be tested without a
// card. One thread runs at a time, until it waits; an order 0 … 7 says who runs first. It is no model of a card's
// memory: a race that needs two threads to interleave between waits is seen by watch.h alone. For Linux and ELF.
//
//   types.h   keywords and vector types
//   tensormap.h  what is inside a CUtensorMap
//   fiber.h   stacks and the switch between them
//   block.h   the block that runs: threads, schedule, errors
//   memory.h  the shared buffer, its poison and guards
//   fault.h   touching an address that is not mapped
//   watch.h   threads that touch the same memory with nothing between them, in libraries built for it
//   warp.h    exchanges among the lanes of a warp
//   sync.h    barriers of a block
//   async.h   asynchronous copies and the barriers that count them
//   mma.h     tensor-core instructions of a warp; wgmma.h: of a warpgroup
//   math.h    arithmetic of one thread, atomics
//   launch.h  the kernels by name and the C interface
#pragma once
#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <type_traits>
#include <ucontext.h>
#include <unistd.h>
#include <utility>
#include <vector>

// Libraries for several values of ARCH live in one process; nothing but the C interface is seen from outside.
#pragma GCC visibility push(hidden)
#include "types.h"
#include "tensormap.h"
#include "fiber.h"
#include "block.h"
#include "memory.h"
#include "fault.h"
#include "watch.h"
#include "warp.h"
#include "sync.h"
#include "async.h"
#include "math.h"
#include "launch.h"
