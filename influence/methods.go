package influence

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"attrib/kernels"
	"attrib/kernels/lapack"
)

// Methods are the gradient methods, by rising cost.
func Methods() []Method {
	return []Method{similarityMethod{"dot", kernels.InnerProduct}, similarityMethod{"cosine", kernels.Cosine}, fisher{}}
}

// ByName is the method of that name; an unknown name is an error that lists the names there are.
func ByName(name string) (Method, error) {
	var names []string
	for _, m := range Methods() {
		if m.Name() == name {
			return m, nil
		}
		names = append(names, m.Name())
	}
	return nil, fmt.Errorf("method %q is not one of %s", name, strings.Join(names, ", "))
}

// similarityMethod scores by −∇m·g_i, or its cosine.
type similarityMethod struct {
	name   string
	metric kernels.Metric
}

func (m similarityMethod) Name() string { return m.name }
func (m similarityMethod) Needs() Needs { return Needs{Gradients: true} }

func (m similarityMethod) Fit(_ context.Context, r *Run) (Scorer, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	return &Similarity{Device: r.Device, Features: r.Features, Metric: m.metric, Units: UnitArbitrary, Transform: negated, Factored: negatedFactors}, nil
}

// MaxCurvature bounds the width of rows for which a full curvature matrix is built: its memory is 8·width² bytes.
const MaxCurvature = 16384

// DefaultDamping is λ as a multiple of the curvature's mean eigenvalue, the best untuned choice in our measurements.
const DefaultDamping = 0.1

// fisher is the method "influence": τ_i = −(1/N) ∇mᵀ (F+λI)⁻¹ g_i.
type fisher struct{}

func (fisher) Name() string { return "influence" }
func (fisher) Needs() Needs { return Needs{Gradients: true, Curvature: true} }

func (fisher) Fit(ctx context.Context, r *Run) (Scorer, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	if w := r.Features.Layout().Width; w > MaxCurvature {
		return nil, fmt.Errorf("the curvature of %d parameters would take %.0f GB; influence is for up to %d: use dot or cosine, or a smaller model",
			w, 8*float64(w)*float64(w)/1e9, MaxCurvature)
	}
	gram, err := r.Device.Gram(ctx, r.Features)
	if err != nil {
		return nil, fmt.Errorf("curvature: %w", err)
	}
	chol, err := r.factor(gram)
	if err != nil {
		return nil, err
	}
	solve := &solver{r.Features, chol, -1 / r.denominator()}
	return &Similarity{Device: r.Device, Features: r.Features, Metric: kernels.InnerProduct, Units: UnitDerivative, Transform: solve.queries}, nil
}

// factor turns the Gram matrix into F + λI, in place, and factors it.
func (r *Run) factor(gram *kernels.Sym64) (lapack.Matrix, error) {
	trace := 0.0
	for i := range gram.N {
		trace += gram.At(i, i)
	}
	if trace == 0 {
		return lapack.Matrix{}, errors.New("curvature: every gradient is zero; is the model trained to a loss of exactly 0?")
	}
	n := float64(r.Features.Len())
	damping := r.Damping
	if damping == 0 {
		damping = DefaultDamping
	}
	for i := range gram.Data {
		gram.Data[i] /= n
	}
	for i := range gram.N {
		gram.Data[i*gram.N+i] += damping * trace / n / float64(gram.N)
	}
	a := lapack.Dense(gram.N, gram.N, gram.Data)
	norm := lapack.Norm(lapack.Lower, a)
	if err := lapack.Cholesky(lapack.Lower, a, lapack.Options{}); err != nil {
		return a, fmt.Errorf("curvature: the Fisher matrix with damping %v: %w; raise the damping (default %v)", damping, err, DefaultDamping)
	}
	cond, err := lapack.Condition(lapack.Lower, a, norm, lapack.Options{})
	if err != nil {
		return a, fmt.Errorf("curvature: %w", err)
	}
	if cond > 1e12 {
		r.warn(fmt.Errorf("curvature: condition number %.1e with damping %v; scores may be dominated by rounding", cond, damping))
	}
	return a, nil
}

// solveBlock is how many queries are solved for at once: the triangles are then read once for all of them. A query's
// bits do not depend on the others in its block.
const solveBlock = 480

// solver applies scale·(F+λI)⁻¹ to queries, in float64, rounded once to float32.
type solver struct {
	features kernels.Source
	chol     lapack.Matrix // L in its lower triangle
	scale    float64
}

func (s *solver) queries(ctx context.Context, q Queries) (kernels.Matrix, error) {
	g := q.Gradients
	out := make([]float32, g.Rows*g.Cols)
	for lo := 0; lo < g.Rows; lo += solveBlock {
		if err := ctx.Err(); err != nil {
			return kernels.Matrix{}, err
		}
		hi := min(lo+solveBlock, g.Rows)
		if err := s.block(g.Slice(lo, hi), out[lo*g.Cols:hi*g.Cols]); err != nil {
			return kernels.Matrix{}, fmt.Errorf("queries %s to %s: %w", q.name(lo), q.name(hi-1), err)
		}
	}
	m := kernels.F32(g.Rows, g.Cols, out)
	if i := m.FirstNonFinite(); i >= 0 {
		return kernels.Matrix{}, fmt.Errorf("query %s: its scores are not finite; raise the damping", q.name(i))
	}
	for i := range m.Rows {
		if faded(g.Row(i), m.Row(i)) {
			return kernels.Matrix{}, s.blame(ctx, q.name(i))
		}
	}
	return m, nil
}

// faded says whether an ordinary query has become so small that float32 no longer holds it with all its digits. One that was
// next to nothing before, of an output that no weight changes, may become nothing.
func faded(query, solved []float32) bool {
	return largest(solved) < 0x1p-126 && largest(query) >= 0x1p-63
}

func largest(v []float32) float32 {
	top := float32(0)
	for _, x := range v {
		top = max(top, x, -x)
	}
	return top
}

// blame names the row that the curvature, and so the damping, is too large for a query to remain: the longest.
func (s *solver) blame(ctx context.Context, query string) error {
	row, norm, err := kernels.Longest(ctx, s.features)
	if err != nil {
		return err
	}
	return fmt.Errorf("query %s: its scores are too small for float32: %w", query, &kernels.RowError{What: "row", Row: row,
		Reason: fmt.Sprintf("its gradient has norm %.3g, the largest, and the curvature with it leaves nothing of the others; leave the sample out, or scale the features down", norm)})
}

// block solves for the rows of g, which are the columns of the right-hand side.
func (s *solver) block(g kernels.Matrix, out []float32) error {
	n, m := g.Cols, g.Rows
	x := lapack.Dense(n, m, make([]float64, n*m))
	for i := range m {
		for j, v := range g.Row(i) {
			x.Data[j*m+i] = float64(v)
		}
	}
	if err := lapack.Solve(lapack.Lower, s.chol, x, lapack.Options{}); err != nil {
		return err
	}
	for i := range m {
		for j := range n {
			out[i*n+j] = float32(s.scale * x.Data[j*m+i])
		}
	}
	return nil
}
