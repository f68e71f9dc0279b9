// Package emulib builds CUDA sources with the thread emulator of src/emu into a shared library and launches their
// kernels on the host. It is for tests: a kernel's logic runs without a card, under each of eight orders of its
// threads. Start with Build and Open.
package emulib
