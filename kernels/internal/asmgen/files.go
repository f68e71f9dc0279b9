package asmgen

// Files maps the path of every generated file, from the folder kernels, to its text.
func Files() map[string]string {
	return map[string]string{
		"simd/bandwidth_amd64.s": bandwidth(),
		"simd/peak_amd64.s":      peak(),
		"simd/peak64_amd64.s":    peak64(),
		"simd/peakbytes_amd64.s": peakBytes(),
		"cpu/gram_amd64.s":       gram(),
		"lapack/tile_amd64.s":    lapack(),
		"lapack/vector_amd64.s":  vectors64(),
		"blas/gemm_amd64.s":      gemm(),
		"cpu/factored_amd64.s":   factored(),
		"vec/outer_amd64.s":      outers(),
		"cpu/few_amd64.s":        few(),
		"cpu/fold_amd64.s":       folds(),
		"cpu/rows_amd64.s":       readers(),
		"cpu/score_amd64.s":      scores(),
		"cpu/sketch_amd64.s":     sketches(),
		"blas/transpose_amd64.s": transpose(),
		"vec/vec_amd64.s":        vec(),
		"walk/walk_amd64.s":      walk(),
		"project/words_amd64.s":  project(),
	}
}
