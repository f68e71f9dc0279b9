// Package emulib builds CUDA sources with the thread emulator of src/emu into a shared library and launches their
// kernels on the host. It is for tests: a kernel's logic runs without a card, under each of eight orders of its
// threads. Start with Build and Open.
//
// One block runs at a time and one thread at a time, so that the numbers of a launch do not tell of blocks or threads that
// get in each other's way. What [Watch] builds does: it sees every load and store (src/emu/watch.h says how, and what it
// cannot see), and a launch in which two threads touch the same bytes with no barrier between them, one of them writing,
// ends with an error that names kernel, blocks or threads, allocation and byte, in every order. It takes some three times
// as long.
package emulib
