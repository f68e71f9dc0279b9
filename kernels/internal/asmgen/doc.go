// Package asmgen writes the Go assembly of the kernels: text in, text out, nothing but the standard library.
//
// [Files] makes every file; the program in cmd writes one of them, and `go generate` calls it from the packages that
// own the files. A test compares what is committed with what is made, byte for byte.
//
// A kernel is written once against an [isa], which names registers and masked moves of AVX-512 (16 lanes, mask
// registers) or AVX2 (8 lanes, masks in a vector).
package asmgen
