//go:build !amd64

package simd

var loops64 = map[Path]loop64{Generic: {scalar64, 16}}
