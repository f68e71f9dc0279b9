package cpu

import (
	"golang.org/x/sys/cpu"

	"attrib/kernels/simd"
)

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. cpu/sketch_amd64.s

// sketchUnits are the forms of products of bytes that this machine has on a path, the fastest first. They differ in how
// coarsely queries are rounded, so candidates may differ, never the score of a row.
func sketchUnits(p simd.Path) []*sketchUnit {
	var all []*sketchUnit
	if p == simd.AVX512 && cpu.X86.HasAVX512VNNI {
		all = append(all, &sketchUnit{"avx512-vnni", units[p], 127,
			[]func(*sketchBlock){sketch512x1, sketch512x2, sketch512x3, sketch512x4}})
	}
	if p >= simd.AVX2 {
		if cpu.X86.HasAVXVNNI {
			all = append(all, &sketchUnit{"avx-vnni", units[simd.AVX2], 127, []func(*sketchBlock){sketchVNNIx1, sketchVNNIx2}})
		}
		all = append(all, &sketchUnit{"avx2", units[simd.AVX2], 31, []func(*sketchBlock){sketch256x1, sketch256x2}})
	}
	return all
}

//go:noescape
func sketch512x4(b *sketchBlock)

//go:noescape
func sketch512x3(b *sketchBlock)

//go:noescape
func sketch512x2(b *sketchBlock)

//go:noescape
func sketch512x1(b *sketchBlock)

//go:noescape
func sketchVNNIx2(b *sketchBlock)

//go:noescape
func sketchVNNIx1(b *sketchBlock)

//go:noescape
func sketch256x2(b *sketchBlock)

//go:noescape
func sketch256x1(b *sketchBlock)

//go:noescape
func fetchBytes(p *byte, n int)
