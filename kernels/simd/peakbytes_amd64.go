package simd

import "golang.org/x/sys/cpu"

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. simd/peakbytes_amd64.s

// bytesLoop is the loop of a path on this machine.
func bytesLoop(p Path) loop {
	switch {
	case p == AVX512 && cpu.X86.HasAVX512VNNI:
		return loop{bytes512, 2 * 64 * 96}
	case p >= AVX2 && cpu.X86.HasAVXVNNI:
		return loop{bytesVNNI, 2 * 32 * 48}
	case p >= AVX2:
		return loop{bytes256, 2 * 64 * 12}
	}
	return loop{}
}

// bytes512 does 96 instructions of 64 products a round, 24 independent ones at a time.
//
//go:noescape
func bytes512(rounds int) float32

// bytesVNNI does 48 instructions of 32 products a round, 12 independent ones at a time.
//
//go:noescape
func bytesVNNI(rounds int) float32

// bytes256 does 12 times 64 products a round.
//
//go:noescape
func bytes256(rounds int) float32
