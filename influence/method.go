package influence

import (
	"context"
	"errors"
	"fmt"
	"math"

	"attrib/kernels"
)

// Run is what a method is fitted on.
type Run struct {
	Features kernels.Source // n rows g_i = ∇ℓ_i, as Gradients makes them
	N        int64          // denominator of the training objective. Default: Features.Len()
	Damping  float64        // λ as a multiple of the mean eigenvalue of the curvature. Default: 0.1 (also for 0)
	Seeds    []int64        // seeds of the models used; for the record
	At       float64        // sample weight at which to linearise. Default: 1
	Device   kernels.Device // does the arithmetic; required
	Warn     func(error)    // gets warnings. Default: nil, dropped
}

// Validate reports every problem together.
func (r *Run) Validate() error {
	var all []error
	if r.Features == nil {
		all = append(all, errors.New("no features are given"))
	} else if r.Features.Len() == 0 {
		all = append(all, kernels.ErrEmptySource)
	}
	if r.Device == nil {
		all = append(all, errors.New("no device is given"))
	}
	if r.N < 0 {
		all = append(all, fmt.Errorf("the denominator N is %d, want a positive number", r.N))
	}
	if !(r.Damping >= 0) || math.IsInf(r.Damping, 0) {
		all = append(all, fmt.Errorf("damping %v, want a number ≥ 0", r.Damping))
	}
	if r.At != 0 && r.At != 1 {
		all = append(all, fmt.Errorf("these methods linearise at weight 1, not %v", r.At))
	}
	return errors.Join(all...)
}

func (r *Run) warn(err error) {
	if r.Warn != nil {
		r.Warn(err)
	}
}

// denominator is N or the number of rows.
func (r *Run) denominator() float64 {
	if r.N > 0 {
		return float64(r.N)
	}
	return float64(r.Features.Len())
}

// Queries are the outputs to attribute.
type Queries struct {
	IDs       []string
	Gradients kernels.Matrix // q×w, F32: ∇m(z), the gradient of the goodness, laid out like the features
	// Factors are the same gradients in factors, or nil: a pass over factored features then needs no flat rows.
	Factors *kernels.FactoredQueries
}

// Needs says what a method wants its features to be.
type Needs struct {
	Gradients bool // rows are per-sample loss gradients
	Embedding bool // rows are embeddings
	Curvature bool // Fit makes a pass over the features for their Gram matrix
}

// Method turns features into a scorer.
type Method interface {
	Name() string
	Needs() Needs
	Fit(context.Context, *Run) (Scorer, error)
}

// Scorer scores queries against the features it was fitted on: τ_i(z) = ∂m(z)/∂w_i at w = 1, where w_i is the weight
// of sample i in the training objective (a mean over N with a fixed denominator). τ > 0: the sample helped. Methods
// whose Unit is Arbitrary give τ up to an unknown positive factor.
type Scorer interface {
	// Score hands out scores block by block: m is queries×rows, F32, for queries from q0 and rows from row0, valid
	// during the call only. Blocks come in a fixed order.
	Score(ctx context.Context, q Queries, emit func(q0 int, row0 int64, m kernels.Matrix) error) error
	// Unit is UnitDerivative when scores are dm/dw, else UnitArbitrary.
	Unit() string
}

// Units of scores, as files name them.
const (
	UnitDerivative = "dm/dw"
	UnitArbitrary  = "arbitrary"
)

// Fused is a scorer whose scores are a similarity between transformed queries and the features, so that one fused
// Scan makes top rows and sums together.
type Fused interface {
	Scorer
	Plan(ctx context.Context, q Queries) (queries kernels.Matrix, metric kernels.Metric, err error)
}
