package kernels

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// FactoredQueries are queries in factors, as factored rows are: query i is Σ_p D[i,p]⊗A[i,p], layer after layer. Layers
// are those of the rows they meet; positions may be others.
type FactoredQueries struct {
	Rows    int
	Factors []FactorDims
	A, D    []Matrix // per layer, F32: Rows·Positions × In and Rows·Positions × Out
}

// FactoredScanner is a Device that compares rows and queries by their factors. The product of two rows is
// Σ_layers Σ_{p,p'} (a_p·a'_p')(d_p·d'_p'), so neither is multiplied out: the work is positions·positions'·(In+Out)
// instead of In·Out a layer, and rows are read as they are held. This is the "ghost dot-product" of Wang, Mittal, Song
// and Jia, "Data Shapley in One Training Run" (2024).
//
// Results are as Scan's over Flatten, up to rounding. Where Scan says that a row is not finite since its product
// overflows, this says that a score does, or gives it when it fits.
type FactoredScanner interface {
	// ScanFactored compares queries with rows of a factored source. Scan.Queries is empty; the metric is InnerProduct or
	// Cosine.
	ScanFactored(ctx context.Context, s Source, q FactoredQueries, scan Scan) (*Result, error)
}

// ValidateFactored reports everything that is wrong with a scan of factored rows, together. Devices call it before they
// read.
func ValidateFactored(s Source, q FactoredQueries, scan Scan) error {
	l := s.Layout()
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	if len(l.Factors) == 0 {
		bad("the rows are flat, not factored")
	} else if l.Type != TypeF32 {
		bad("factors of type %v cannot be compared, only F32", l.Type)
	}
	if scan.Metric != InnerProduct && scan.Metric != Cosine {
		bad("metric %v is not one of factored rows: %v and %v are", scan.Metric, InnerProduct, Cosine)
	}
	if scan.Queries.Rows != 0 || scan.Queries.Cols != 0 {
		bad("field Queries is a matrix of %d×%d: the queries are factored", scan.Queries.Rows, scan.Queries.Cols)
	}
	errs = append(errs, scan.checkReach(s.Len()), q.Validate(l.Factors))
	if err := l.Validate(); err != nil {
		bad("source: %w", err)
	}
	scan.Queries.Rows = q.Rows
	return errors.Join(append(errs, scan.checkGroups(s.Len()), scan.checkExclude(s.Len()))...)
}

// Validate reports everything that keeps the queries from being compared with rows of those factors, together.
func (q FactoredQueries) Validate(rows []FactorDims) error {
	if q.Rows <= 0 {
		return ErrNoQueries
	}
	if len(q.Factors) != len(rows) || len(q.A) != len(rows) || len(q.D) != len(rows) {
		return fmt.Errorf("queries have %d layers, %d of activations and %d of gradients, rows have %d", len(q.Factors), len(q.A), len(q.D), len(rows))
	}
	var errs []error
	for l, f := range q.Factors {
		if f.In != rows[l].In || f.Out != rows[l].Out {
			errs = append(errs, fmt.Errorf("layer %d: queries are %d×%d, rows are %d×%d", l, f.Out, f.In, rows[l].Out, rows[l].In))
			continue
		}
		if err := f.validate(); err != nil {
			errs = append(errs, fmt.Errorf("layer %d of the queries: %w", l, err))
			continue
		}
		errs = append(errs, q.checkFactor(l, "activations", q.A[l], f.In), q.checkFactor(l, "gradients", q.D[l], f.Out))
	}
	return errors.Join(errs...)
}

func (q FactoredQueries) checkFactor(l int, name string, m Matrix, width int) error {
	positions := q.Factors[l].Positions
	if err := m.Validate(); err != nil {
		return fmt.Errorf("layer %d: %s of the queries: %w", l, name, err)
	}
	if m.Type != TypeF32 || m.Cols != width || m.Rows != q.Rows*positions {
		return fmt.Errorf("layer %d: %s of the queries are %v %d×%d, want F32 %d×%d", l, name, m.Type, m.Rows, m.Cols, q.Rows*positions, width)
	}
	if i := m.FirstNonFinite(); i >= 0 {
		return &RowError{What: "query", Row: int64(i / positions), Reason: "holds a NaN or an infinity"}
	}
	return nil
}

// Source reads the queries as factored rows.
func (q FactoredQueries) Source() Source { return factoredSource{q} }

type factoredSource struct{ q FactoredQueries }

func (s factoredSource) Len() int64 { return int64(s.q.Rows) }

func (s factoredSource) Layout() Layout {
	l := Layout{Factors: s.q.Factors}
	for _, f := range l.Factors {
		l.Width += f.In * f.Out
	}
	return l
}

func (s factoredSource) Read(ctx context.Context, row0 int64, t *Tile) error {
	if err := errors.Join(ctx.Err(), t.CheckRange(row0, s.Len())); err != nil {
		return err
	}
	t.Flat, t.A, t.D = Matrix{}, nil, nil
	for l, f := range s.q.Factors {
		lo, hi := int(row0)*f.Positions, (int(row0)+t.Rows)*f.Positions
		t.A, t.D = append(t.A, s.q.A[l].Slice(lo, hi)), append(t.D, s.q.D[l].Slice(lo, hi))
	}
	return nil
}

// CheckFlat says what is wrong with the flat rows that a source of that layout has read into a tile.
func (t *Tile) CheckFlat(l Layout) error {
	if t.Flat.Rows != t.Rows || t.Flat.Cols != l.Width || t.Flat.Type != l.Type {
		return fmt.Errorf("the source gave %d×%d numbers of type %v for %d rows of width %d and type %v",
			t.Flat.Rows, t.Flat.Cols, t.Flat.Type, t.Rows, l.Width, l.Type)
	}
	return t.Flat.Validate()
}

// CheckFactors says what is wrong with the factors that a source of that layout has read into a tile.
func (t *Tile) CheckFactors(l Layout) error {
	if len(t.A) != len(l.Factors) || len(t.D) != len(l.Factors) {
		return fmt.Errorf("the source gave %d and %d factors for %d layers", len(t.A), len(t.D), len(l.Factors))
	}
	for i, f := range l.Factors {
		for _, m := range []struct {
			Matrix
			width int
		}{{t.A[i], f.In}, {t.D[i], f.Out}} {
			if m.Rows != t.Rows*f.Positions || m.Cols != m.width || m.Type != l.Type {
				return fmt.Errorf("layer %d: the source gave %d×%d numbers of type %v for %d rows of %d positions, width %d and type %v",
					i, m.Rows, m.Cols, m.Type, t.Rows, f.Positions, m.width, l.Type)
			}
			if err := m.Validate(); err != nil {
				return fmt.Errorf("layer %d: %w", i, err)
			}
		}
	}
	return nil
}

// FactoredNorm is ‖Σ_p d_p⊗a_p‖² over all layers of row i, in float64, without multiplying out.
func FactoredNorm(dims []FactorDims, a, d []Matrix, i int) float64 {
	total := 0.0
	for l, f := range dims {
		total += f.squaredNorm(a[l], d[l], i*f.Positions)
	}
	return total
}

// squaredNorm is that of the layer of the row that begins at line first.
func (f FactorDims) squaredNorm(a, d Matrix, first int) float64 {
	twice, sum := 0.0, 0.0
	for p := range f.Positions {
		x, y := a.Row(first+p), d.Row(first+p)
		sum += SquaredNorm(x) * SquaredNorm(y)
		for other := range p {
			twice += dot64(x, a.Row(first+other)) * dot64(y, d.Row(first+other))
		}
	}
	return math.Max(0, sum+2*twice)
}

// dot64 is the product of two rows in float64, in order. Products of float32 are exact there.
func dot64(x, y []float32) float64 {
	sum := 0.0
	for k, v := range x {
		sum += float64(v) * float64(y[k])
	}
	return sum
}
