package influence

import (
	"context"
	"errors"
	"fmt"
	"math"

	"attrib/kernels"
)

// TotalsOptions of Totalise.
type TotalsOptions struct {
	K      int     // most helpful and most harmful rows kept per query, at most all. Default: 0, none
	Group  []int32 // per row its group (a contributor), −1 for none; nil when Groups is 0
	Groups int     // number of groups. Default: 0
}

// Totals of a pass over all rows. Scores are τ: positive means the sample helped.
type Totals struct {
	Queries, K, Groups int
	TopID              []int64   // Queries×K: rows that helped most, by falling score, ties by lower row
	TopScore           []float32 // Queries×K
	WorstID            []int64   // Queries×K: rows that harmed most, by rising score, ties by lower row
	WorstScore         []float32 // Queries×K
	Sum                []int64   // Queries×Groups: Σ τ over the group's rows, in 2^Unit, each score rounded half to even
	Unit               int       // fixed before the pass, from a bound on the scores
	Fused              bool      // made by one fused pass of the device
	Bytes, Ops         int64     // of the fused pass: bytes of rows read and floating-point operations
}

// Bounded is a scorer that knows a bound on its scores' magnitude before it makes them. For others that are not Fused,
// Totalise makes a first pass to find one.
type Bounded interface {
	Bound(context.Context, Queries) (float64, error)
}

// Totalise scores the queries against all rows. Memory grows with queries × (k + groups), not with rows; the result is
// the same bits for any number of workers. A Fused scorer takes one pass of the device over source, others hand out
// their scores, which are rounded and added in the same way.
func Totalise(ctx context.Context, d kernels.Device, s Scorer, source kernels.Source, q Queries, o TotalsOptions) (*Totals, error) {
	if err := o.validate(source.Len()); err != nil {
		return nil, err
	}
	o.K = int(min(int64(o.K), source.Len()))
	if f, ok := s.(Fused); ok {
		return fused(ctx, d, f, source, q, o)
	}
	return streamed(ctx, s, source.Len(), q, o)
}

func (o TotalsOptions) validate(n int64) error {
	var all []error
	if n == 0 {
		all = append(all, kernels.ErrEmptySource)
	}
	if o.K < 0 {
		all = append(all, fmt.Errorf("k is %d", o.K))
	}
	if o.Groups < 0 || o.Groups > 0 && int64(len(o.Group)) != n {
		all = append(all, fmt.Errorf("%d groups, and a group for %d of %d rows", o.Groups, len(o.Group), n))
	}
	for i, g := range o.Group {
		if g < -1 || int(g) >= o.Groups {
			all = append(all, fmt.Errorf("row %d is in group %d of %d", i, g, o.Groups))
			break
		}
	}
	return errors.Join(all...)
}

// factoredFused is a Fused scorer that may compare factored rows as they are; without queries it does not.
type factoredFused interface {
	PlanFactored(Queries) (*kernels.FactoredQueries, kernels.Metric, error)
}

func fused(ctx context.Context, d kernels.Device, f Fused, source kernels.Source, q Queries, o TotalsOptions) (*Totals, error) {
	if p, ok := f.(factoredFused); ok && len(source.Layout().Factors) > 0 {
		if scanner, ok := d.(kernels.FactoredScanner); ok {
			queries, metric, err := p.PlanFactored(q)
			if err != nil {
				return nil, err
			}
			if queries != nil {
				return fusedFactored(ctx, scanner, source, *queries, metric, o)
			}
		}
	}
	queries, metric, err := f.Plan(ctx, q)
	if err != nil {
		return nil, err
	}
	bound, err := scoreBound(ctx, source, queries, metric)
	if err != nil {
		return nil, err
	}
	scan := o.scan(metric, bound, source.Len())
	scan.Queries = queries
	r, err := d.Scan(ctx, source, scan)
	if err != nil {
		return nil, err
	}
	return o.fusedTotals(queries.Rows, scan, r), nil
}

func fusedFactored(ctx context.Context, d kernels.FactoredScanner, source kernels.Source, q kernels.FactoredQueries, metric kernels.Metric, o TotalsOptions) (*Totals, error) {
	bound := 1.0 // of a cosine
	if metric != kernels.Cosine {
		row, err := kernels.MaxNorm(ctx, source)
		if err != nil {
			return nil, err
		}
		query := 0.0
		for i := range q.Rows {
			query = math.Max(query, kernels.FactoredNorm(q.Factors, q.A, q.D, i))
		}
		bound = row * math.Sqrt(query)
	}
	scan := o.scan(metric, bound, source.Len())
	r, err := d.ScanFactored(ctx, source, q, scan)
	if err != nil {
		return nil, err
	}
	return o.fusedTotals(q.Rows, scan, r), nil
}

// scan asks for what is wanted of n scores of that bound.
func (o TotalsOptions) scan(metric kernels.Metric, bound float64, n int64) kernels.Scan {
	scan := kernels.Scan{Metric: metric, K: o.K, Worst: o.K, Unit: kernels.UnitFor(bound, n)}
	if o.Groups > 0 {
		scan.Group, scan.Groups, scan.Reduce = o.Group, o.Groups, []kernels.Reduce{kernels.Sum}
	}
	return scan
}

func (o TotalsOptions) fusedTotals(queries int, scan kernels.Scan, r *kernels.Result) *Totals {
	t := &Totals{
		Queries: queries, K: o.K, Groups: o.Groups, Unit: scan.Unit, Fused: true, Bytes: r.Bytes, Ops: r.Ops,
		TopID: r.ID, TopScore: r.Score, WorstID: r.WorstID, WorstScore: r.WorstScore,
	}
	if o.Groups > 0 {
		t.Sum = r.Sum[0]
	}
	return t
}

// scoreBound bounds the magnitude of the scores by the largest norms.
func scoreBound(ctx context.Context, source kernels.Source, queries kernels.Matrix, metric kernels.Metric) (float64, error) {
	if metric == kernels.Cosine {
		return 1, nil
	}
	row, err := kernels.MaxNorm(ctx, source)
	if err != nil {
		return 0, err
	}
	query, err := kernels.MaxNorm(ctx, kernels.MatrixSource(queries))
	if err != nil {
		return 0, err
	}
	if metric == kernels.L2 {
		return (row + query) * (row + query), nil
	}
	return row * query, nil
}

// streamed adds up scores that the scorer hands out.
func streamed(ctx context.Context, s Scorer, n int64, q Queries, o TotalsOptions) (*Totals, error) {
	bound, err := boundOf(ctx, s, q)
	if err != nil {
		return nil, err
	}
	unit := kernels.UnitFor(bound, n)
	t := newTally(q.Gradients.Rows, n, unit, o)
	if err := s.Score(ctx, q, t.add); err != nil {
		return nil, err
	}
	return t.totals()
}

func boundOf(ctx context.Context, s Scorer, q Queries) (float64, error) {
	if b, ok := s.(Bounded); ok {
		return b.Bound(ctx, q)
	}
	bound := 0.0
	err := s.Score(ctx, q, func(_ int, _ int64, m kernels.Matrix) error {
		for i := range m.Rows {
			for _, v := range m.Row(i) {
				bound = math.Max(bound, math.Abs(float64(v)))
			}
		}
		return nil
	})
	return bound, err
}
