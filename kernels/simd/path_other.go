//go:build !amd64

package simd

func best() Path { return Generic }
