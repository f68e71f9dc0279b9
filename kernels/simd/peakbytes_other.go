//go:build !amd64

package simd

func bytesLoop(Path) loop { return loop{} }
