// What every kernel includes. Compiled by NVRTC it adds little to what that compiler knows by itself; with -DEMU it
// is the thread emulator. ARCH is 75, 80 or 90: what an instruction needs is inside `#if ARCH >= …`.
#pragma once

#ifdef EMU
#include "emu/emu.h"
#else

typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;

// The block's dynamic shared memory, aligned for the 128-byte swizzle.
#define SHARED(type, name) extern __shared__ __align__(1024) type name[]

// Registers a kernel in the emulator.
#define EMU_KERNEL(name)

#endif
