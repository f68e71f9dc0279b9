package vec

import (
	"fmt"
	"math"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels/simd"
)

// refOuter is the definition, element by element.
func refOuter(rows, cols, positions int, d []float32, strideD int, a []float32, strideA int) []float32 {
	dst := make([]float32, 0, rows*cols)
	for o := range rows {
		for j := range cols {
			sum := float32(d[o] * a[j])
			for p := 1; p < positions; p++ {
				sum += float32(d[p*strideD+o] * a[p*strideA+j])
			}
			dst = append(dst, sum)
		}
	}
	return dst
}

// Every path gives the bits of the definition, for every rest of columns.
func TestOuterSum(t *testing.T) {
	for _, path := range simd.Available() {
		for round := range 400 {
			checkOuter(t, path, round, func(n int) []float32 { return make([]float32, n) })
		}
	}
}

func checkOuter(t *testing.T, path simd.Path, round int, memory func(n int) []float32) {
	t.Helper()
	rnd := philox.New([32]byte{0x0e}, uint64(round))
	rows, cols, positions := 1+rnd.Intn(7), 1+rnd.Intn(300), 1+rnd.Intn(4)
	if round%2 == 0 {
		cols = 1 + round/2
	}
	strideD, strideA := rows+rnd.Intn(3), cols+rnd.Intn(3)
	d, a, dst := memory((positions-1)*strideD+rows), memory((positions-1)*strideA+cols), memory(rows*cols)
	for _, v := range [][]float32{d, a} {
		for i := range v {
			v[i] = float32(2*rnd.Float64() - 1)
		}
	}
	for i := range dst {
		dst[i] = float32(math.NaN())
	}
	outerSum(outers[path], dst, rows, cols, positions, d, strideD, a, strideA)
	for i, want := range refOuter(rows, cols, positions, d, strideD, a, strideA) {
		if math.Float32bits(dst[i]) != math.Float32bits(want) {
			t.Fatalf("%v, %d×%d over %d: element %d is %g, want %g", path, rows, cols, positions, i, dst[i], want)
		}
	}
}

// A sum of one product keeps the sign of zero, and NaN spreads.
func TestOuterSumOfZeros(t *testing.T) {
	for _, path := range simd.Available() {
		dst := make([]float32, 20)
		a, d := make([]float32, 20), []float32{-1}
		outerSum(outers[path], dst, 1, 20, 1, d, 1, a, 20)
		for i, v := range dst {
			if math.Float32bits(v) != 1<<31 {
				t.Errorf("%v: element %d is %g, want −0", path, i, v)
			}
		}
		a[3] = float32(math.NaN())
		if outerSum(outers[path], dst, 1, 20, 1, d, 1, a, 20); dst[3] == dst[3] || dst[4] != 0 {
			t.Errorf("%v: elements %g and %g, want NaN and 0", path, dst[3], dst[4])
		}
	}
}

func TestOuterSumRefuses(t *testing.T) {
	v := make([]float32, 6)
	for _, f := range []func(){
		func() { OuterSum(v, 0, 2, 1, v, 1, v, 2) },
		func() { OuterSum(v, 2, 3, 0, v, 2, v, 3) },
		func() { OuterSum(v[:5], 2, 3, 1, v, 2, v, 3) },
		func() { OuterSum(v, 2, 3, 1, v[:1], 2, v, 3) },
		func() { OuterSum(v, 2, 3, 3, v, 2, v, 3) },
		func() { OuterSum(v, 2, 3, 1, v, 1, v, 3) },
		func() { OuterSum(v, 2, 3, 1, v, 2, v, 2) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("sizes that do not fit were not refused")
				}
			}()
			f()
		}()
	}
}

func BenchmarkOuterSum(b *testing.B) {
	for _, s := range [][3]int{{512, 512, 1}, {64, 512, 1}, {64, 64, 16}, {32, 17, 64}, {512, 512, 32}} {
		rows, cols, positions := s[0], s[1], s[2]
		d, a, dst := make([]float32, rows*positions), make([]float32, cols*positions), make([]float32, rows*cols)
		for _, path := range simd.Available() {
			b.Run(fmt.Sprintf("%dx%d/positions=%d/%s", rows, cols, positions, path), func(b *testing.B) {
				for b.Loop() {
					outerSum(outers[path], dst, rows, cols, positions, d, rows, a, cols)
				}
				b.ReportMetric(2*float64(rows*cols*positions)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
