package project

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"attrib/kernels"
	"attrib/kernels/project/internal/normals"
	"attrib/kernels/simd"
)

func random(rows, cols int, stream uint64) kernels.Matrix {
	r, v := rand.New(rand.NewPCG(1, stream)), make([]float32, rows*cols)
	for i := range v {
		v[i] = 2*r.Float32() - 1
	}
	return kernels.F32(rows, cols, v)
}

var kinds = []Kind{Sign, Gaussian, Sparse}

// Every path makes the entries of the definition, at any length, and touches nothing behind them.
func TestEntries(t *testing.T) {
	m := New([32]byte{3, 1, 4}, 1<<40+5)
	for _, path := range simd.Available() {
		for _, kind := range []Kind{Sign, Gaussian} {
			for _, n := range []int{1, 7, 8, 9, 15, 31, 127, 128, 129, 1023, 1024, 1025, 2500} {
				for _, at := range [][2]uint32{{0, 0}, {77, 1024}, {1<<32 - 1, 1 << 20}} {
					dst := make([]float32, n+1)
					dst[n] = 42
					m.maker(path).entries(kind, at[0], at[1], dst[:n])
					for i, v := range dst[:n] {
						if want := m.refEntry(kind, at[0], at[1]+uint32(i)); float64(v) != want {
							t.Fatalf("%v, %v: entry (%d, %d) is %v, want %v", path, kind, at[0], at[1]+uint32(i), v, want)
						}
					}
					if dst[n] != 42 {
						t.Fatalf("%v, %v: %d entries: the one behind was written", path, kind, n)
					}
				}
			}
		}
	}
}

// Projections are those of the definition, up to the rounding of float32 sums, on every path and kind.
func TestProject(t *testing.T) {
	m := New([32]byte{9}, 2)
	for _, s := range [][3]int{{1, 1, 1}, {2, 5, 3}, {1, 1500, 7}, {3, 1025, 65}, {5, 2100, 64}, {67, 300, 129}, {2, 9, 200}} {
		x := random(s[0], s[1], 1)
		for _, kind := range kinds {
			o := Options{Kind: kind}
			want := m.refProject(x, s[2], o)
			for _, path := range simd.Available() {
				o.Path = path
				got, err := m.Project(x, s[2], o)
				if err != nil {
					t.Fatal(err)
				}
				for i := range x.Rows {
					norm := math.Sqrt(kernels.SquaredNorm(x.Row(i)))
					for r, v := range got.Row(i) {
						if math.Abs(float64(v-want.Row(i)[r])) > 3e-6*norm {
							t.Fatalf("%v %v %v: (%d, %d) is %v, want %v", s, kind, path, i, r, v, want.Row(i)[r])
						}
					}
				}
			}
		}
	}
}

// Neither workers nor strides nor the other lines change a bit.
func TestProjectInvariance(t *testing.T) {
	m, x := New([32]byte{9}, 2), random(130, 1100, 1)
	wide := kernels.F32(130, 1203, make([]float32, 130*1203))
	for i := range x.Rows {
		copy(wide.Row(i), x.Row(i))
	}
	gaps := wide
	gaps.Cols = 1100
	for _, path := range simd.Available() {
		for _, kind := range kinds {
			want, err := m.Project(x, 150, Options{Kind: kind, Workers: 1, Path: path})
			if err != nil {
				t.Fatal(err)
			}
			for name, c := range map[string]struct {
				x       kernels.Matrix
				workers int
				from    int
			}{"workers": {x, 5, 0}, "stride": {gaps, 2, 0}, "one line": {x.Slice(77, 78), 2, 77}, "some lines": {x.Slice(3, 99), 3, 3}} {
				got, err := m.Project(c.x, 150, Options{Kind: kind, Workers: c.workers, Path: path})
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got.Floats(), want.Slice(c.from, c.from+c.x.Rows).Floats()) {
					t.Errorf("%v %v: %s change the bits", kind, path, name)
				}
			}
		}
	}
}

// Squared lengths are kept on average, by every kind.
func TestLengths(t *testing.T) {
	x := random(60, 900, 3)
	for _, kind := range kinds {
		y, err := New([32]byte{7}, 1).Project(x, 256, Options{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		ratio := 0.0
		for i := range x.Rows {
			ratio += kernels.SquaredNorm(y.Row(i)) / kernels.SquaredNorm(x.Row(i)) / float64(x.Rows)
		}
		if math.Abs(ratio-1) > .05 {
			t.Errorf("%v: squared lengths change by %.3f", kind, ratio)
		}
	}
}

// P_out·(Dᵀ·A)·P_inᵀ is what the projected factors give.
func TestTwoSided(t *testing.T) {
	seed, positions := [32]byte{5}, 3
	a, d := random(positions, 40, 1), random(positions, 30, 2)
	pa, pd, err := TwoSided(seed, 4, a, d, 6, 5, Options{})
	if err != nil {
		t.Fatal(err)
	}
	in, out := New(seed, 8), New(seed, 9)
	for r := range 5 {
		for c := range 6 {
			got, want := 0.0, 0.0
			for p := range positions {
				got += float64(pd.Row(p)[r]) * float64(pa.Row(p)[c])
				for i, dv := range d.Row(p) {
					for j, av := range a.Row(p) {
						want += out.refEntry(Sign, uint32(r), uint32(i)) * float64(dv) * float64(av) * in.refEntry(Sign, uint32(c), uint32(j)) / math.Sqrt(30)
					}
				}
			}
			if math.Abs(got-want) > 1e-4 {
				t.Errorf("(%d, %d) is %g, want %g", r, c, got, want)
			}
		}
	}
	if pa, pd, err := TwoSided(seed, 4, a, d, 40, 31, Options{}); err != nil || &pa.Data[0] != &a.Data[0] || &pd.Data[0] != &d.Data[0] {
		t.Errorf("narrow factors were not left alone: %v", err)
	}
}

// The committed table is what is computed, to the last bit but one, rises, and has mean square 1.
func TestTable(t *testing.T) {
	again, square := normals.Table(), 0.0
	for i, v := range magnitudes() {
		bits := binary.LittleEndian.Uint32(again[4*i:])
		if off := int64(bits) - int64(math.Float32bits(v)); off < -1 || off > 1 {
			t.Errorf("magnitude %d is %v, computed %v", i, v, math.Float32frombits(bits))
		}
		if i > 0 && v <= magnitudes()[i-1] {
			t.Errorf("magnitude %d does not rise", i)
		}
		square += float64(v) * float64(v) / normals.Len
	}
	if math.Abs(square-1) > 1e-6 {
		t.Errorf("mean square %g", square)
	}
}

func TestRefused(t *testing.T) {
	m, x := New([32]byte{}, 0), random(2, 3, 1)
	nan := random(2, 3, 1)
	nan.Row(1)[2] = float32(math.NaN())
	huge := kernels.F32(1, 4, make([]float32, 4))
	m.Signs(0, huge.Row(0))
	for i := range huge.Row(0) {
		huge.Row(0)[i] *= 3e38
	}
	for want, f := range map[string]func() (kernels.Matrix, error){
		"to 0 numbers":       func() (kernels.Matrix, error) { return m.Project(x, 0, Options{}) },
		"unknown kind":       func() (kernels.Matrix, error) { return m.Project(x, 2, Options{Kind: 9}) },
		"5 nonzeros":         func() (kernels.Matrix, error) { return m.Project(x, 4, Options{Kind: Sparse, Nonzeros: 5}) },
		"2 nonzeros":         func() (kernels.Matrix, error) { return m.Project(x, 4, Options{Nonzeros: 2}) },
		"-1 workers":         func() (kernels.Matrix, error) { return m.Project(x, 4, Options{Workers: -1}) },
		"row 1: holds a NaN": func() (kernels.Matrix, error) { return m.Project(nan, 4, Options{}) },
		"want F32":           func() (kernels.Matrix, error) { return m.Project(kernels.Make(kernels.TypeF16, 1, 1), 1, Options{}) },
		"too large":          func() (kernels.Matrix, error) { return m.Project(huge, 1, Options{}) },
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if y, err := m.Project(kernels.F32(0, 3, nil), 4, Options{}); err != nil || y.Rows != 0 {
		t.Errorf("no lines: %v", err)
	}
}

// BenchmarkProject prints what part of the multiply-add peak of the same moment dense projections reach, and how long a sign
// takes to make.
func BenchmarkProject(b *testing.B) {
	for _, path := range simd.Available() {
		for _, kind := range kinds {
			for _, s := range [][3]int{{32, 100_000, 1024}, {1024, 4096, 512}} {
				b.Run(fmt.Sprintf("%v/%v/n=%d/w=%d/k=%d", path, kind, s[0], s[1], s[2]), func(b *testing.B) {
					m, x := New([32]byte{1}, 1), random(s[0], s[1], 1)
					var parts []float64
					for b.Loop() {
						began := time.Now()
						if _, err := m.Project(x, s[2], Options{Kind: kind, Path: path}); err != nil {
							b.Fatal(err)
						}
						seconds := time.Since(began).Seconds()
						b.StopTimer()
						parts = append(parts, 2*float64(s[0])*float64(s[1])*float64(s[2])/seconds/simd.Peak(path, 2, 20*time.Millisecond))
						b.StartTimer()
					}
					slices.Sort(parts)
					if kind != Sparse {
						b.ReportMetric(100*parts[len(parts)/2], "%peak")
					}
				})
			}
		}
	}
	for _, path := range simd.Available() {
		for _, kind := range []Kind{Sign, Gaussian} {
			b.Run(fmt.Sprintf("entries/%v/%v", path, kind), func(b *testing.B) {
				w, dst := New([32]byte{1}, 1).maker(path), make([]float32, 1024)
				for b.Loop() {
					w.entries(kind, 5, 0, dst)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1024, "ns/entry")
			})
		}
	}
}
