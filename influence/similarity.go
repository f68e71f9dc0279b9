package influence

import (
	"context"
	"fmt"

	"attrib/kernels"
)

// Similarity is a scorer whose scores are a metric between transformed queries and the features. It is Fused.
type Similarity struct {
	Device    kernels.Device
	Features  kernels.Source
	Metric    kernels.Metric
	Units     string                                                 // UnitDerivative or UnitArbitrary
	Transform func(context.Context, Queries) (kernels.Matrix, error) // queries as they meet the features, q×w
	// Factored is Transform for queries in factors. Default: nil, the queries that meet the features are flat
	Factored func(*kernels.FactoredQueries) *kernels.FactoredQueries
}

// Unit is the unit of the scores.
func (s *Similarity) Unit() string { return s.Units }

// Plan gives the transformed queries.
func (s *Similarity) Plan(ctx context.Context, q Queries) (kernels.Matrix, kernels.Metric, error) {
	if err := checkQueries(q, s.Features.Layout().Width); err != nil {
		return kernels.Matrix{}, 0, err
	}
	m, err := s.Transform(ctx, q)
	return m, s.Metric, err
}

// PlanFactored is Plan for queries in factors; they are nil when the scorer, the queries or the features have none.
func (s *Similarity) PlanFactored(q Queries) (*kernels.FactoredQueries, kernels.Metric, error) {
	layout := s.Features.Layout()
	if s.Factored == nil || q.Factors == nil || len(layout.Factors) == 0 || layout.Type != kernels.TypeF32 || s.Metric == kernels.L2 {
		return nil, s.Metric, nil
	}
	if err := checkQueries(q, layout.Width); err != nil {
		return nil, s.Metric, err
	}
	if q.Factors.Rows != q.Gradients.Rows {
		return nil, s.Metric, fmt.Errorf("%d queries in factors, %d flat ones", q.Factors.Rows, q.Gradients.Rows)
	}
	return s.Factored(q.Factors), s.Metric, nil
}

// Score hands out all scores, block by block in the order of rows. The device must be a kernels.Multiplier.
func (s *Similarity) Score(ctx context.Context, q Queries, emit func(q0 int, row0 int64, m kernels.Matrix) error) error {
	m, metric, err := s.Plan(ctx, q)
	if err != nil {
		return err
	}
	d, ok := s.Device.(kernels.Multiplier)
	if !ok {
		return fmt.Errorf("device %q cannot hand out single scores", s.Device.Info().Name)
	}
	return d.Multiply(ctx, s.Features, m, metric, func(row0 int64, scores kernels.Matrix) error {
		return emit(0, row0, scores)
	})
}

func checkQueries(q Queries, width int) error {
	g := q.Gradients
	switch {
	case g.Rows == 0:
		return kernels.ErrNoQueries
	case g.Type != kernels.TypeF32:
		return fmt.Errorf("queries are %v, want %v", g.Type, kernels.TypeF32)
	case g.Cols != width:
		return fmt.Errorf("queries have width %d, the features %d: were they made by the same model and method?", g.Cols, width)
	case q.IDs != nil && len(q.IDs) != g.Rows:
		return fmt.Errorf("%d names for %d queries", len(q.IDs), g.Rows)
	}
	if err := g.Validate(); err != nil {
		return fmt.Errorf("queries: %w", err)
	}
	if i := g.FirstNonFinite(); i >= 0 {
		return fmt.Errorf("query %s holds a NaN or an infinity", q.name(i))
	}
	return nil
}

func (q Queries) name(i int) string {
	if i < len(q.IDs) {
		return fmt.Sprintf("%q", q.IDs[i])
	}
	return fmt.Sprint(i)
}

// negated is −∇m: going down a sample's loss and up the goodness point the same way when −∇m·g_i > 0.
func negated(_ context.Context, q Queries) (kernels.Matrix, error) {
	out := make([]float32, q.Gradients.Rows*q.Gradients.Cols)
	for i := range q.Gradients.Rows {
		for j, v := range q.Gradients.Row(i) {
			out[i*q.Gradients.Cols+j] = -v
		}
	}
	return kernels.F32(q.Gradients.Rows, q.Gradients.Cols, out), nil
}

// negatedFactors are minus the queries: their gradients are turned round, their activations shared.
func negatedFactors(q *kernels.FactoredQueries) *kernels.FactoredQueries {
	out := &kernels.FactoredQueries{Rows: q.Rows, Factors: q.Factors, A: q.A}
	for _, d := range q.D {
		v := make([]float32, 0, d.Rows*d.Cols)
		for i := range d.Rows {
			v = append(v, d.Row(i)...)
		}
		negate(v)
		out.D = append(out.D, kernels.F32(d.Rows, d.Cols, v))
	}
	return out
}
