package kernelstest

import (
	"context"
	"math"
	"slices"
	"sync"
	"testing"

	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/ref"
)

// permutation: the bits of a score do not depend on where its row or query stands.
func permutation(t *testing.T, d kernels.Device) {
	const q, n, w = 8, 233, 300
	for _, metric := range metrics {
		queries, rows := Random(q, w, 12), Random(n, w, 13)
		perm, inverse := make([]int, n), make([]int64, n)
		philox.New([32]byte{9}, 0).Perm(perm)
		for i, p := range perm {
			inverse[p] = int64(i)
		}
		scan := everything(queries, rows, metric, n, 5)
		want := mustScan(t, d, kernels.MatrixSource(rows), scan)
		moved := scan
		moved.Group = make([]int32, n)
		for i, p := range perm {
			moved.Group[i] = scan.Group[p]
		}
		got := mustScan(t, d, kernels.MatrixSource(permuted(rows, perm)), moved)
		for i := range got.ID {
			got.ID[i], got.WorstID[i] = int64(perm[got.ID[i]]), int64(perm[got.WorstID[i]])
		}
		equal(t, got, want)

		backwards := make([]int, q)
		for i := range backwards {
			backwards[i] = q - 1 - i
		}
		scan.Queries = permuted(queries, backwards)
		got = mustScan(t, d, kernels.MatrixSource(rows), scan)
		for i := range q {
			j := q - 1 - i
			if !slices.Equal(got.ID[i*n:(i+1)*n], want.ID[j*n:(j+1)*n]) || !slices.Equal(got.Score[i*n:(i+1)*n], want.Score[j*n:(j+1)*n]) {
				t.Errorf("%v: query %d gives other scores at place %d", metric, j, i)
			}
		}
	}
}

// layout: views, copies with poison around them and strides give the same bits.
func layout(t *testing.T, d kernels.Device) {
	queries, rows := Random(5, 37, 14), Random(150, 37, 15)
	identity := make([]int, 150)
	for i := range identity {
		identity[i] = i
	}
	for _, metric := range metrics {
		scan := everything(queries, rows, metric, 20, 4)
		want := mustScan(t, d, kernels.MatrixSource(rows), scan)
		equal(t, mustScan(t, d, &source{Source: kernels.MatrixSource(rows), copies: true}, scan), want)
		equal(t, mustScan(t, d, kernels.MatrixSource(permuted(rows, identity)), scan), want)
	}
}

// factors is a factored source over two layers, the second with several positions.
type factors struct{ a, d [2]kernels.Matrix }

var factorDims = []kernels.FactorDims{{In: 5, Out: 3, Positions: 1}, {In: 2, Out: 4, Positions: 3}}

func newFactors(n int) *factors {
	f := new(factors)
	for l, dims := range factorDims {
		f.a[l], f.d[l] = Whole(n*dims.Positions, dims.In, 20+uint64(l)), Whole(n*dims.Positions, dims.Out, 30+uint64(l))
	}
	return f
}

func (f *factors) Len() int64 { return int64(f.a[0].Rows) }

func (f *factors) Layout() kernels.Layout {
	return kernels.Layout{Width: 5*3 + 2*4, Factors: factorDims}
}

func (f *factors) Read(_ context.Context, row0 int64, t *kernels.Tile) error {
	t.A, t.D = nil, nil
	for l, dims := range factorDims {
		lo, hi := int(row0)*dims.Positions, (int(row0)+t.Rows)*dims.Positions
		t.A, t.D = append(t.A, f.a[l].Slice(lo, hi)), append(t.D, f.d[l].Slice(lo, hi))
	}
	return nil
}

// flat is Σ_t D[t]⊗A[t], written out.
func (f *factors) flat() kernels.Matrix {
	var v []float32
	for i := range int(f.Len()) {
		for l, dims := range factorDims {
			for o := range dims.Out {
				for in := range dims.In {
					var sum float32
					for p := range dims.Positions {
						sum += f.d[l].Row(i*dims.Positions + p)[o] * f.a[l].Row(i*dims.Positions + p)[in]
					}
					v = append(v, sum)
				}
			}
		}
	}
	return kernels.F32(int(f.Len()), 23, v)
}

// factored rows give what their flat form gives.
func factored(t *testing.T, d kernels.Device) {
	f := newFactors(77)
	scan := everything(Whole(4, 23, 16), f.flat(), kernels.InnerProduct, 9, 3)
	want := mustScan(t, ref.New(), kernels.MatrixSource(f.flat()), scan)
	equal(t, mustScan(t, d, f, scan), want)
}

// concurrent calls do not disturb each other.
func concurrent(t *testing.T, d kernels.Device) {
	rows := Random(300, 33, 17)
	scan := everything(Random(6, 33, 18), rows, kernels.InnerProduct, 11, 3)
	want := mustScan(t, d, kernels.MatrixSource(rows), scan)
	var wg sync.WaitGroup
	results := make([]*kernels.Result, 4)
	for i := range results {
		wg.Go(func() { results[i], _ = d.Scan(context.Background(), kernels.MatrixSource(rows), scan) })
	}
	wg.Wait()
	for _, r := range results {
		if r == nil {
			t.Fatal("a concurrent scan failed")
		}
		equal(t, r, want)
	}
}

// repeat: a result belongs to the caller; a later scan does not write into it.
func repeat(t *testing.T, d kernels.Device) {
	rows := Random(100, 12, 19)
	scan := everything(Random(3, 12, 20), rows, kernels.L2, 5, 3)
	first := mustScan(t, d, kernels.MatrixSource(rows), scan)
	kept := slices.Clone(first.Score)
	for i := range first.ID {
		first.ID[i] = -7
	}
	second := mustScan(t, d, kernels.MatrixSource(rows), scan)
	if !slices.Equal(second.Score, kept) || slices.Contains(second.ID, -7) || !slices.Equal(first.Score, kept) {
		t.Error("results of two scans share memory or differ")
	}
}

// gram against the oracle: exact on whole numbers, near on random ones, symmetric.
func gram(t *testing.T, d kernels.Device) {
	for _, s := range [][2]int{{1, 1}, {1, 5}, {7, 2}, {50, 3}, {333, 4}, {129, 31}, {20, 65}, {2100, 8}} {
		for i, rows := range []kernels.Matrix{Whole(s[0], s[1], 21), Random(s[0], s[1], 22)} {
			got, err := d.Gram(context.Background(), &source{Source: kernels.MatrixSource(rows), copies: true})
			if err != nil {
				t.Fatal(err)
			}
			want, _ := ref.New().Gram(context.Background(), kernels.MatrixSource(rows))
			if got.N != s[1] || len(got.Data) != s[1]*s[1] {
				t.Fatalf("%v: a matrix of size %d with %d elements", s, got.N, len(got.Data))
			}
			for at, v := range got.Data {
				limit := float64(i) * 1e-6 * math.Sqrt(want.At(at/got.N, at/got.N)*want.At(at%got.N, at%got.N))
				if math.Abs(v-want.Data[at]) > limit || v != got.At(at%got.N, at/got.N) {
					t.Fatalf("%v: element (%d, %d) is %g, want %g", s, at/got.N, at%got.N, v, want.Data[at])
				}
			}
		}
	}
}

// multiply: blocks come in order, once each, with the bits of Scan. A device that cannot do it is left alone.
func multiply(t *testing.T, d kernels.Device) {
	m, ok := d.(kernels.Multiplier)
	if !ok {
		t.Log("the device is no kernels.Multiplier")
		return
	}
	for _, s := range [][3]int{{1, 1, 1}, {5, 301, 20}, {70, 97, 3}, {2, 1700, 3}} {
		for _, metric := range metrics {
			q, n := s[0], s[1]
			queries, rows := Random(q, s[2], 23), Random(n, s[2], 24)
			all := mustScan(t, d, kernels.MatrixSource(rows), kernels.Scan{Queries: queries, Metric: metric, K: n})
			got, next := make([]float32, q*n), int64(0)
			err := m.Multiply(context.Background(), kernels.MatrixSource(rows), queries, metric, func(row0 int64, scores kernels.Matrix) error {
				if row0 != next || scores.Rows != q {
					t.Fatalf("a block of %d queries at row %d, want %d at %d", scores.Rows, row0, q, next)
				}
				for i := range q {
					copy(got[i*n+int(row0):], scores.Row(i))
				}
				next += int64(scores.Cols)
				return nil
			})
			if err != nil || next != int64(n) {
				t.Fatalf("%d of %d rows, error %v", next, n, err)
			}
			for i, id := range all.ID {
				if v := got[i/n*n+int(id)]; v != all.Score[i] {
					t.Fatalf("query %d, row %d: %g, but Scan says %g", i/n, id, v, all.Score[i])
				}
			}
		}
	}
	err := m.Multiply(context.Background(), kernels.MatrixSource(Random(9, 2, 1)), Random(1, 2, 2), kernels.L2, func(int64, kernels.Matrix) error { return errPlanted })
	wantError(t, err, errPlanted, "planted")
}
