//go:build !amd64

package simd

var loops = map[Path]loop{Generic: {scalar, 16}}
