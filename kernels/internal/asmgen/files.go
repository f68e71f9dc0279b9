package asmgen

// Files maps the path of every generated file, from the folder kernels, to its text.
func Files() map[string]string {
	return map[string]string{
		"simd/peak_amd64.s":      peak(),
		"simd/peak64_amd64.s":    peak64(),
		"cpu/gram_amd64.s":       gram(),
		"lapack/tile_amd64.s":    lapack(),
		"lapack/vector_amd64.s":  vectors64(),
		"blas/gemm_amd64.s":      gemm(),
		"blas/transpose_amd64.s": transpose(),
		"vec/vec_amd64.s":        vec(),
	}
}
