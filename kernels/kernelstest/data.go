package kernelstest

import (
	"context"
	"errors"
	"math"
	"sync"

	"attrib/internal/philox"
	"attrib/kernels"
)

// poison stands in memory that must not be read: a product with it is far from every right score.
const poison = float32(1e30)

// Random is a rows×cols matrix of numbers in (−1, 1), with poison between Cols and Stride.
func Random(rows, cols int, stream uint64) kernels.Matrix {
	return fill(rows, cols, stream, func(r *philox.Stream) float32 { return float32(2*r.Float64() - 1) })
}

// Whole is a rows×cols matrix of whole numbers −3 … 3: scores are exact and often tie.
func Whole(rows, cols int, stream uint64) kernels.Matrix {
	return fill(rows, cols, stream, func(r *philox.Stream) float32 { return float32(r.Intn(7) - 3) })
}

func fill(rows, cols int, stream uint64, draw func(*philox.Stream) float32) kernels.Matrix {
	r := philox.New([32]byte{0x5e}, stream)
	stride := cols + 1 + int(stream%3)
	v := make([]float32, rows*stride)
	for i := range v {
		v[i] = poison
		if i%stride < cols {
			v[i] = draw(r)
		}
	}
	m := kernels.F32(rows, stride, v)
	m.Cols = cols
	return m
}

// source serves a matrix in ways that a device must cope with.
type source struct {
	kernels.Source
	copies bool                             // read into the tile's buffer, poisoned first, instead of a view
	before func(row0 int64, rows int) error // called before every read
}

func (s *source) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	if s.before != nil {
		if err := s.before(row0, t.Rows); err != nil {
			return err
		}
	}
	if err := s.Source.Read(ctx, row0, t); err != nil || !s.copies {
		return err
	}
	view := t.Flat
	buf := t.Buffer(0, t.Rows*view.Cols+8)
	for i := range buf {
		buf[i] = poison
	}
	t.Flat = kernels.F32(t.Rows, view.Cols, buf[4:4+t.Rows*view.Cols])
	for i := range t.Rows {
		copy(t.Flat.Row(i), view.Row(i))
	}
	return nil
}

// permuted is m with row perm[i] at place i.
func permuted(m kernels.Matrix, perm []int) kernels.Matrix {
	v := make([]float32, 0, m.Rows*m.Cols)
	for _, p := range perm {
		v = append(v, m.Row(p)...)
	}
	return kernels.F32(m.Rows, m.Cols, v)
}

// groups puts row i into group i mod (n+1) − 1: some rows are in none.
func groups(rows, n int) []int32 {
	g := make([]int32, rows)
	for i := range g {
		g[i] = int32(i%(n+1)) - 1
	}
	return g
}

// norms are the Euclidean norms of the rows, the scale of a tolerated error.
func norms(m kernels.Matrix) []float64 {
	out := make([]float64, m.Rows)
	for i := range out {
		out[i] = math.Sqrt(kernels.SquaredNorm(m.Row(i)))
	}
	return out
}

// everything asks for all that a scan can give, with a unit that fits.
func everything(q, g kernels.Matrix, metric kernels.Metric, k, groupCount int) kernels.Scan {
	bound, rows := 1.0, norms(g)
	for _, a := range norms(q) {
		for _, b := range rows {
			bound = max(bound, (a+b)*(a+b))
		}
	}
	return kernels.Scan{
		Queries: q, Metric: metric, K: k, Worst: k,
		Group: groups(g.Rows, groupCount), Groups: groupCount,
		Reduce: []kernels.Reduce{kernels.SumOfSquares, kernels.Sum, kernels.Max, kernels.PositiveSum},
		Unit:   kernels.UnitFor(bound, int64(g.Rows)),
	}
}

// oracles are what references said, by what they were asked.
var oracles sync.Map

// oracle asks a reference once: what it says is the same for every device and set of options, and it is slow. The answer is
// only read.
func oracle[V any](key string, ask func() (V, error)) (V, error) {
	type answer struct {
		v   V
		err error
	}
	f, _ := oracles.LoadOrStore(key, sync.OnceValue(func() answer { v, err := ask(); return answer{v, err} }))
	a := f.(func() answer)()
	return a.v, a.err
}

var errPlanted = errors.New("planted read error")
