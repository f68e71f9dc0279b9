package kernels

import (
	"context"
	"errors"
	"fmt"
)

// SketchOptions say how many rows a sketch passes on. The zero value works.
type SketchOptions struct {
	// Candidates is the number of rows kept per query and list (the best, the worst) before they are scored exactly; at
	// least K and Worst. Default: 3·k/2 + 8 of the larger k. On 200,000 gradients of digits 12 candidates found all of the
	// ten best and worst rows of 64 queries (kernels/cpu, BenchmarkSketchRecall); rows that lie closer together than bytes
	// can tell need more.
	Candidates int
}

// SketchScanner is a Device that can look for the top rows in a coarse copy of the source first: rows of bytes with a
// scale each, a quarter of the memory traffic and several times the rate of products.
type SketchScanner interface {
	// ScanSketch is Scan with K and Worst over the rows of exact, by way of sketch, whose row i is an I8 form of row i
	// (Encode, or a store converted to I8). Rows of exact are read only for candidates. Scores, their order and ties are
	// those of Scan, bit for bit; a row whose sketch is not among the candidates is missed. InnerProduct only, and no
	// Reduce: sums need every exact score. Result.Bytes counts both sources.
	ScanSketch(ctx context.Context, sketch, exact Source, scan Scan, o SketchOptions) (*Result, error)
}

// MaxSketchWidth is the largest width of a sketch's rows.
const MaxSketchWidth = 1 << 30

// Resolve is the number of candidates of a list, at most the number of rows; the error reports everything that is wrong
// with the request, together.
func (o SketchOptions) Resolve(sketch, exact Source, scan Scan) (candidates int, err error) {
	errs := []error{scan.Validate(exact)}
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	l, width := sketch.Layout(), exact.Layout().Width
	if err := l.Validate(); err != nil {
		bad("sketch: %w", err)
	}
	if l.Type != TypeI8 || len(l.Factors) > 0 {
		bad("the sketch must be flat rows of type I8, its rows are %v with %d factors", l.Type, len(l.Factors))
	}
	if l.Width != width || l.Width > MaxSketchWidth {
		bad("the sketch has width %d, the rows have width %d; both must be the same and at most %d", l.Width, width, MaxSketchWidth)
	}
	if sketch.Len() != exact.Len() {
		bad("the sketch has %d rows, but there are %d", sketch.Len(), exact.Len())
	}
	if scan.Metric != InnerProduct {
		bad("field Metric is %v: a sketch is for inner-product only", scan.Metric)
	}
	if len(scan.Reduce) > 0 {
		bad("field Reduce is not empty: sums need every exact score, which a sketch does not give")
	}
	k := max(scan.K, scan.Worst)
	switch {
	case o.Candidates < 0:
		bad("option Candidates is %d, less than 0", o.Candidates)
	case o.Candidates == 0:
		o.Candidates = 3*k/2 + 8
	case o.Candidates < k:
		bad("option Candidates is %d, fewer than the %d rows asked for", o.Candidates, k)
	}
	return int(min(int64(o.Candidates), max(0, exact.Len()))), errors.Join(errs...)
}
