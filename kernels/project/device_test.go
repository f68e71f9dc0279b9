package project

import (
	"errors"
	"math"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels"
)

// What a device is given makes the entries of the matrix.
func TestWords(t *testing.T) {
	m := New([32]byte{4, 5}, 1<<33+7)
	key, number := m.Words()
	words := philox.Block([4]uint32{2, 9, number[0], number[1]}, key)
	signs := make([]float32, 300)
	m.Signs(9, signs)
	for i, w := range words[:1] { // the first of four
		for bit := range 32 {
			if want := 1 - 2*float32(w>>bit&1); signs[256+32*i+bit] != want {
				t.Errorf("sign %d is %v, want %v", 256+32*i+bit, signs[256+32*i+bit], want)
			}
		}
	}
	normals, table := make([]float32, 24), Magnitudes()
	m.Normals(9, normals)
	if half := words[1] >> 16; math.Abs(float64(normals[16+3])) != float64(table[half&0xfff]) {
		t.Errorf("normal number 19 is %v", normals[19])
	}
}

// Check refuses what Project refuses.
func TestCheck(t *testing.T) {
	x := kernels.F32(2, 2, []float32{1, 2, 3, float32(math.NaN())})
	var row *kernels.RowError
	if err := (Options{}).Check(x, 2); !errors.As(err, &row) || row.Row != 1 {
		t.Errorf("%v, want row 1", err)
	}
	if err := (Options{}).Check(x.Slice(0, 1), 0); err == nil {
		t.Error("to no numbers")
	}
	if err := (Options{Kind: Sparse, Nonzeros: 3}).Check(x.Slice(0, 1), 2); err == nil {
		t.Error("more places than rows")
	}
	if s, p := (Options{Kind: Sparse}).Scale(9), (Options{}).Places(3); s != 0.5 || p != 3 {
		t.Errorf("scale %v, places %d", s, p)
	}
	if err := CheckResult(x); !errors.As(err, &row) || row.Row != 1 {
		t.Errorf("%v, want row 1", err)
	}
}
