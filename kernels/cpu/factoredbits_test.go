package cpu

import (
	"context"
	"slices"
	"testing"

	"attrib/kernels"
	"attrib/kernels/simd"
)

// The fused step holds the model to the bit and touches nothing beyond its operands.
func TestMultiplyAdd(t *testing.T) {
	eachUnit(t, func(t *testing.T, p simd.Path, u *unit) {
		for vectors := 1; vectors < 20; vectors++ {
			rnd, near, n := stream(uint64(vectors)), fencing(t, vectors%2 == 0), vectors*u.lanes
			dst, x, y := near.floats(numbers(rnd, n)), near.floats(numbers(rnd, n)), near.floats(numbers(rnd, n))
			want := slices.Clone(dst)
			for i := range want {
				want[i] = fma32(x[i], y[i], want[i])
			}
			multiplyAdds[p](&dst[0], &x[0], &y[0], n)
			sameBits(t, vectors, dst, want)
		}
	})
}

// layersOf are layers of every kind: one position, several, and one that is multiplied out.
var layersOf = []kernels.FactorDims{{In: 530, Out: 40, Positions: 1}, {In: 30, Out: 50, Positions: 2}, {In: 9, Out: 7, Positions: 5}}

func factoredOf(rows int, seed uint64) kernels.FactoredQueries {
	f, rnd := kernels.FactoredQueries{Rows: rows, Factors: layersOf}, stream(seed)
	for _, d := range layersOf {
		f.A, f.D = append(f.A, matrix(rnd, rows*d.Positions, d.In, 3)), append(f.D, matrix(rnd, rows*d.Positions, d.Out, 1))
	}
	return f
}

// Scores are those of the chain that the package promises, and workers, tiles and vector paths do not change a bit.
func TestFactoredBits(t *testing.T) {
	const q, n = 21, 401
	queries, rows := factoredOf(q, 1), factoredOf(n, 2)
	for _, metric := range []kernels.Metric{kernels.InnerProduct, kernels.Cosine} {
		var first *kernels.Result
		for _, p := range simd.Available() {
			if p == simd.Generic {
				continue
			}
			for _, o := range []Options{{}, {Workers: 1, TileBytes: 1}, {Workers: 3, TileBytes: 50_000}, {Workers: 2, TileBytes: 1 << 20}} {
				o.Path = p
				r, err := New(o).(kernels.FactoredScanner).ScanFactored(context.Background(), rows.Source(), queries, kernels.Scan{Metric: metric, K: n})
				if err != nil {
					t.Fatal(err)
				}
				if first == nil {
					first = r
				}
				if !slices.Equal(r.ID, first.ID) {
					t.Fatalf("%v, %+v: other rows", metric, o)
				}
				sameBits(t, o, r.Score, first.Score)
			}
		}
		if first == nil || metric == kernels.Cosine {
			continue
		}
		for i, id := range first.ID[:n] {
			sameBits(t, id, first.Score[i:i+1], []float32{modelFactored(queries, 0, rows, int(id))})
		}
	}
}

// modelFactored is the chain.
func modelFactored(q kernels.FactoredQueries, i int, g kernels.FactoredQueries, j int) float32 {
	var total float32
	for l, d := range q.Factors {
		if d.Positions*d.Positions*(d.In+d.Out+1) > d.In*d.Out {
			x, y := make([]float32, d.In*d.Out), make([]float32, d.In*d.Out)
			d.MultiplyOut(x, q.A[l], q.D[l], i)
			d.MultiplyOut(y, g.A[l], g.D[l], j)
			total += modelScore(x, y, kernels.InnerProduct)
			continue
		}
		for row := j * d.Positions; row < (j+1)*d.Positions; row++ {
			for query := i * d.Positions; query < (i+1)*d.Positions; query++ {
				a := modelScore(q.A[l].Row(query), g.A[l].Row(row), kernels.InnerProduct)
				total = fma32(a, modelScore(q.D[l].Row(query), g.D[l].Row(row), kernels.InnerProduct), total)
			}
		}
	}
	return total
}
