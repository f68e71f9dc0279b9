package ref

import (
	"context"
	"errors"
	"math"
	"slices"

	"attrib/kernels"
)

type device struct{}

var _ kernels.Multiplier = device{}

// New returns the oracle.
func New() kernels.Device { return device{} }

func (device) Info() kernels.Info {
	return kernels.Info{Name: "float64 reference", Arithmetic: "float64-in-order", Workers: 1}
}

func (device) Close() error { return nil }

// Scores is the full q×n matrix of scores, row-major, in float64.
func Scores(ctx context.Context, s kernels.Source, queries kernels.Matrix, metric kernels.Metric) ([]float64, error) {
	rows, err := readAll(ctx, s)
	if err != nil {
		return nil, err
	}
	out := make([]float64, 0, queries.Rows*rows.Rows)
	for q := range queries.Rows {
		for i := range rows.Rows {
			out = append(out, score(queries.Row(q), rows.Row(i), metric))
		}
	}
	return out, ctx.Err()
}

func score(q, g []float32, metric kernels.Metric) float64 {
	switch metric {
	case kernels.L2:
		sum := 0.0
		for k := range q {
			d := float64(q[k]) - float64(g[k])
			sum += d * d
		}
		return -sum
	case kernels.Cosine:
		if norms := math.Sqrt(dot(q, q)) * math.Sqrt(dot(g, g)); norms > 0 {
			return dot(q, g) / norms
		}
		return 0
	}
	return dot(q, g)
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for k := range a {
		sum += float64(a[k]) * float64(b[k])
	}
	return sum
}

// readAll copies the source, row by row, in single precision, and refuses rows that are not finite.
func readAll(ctx context.Context, s kernels.Source) (kernels.Matrix, error) {
	if s.Len() == 0 {
		return kernels.Matrix{}, kernels.ErrEmptySource
	}
	s = kernels.Flatten(s)
	w := s.Layout().Width
	all, t, one := make([]float32, 0, int(s.Len())*w), kernels.Tile{Rows: 1}, make([]float32, w)
	defer t.Release()
	for row := range s.Len() {
		if err := errors.Join(ctx.Err(), s.Read(ctx, row, &t)); err != nil {
			return kernels.Matrix{}, err
		}
		if err := t.CheckFlat(s.Layout()); err != nil {
			return kernels.Matrix{}, err
		}
		if t.Flat.Decode(one); !kernels.Finite(one) {
			return kernels.Matrix{}, kernels.NonFinite(row)
		}
		all = append(all, one...)
	}
	return kernels.F32(int(s.Len()), w, all), nil
}

// Scan sorts all scores of each query and adds them up one by one.
func (device) Scan(ctx context.Context, s kernels.Source, scan kernels.Scan) (*kernels.Result, error) {
	if err := scan.Validate(s); err != nil {
		return nil, err
	}
	full, err := Scores(ctx, s, scan.Queries, scan.Metric)
	if err != nil {
		return nil, err
	}
	r, err := collect(full, scan, s.Len())
	if err != nil {
		return nil, err
	}
	r.Bytes = s.Len() * s.Layout().RowBytes()
	r.Ops = 2 * s.Len() * int64(scan.Queries.Rows) * int64(s.Layout().Width)
	return r, nil
}

// collect reduces the scores of all queries with n rows.
func collect(full []float64, scan kernels.Scan, rows int64) (*kernels.Result, error) {
	n := int(rows)
	r := &kernels.Result{Unit: scan.Unit, SquareUnit: kernels.SquareUnit(scan.Unit, rows)}
	for range scan.Reduce {
		r.Sum = append(r.Sum, nil)
	}
	for q := range scan.Queries.Rows {
		scores := make([]float32, n)
		for i := range scores {
			scores[i] = float32(full[q*n+i])
			if math.IsInf(float64(scores[i]), 0) {
				return nil, kernels.ScoreOverflow(q, int64(i))
			}
		}
		if err := reduce(r, scan, q, scores); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// reduce appends the results of one query.
func reduce(r *kernels.Result, scan kernels.Scan, q int, scores []float32) error {
	var order []int64
	for i := range scores {
		if scan.Exclude == nil || scan.Exclude[q] != int64(i) {
			order = append(order, int64(i))
		}
	}
	for i, kind := range scan.Reduce {
		sums, err := sumGroups(kind, scan, q, scores, order)
		if err != nil {
			return err
		}
		r.Sum[i] = append(r.Sum[i], sums...)
	}
	slices.SortStableFunc(order, func(a, b int64) int { return compare(scores[b], scores[a]) })
	r.ID, r.Score = take(r.ID, r.Score, order, scores, scan.K)
	slices.Sort(order)
	slices.SortStableFunc(order, func(a, b int64) int { return compare(scores[a], scores[b]) })
	r.WorstID, r.WorstScore = take(r.WorstID, r.WorstScore, order, scores, scan.Worst)
	return nil
}

func compare(a, b float32) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func take(ids []int64, out []float32, order []int64, scores []float32, k int) ([]int64, []float32) {
	for j := range k {
		if j < len(order) {
			ids, out = append(ids, order[j]), append(out, scores[order[j]])
		} else {
			ids, out = append(ids, -1), append(out, 0)
		}
	}
	return ids, out
}

func sumGroups(kind kernels.Reduce, scan kernels.Scan, q int, scores []float32, rows []int64) ([]int64, error) {
	n := int64(len(scan.Group))
	sums := make([]int64, scan.Groups)
	if kind == kernels.Max {
		for g := range sums {
			sums[g] = kernels.EmptyMax
		}
	}
	for _, i := range rows {
		g := scan.Group[i]
		if g < 0 {
			continue
		}
		v, ok := kernels.NewRounder(scan.Unit, n).Linear(scores[i])
		if !ok {
			return nil, kernels.UnitOverflow(q, i, scores[i], scan.Unit)
		}
		switch kind {
		case kernels.Sum:
			sums[g] += v
		case kernels.PositiveSum:
			sums[g] += max(v, 0)
		case kernels.Max:
			sums[g] = max(sums[g], v)
		case kernels.SumOfSquares:
			s := float64(scores[i])
			sums[g] += int64(math.RoundToEven(math.Ldexp(s*s, -kernels.SquareUnit(scan.Unit, n))))
		}
	}
	return sums, nil
}

// Gram adds the outer products in row order.
func (device) Gram(ctx context.Context, s kernels.Source) (*kernels.Sym64, error) {
	rows, err := readAll(ctx, s)
	if err != nil {
		return nil, err
	}
	w := rows.Cols
	g := &kernels.Sym64{N: w, Data: make([]float64, w*w)}
	for r := range rows.Rows {
		v := rows.Row(r)
		for i := range w {
			for j := range w {
				g.Data[i*w+j] += float64(v[i]) * float64(v[j])
			}
		}
	}
	return g, ctx.Err()
}

// Multiply hands out all scores as one block.
func (device) Multiply(ctx context.Context, s kernels.Source, queries kernels.Matrix, metric kernels.Metric, emit func(int64, kernels.Matrix) error) error {
	if err := kernels.CheckQueries(queries, metric, s.Layout().Width); err != nil {
		return err
	}
	full, err := Scores(ctx, s, queries, metric)
	if err != nil {
		return err
	}
	scores := make([]float32, len(full))
	n := int(s.Len())
	for i, v := range full {
		if scores[i] = float32(v); math.IsInf(float64(scores[i]), 0) {
			return kernels.ScoreOverflow(i/n, int64(i%n))
		}
	}
	return emit(0, kernels.F32(queries.Rows, n, scores))
}
