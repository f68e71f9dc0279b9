package embed

import (
	"context"
	"errors"
	"fmt"
	"math"

	"attrib/influence"
	"attrib/kernels"
)

// Measures of nearness.
const (
	Cosine = "cosine" // cosine of the angle
	L2     = "l2"     // −‖x−z‖²
	RBF    = "rbf"    // exp(−γ‖x−z‖²)
)

// DefaultGamma is γ of the RBF measure, for pixels in 0 … 1.
const DefaultGamma = 0.5

// Neighbours is the method that scores samples by their nearness to an output. Run.Features are embeddings, and
// Queries.Gradients hold the embeddings of the outputs.
type Neighbours struct {
	Measure     string  // Cosine, L2 or RBF. Default: Cosine
	Gamma       float64 // γ of RBF. Default: 0.5
	LabelSign   bool    // multiply by −1 where labels differ. Default: no
	Labels      []int32 // per row, for LabelSign
	QueryLabels []int32 // per query, for LabelSign
}

// Name is "neighbours-<measure>", with "-label" when signed.
func (n Neighbours) Name() string {
	name := "neighbours-" + n.measure()
	if n.LabelSign {
		name += "-label"
	}
	return name
}

// Needs says that rows are embeddings.
func (n Neighbours) Needs() influence.Needs { return influence.Needs{Embedding: true} }

func (n Neighbours) measure() string {
	if n.Measure == "" {
		return Cosine
	}
	return n.Measure
}

// Fit checks the options. The scorer is influence.Fused for cosine and l2 without label sign.
func (n Neighbours) Fit(_ context.Context, r *influence.Run) (influence.Scorer, error) {
	if err := errors.Join(r.Validate(), n.validate(r)); err != nil {
		return nil, err
	}
	metric := kernels.L2
	if n.measure() == Cosine {
		metric = kernels.Cosine
	}
	plain := &influence.Similarity{Device: r.Device, Features: r.Features, Metric: metric, Units: influence.UnitArbitrary, Transform: same}
	if n.measure() != RBF && !n.LabelSign {
		return plain, nil
	}
	if n.Gamma == 0 {
		n.Gamma = DefaultGamma
	}
	return &reshaped{n, plain}, nil
}

func (n Neighbours) validate(r *influence.Run) error {
	var all []error
	switch n.measure() {
	case Cosine, RBF:
	case L2:
		if n.LabelSign {
			all = append(all, errors.New("l2 is never positive, so it cannot carry a label sign: use cosine or rbf"))
		}
	default:
		all = append(all, fmt.Errorf("measure %q is not one of %s, %s, %s", n.Measure, Cosine, L2, RBF))
	}
	if !(n.Gamma >= 0) || math.IsInf(n.Gamma, 0) {
		all = append(all, fmt.Errorf("gamma is %v, want a number ≥ 0", n.Gamma))
	}
	if n.LabelSign && r.Features != nil && int64(len(n.Labels)) != r.Features.Len() {
		all = append(all, fmt.Errorf("%d labels for %d rows", len(n.Labels), r.Features.Len()))
	}
	return errors.Join(all...)
}

// same hands the embeddings of the outputs on as they are.
func same(_ context.Context, q influence.Queries) (kernels.Matrix, error) { return q.Gradients, nil }

// reshaped turns the plain scores into RBF or signed ones. All lie in −1 … 1.
type reshaped struct {
	n     Neighbours
	plain *influence.Similarity
}

func (s *reshaped) Unit() string { return influence.UnitArbitrary }

// Bound is 1, and a little for rounding.
func (s *reshaped) Bound(context.Context, influence.Queries) (float64, error) { return 1.0001, nil }

func (s *reshaped) Score(ctx context.Context, q influence.Queries, emit func(q0 int, row0 int64, m kernels.Matrix) error) error {
	if s.n.LabelSign && len(s.n.QueryLabels) != q.Gradients.Rows {
		return fmt.Errorf("%d labels for %d queries", len(s.n.QueryLabels), q.Gradients.Rows)
	}
	var out []float32
	return s.plain.Score(ctx, q, func(q0 int, row0 int64, m kernels.Matrix) error {
		if len(out) < m.Rows*m.Cols {
			out = make([]float32, m.Rows*m.Cols)
		}
		for i := range m.Rows {
			for j, v := range m.Row(i) {
				out[i*m.Cols+j] = s.score(v, q0+i, row0+int64(j))
			}
		}
		return emit(q0, row0, kernels.F32(m.Rows, m.Cols, out))
	})
}

func (s *reshaped) score(v float32, query int, row int64) float32 {
	if s.n.measure() == RBF {
		v = float32(math.Exp(s.n.Gamma * float64(v)))
	}
	if s.n.LabelSign && s.n.QueryLabels[query] != s.n.Labels[row] {
		return -v
	}
	return v
}
