package kernels

import (
	"context"
	"errors"
	"fmt"
)

// Metric is how a query q and a row g are compared. Larger is always nearer.
type Metric uint8

// The metrics.
const (
	InnerProduct Metric = iota // q·g
	Cosine                     // q·g / (‖q‖‖g‖), and 0 when either norm is 0
	L2                         // −‖q − g‖²
)

// String is the metric's name.
func (m Metric) String() string {
	if names := [...]string{"inner-product", "cosine", "l2"}; int(m) < len(names) {
		return names[m]
	}
	return fmt.Sprintf("Metric(%d)", uint8(m))
}

// Reduce is what is kept, per query and group, of the scores of the group's rows. Scores are first rounded to whole
// multiples of the result's unit, half to even ([Rounder]).
type Reduce uint8

// The reductions.
const (
	Sum          Reduce = iota // Σ s, in 2^Unit
	PositiveSum                // Σ max(s, 0), in 2^Unit
	Max                        // max s, in 2^Unit; EmptyMax for a group without rows
	SumOfSquares               // Σ s², in 2^SquareUnit(Unit, n)
)

// String is the reduction's name.
func (r Reduce) String() string {
	if names := [...]string{"sum", "positive-sum", "max", "sum-of-squares"}; int(r) < len(names) {
		return names[r]
	}
	return fmt.Sprintf("Reduce(%d)", uint8(r))
}

// Errors that callers ask for by errors.Is.
var (
	ErrEmptySource = errors.New("the source has no rows")
	ErrNoQueries   = errors.New("there are no queries")
	ErrOverflow    = errors.New("a score is too large")
)

// Scan is one pass over a source of n rows of width w.
type Scan struct {
	Queries Matrix   // q×w, F32
	Metric  Metric   // default InnerProduct
	K       int      // best rows kept per query, 0 … n
	Worst   int      // lowest rows kept per query, 0 … n: the most harmful ones, without a second pass
	Group   []int32  // length n: the group of each row, −1 for none; nil when Reduce is empty
	Groups  int      // number of groups
	Reduce  []Reduce // what is kept per query and group
	Unit    int      // sums are whole multiples of 2^Unit: see UnitFor
	Exclude []int64  // nil, or per query one row that is left out of everything, −1 for none
}

// Result of a scan. All of it has the same bits for any number of workers and any tiles.
type Result struct {
	ID         []int64   // q×K row numbers by falling score, ties by lower row; −1 pads when Exclude left too few
	Score      []float32 // q×K
	WorstID    []int64   // q×Worst row numbers by rising score, ties by lower row
	WorstScore []float32 // q×Worst
	Sum        [][]int64 // per reduction: q×Groups, units as stated at Reduce
	Unit       int       // the Scan's
	SquareUnit int       // exponent of SumOfSquares: SquareUnit(Unit, n)
	Bytes, Ops int64     // bytes of rows read, floating-point operations of the product
}

// Info describes a device.
type Info struct {
	Name       string // for people
	Arithmetic string // devices of the same Arithmetic give the same bits
	Workers    int    // goroutines or streams that share the work
	TileBytes  int64  // memory of one tile of rows
}

// Device does the arithmetic. Its methods may be called by several goroutines. They return ctx.Err() soon after a
// cancellation, a *RowError for a row that is not finite (the lowest such row), and an error that is ErrOverflow
// for a score that does not fit.
type Device interface {
	Info() Info
	// Scan compares every query with every row; top rows and every reduction come from one pass.
	Scan(ctx context.Context, s Source, scan Scan) (*Result, error)
	// Gram is Σ_i g_i g_iᵀ (w×w), row after row, in float64, or of runs of rows in float32 that are added up in float64: a
	// device says which, and its error.
	Gram(ctx context.Context, s Source) (*Sym64, error)
	Close() error
}

// Multiplier is a Device that can hand out the scores themselves, for methods that are not a sum of scores. Blocks
// come in order of row0; scores (q×rows, F32, the same bits as Scan's) are valid during the call only.
type Multiplier interface {
	Multiply(ctx context.Context, s Source, queries Matrix, metric Metric, emit func(row0 int64, scores Matrix) error) error
}

// Sym64 is a symmetric N×N matrix, row-major and full.
type Sym64 struct {
	N    int
	Data []float64
}

// At is element (i, j).
func (s *Sym64) At(i, j int) float64 { return s.Data[i*s.N+j] }

// RowError says which row of a source or of the queries cannot be used, and why.
type RowError struct {
	What   string // "row" or "query"
	Row    int64
	Reason string
}

// Error names the row.
func (e *RowError) Error() string { return fmt.Sprintf("%s %d: %s", e.What, e.Row, e.Reason) }

// NonFinite is the error for a row of the source that holds a NaN or an infinity.
func NonFinite(row int64) error {
	return &RowError{What: "row", Row: row, Reason: "holds a NaN or an infinity"}
}
