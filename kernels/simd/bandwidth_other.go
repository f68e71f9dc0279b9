//go:build !amd64

package simd

var readers = map[Path]func([]byte){Generic: readGeneric}
