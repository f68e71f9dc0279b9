// Package fake builds a CUDA driver without a card, for tests: a shared library with the functions of libcuda.so.1 that
// package driver calls, which runs the kernels of kernels/cuda/src in the thread emulator. ATTRIB_LIBCUDA names it to
// the program.
//
// The two functions most tests need are [Build], which compiles the library, and [Control], which sets what goes wrong
// (two devices, out of memory, a lost device, an old driver: see Settings in src/world.h) and tells what happened.
//
// # Method
//
// A device's memory is the host's: poisoned when it is allocated, between guard bytes that are checked when it is freed
// and at cuCtxSynchronize, and ending at a page that nobody may touch. Streams are queues that are worked off only when
// somebody waits for them, so that a missing synchronisation, a missing event, or pinned memory used again too early
// gives wrong numbers. The setting "schedule" lets other streams run ahead, all of them (1) or at random (2 and more):
// tests run under several. Copies from and to memory that is not pinned are staged as the real driver does. Modules are
// PTX texts: version, target and the sizes of the kernels' parameters are read from them.
//
// # Limits
//
// Kernels run one at a time, never beside a copy. A freed block is unmapped, so using it ends the kernel with a message.
// What two blocks or threads do to the same memory with nothing between them is seen by libraries whose first source is
// [Watched].
// Registers, static shared memory and the JIT are not emulated.
package fake
