package project

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"testing"

	"attrib/kernels"
)

// TestGolden holds the signs against those of an independent scalar program, which the Python package is held to as well.
func TestGolden(t *testing.T) {
	data, err := os.ReadFile("../../python/tests/golden/signs.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		Seed          string
		Matrix        uint64
		Rows, Columns int
		Signs         []string
	}
	if err := json.Unmarshal(data, &golden); err != nil || len(golden) < 4 {
		t.Fatalf("%d vectors, %v", len(golden), err)
	}
	for _, v := range golden {
		seed, err := hex.DecodeString(v.Seed)
		if err != nil || len(v.Signs) != v.Rows {
			t.Fatalf("seed %q, %d rows: %v", v.Seed, len(v.Signs), err)
		}
		m := New([32]byte(seed), v.Matrix)
		for r, want := range v.Signs {
			row := make([]float32, v.Columns)
			m.Signs(uint32(r), row)
			got := make([]byte, v.Columns)
			for i, x := range row {
				if got[i] = '+'; x == -1 {
					got[i] = '-'
				} else if x != 1 {
					t.Fatalf("entry %v", x)
				}
			}
			if string(got) != want {
				t.Errorf("seed %s, matrix %d, row %d: %s, want %s", v.Seed, v.Matrix, r, got, want)
			}
		}
	}
}

// TestApply: lengths are kept on average, and a matrix of one row is a sum of signed numbers.
func TestApply(t *testing.T) {
	const n, w, k = 50, 700, 200
	x := kernels.F32(n, w, make([]float32, n*w))
	for i := range x.Floats() {
		x.Floats()[i] = float32(math.Sin(float64(i * i)))
	}
	y := New([32]byte{1}, 3).Apply(x, k)
	ratio := 0.0
	for i := range n {
		ratio += kernels.SquaredNorm(y.Row(i)) / kernels.SquaredNorm(x.Row(i)) / n
	}
	if math.Abs(ratio-1) > 0.05 {
		t.Errorf("squared lengths change by %.3f", ratio)
	}
	one := New([32]byte{1}, 3).Apply(kernels.F32(1, 3, []float32{1, 10, 100}), 1).Row(0)[0]
	signs := make([]float32, 3)
	New([32]byte{1}, 3).Signs(0, signs)
	if want := signs[0] + 10*signs[1] + 100*signs[2]; one != want {
		t.Errorf("%v, want %v", one, want)
	}
}
