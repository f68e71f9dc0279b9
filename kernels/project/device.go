package project

import (
	"context"
	"fmt"
	"math"

	"attrib/kernels"
)

// Device is a device that projects: Project is [Matrix.Project], ProjectTwoSided is [TwoSided]. Workers and Path are of no
// matter to it.
type Device interface {
	Project(ctx context.Context, m Matrix, x kernels.Matrix, k int, o Options) (kernels.Matrix, error)
	ProjectTwoSided(ctx context.Context, seed [32]byte, layer int, a, d kernels.Matrix, kIn, kOut int, o Options) (pa, pd kernels.Matrix, err error)
}

// Words are what a generator on another device needs: the key, and the last two words of every counter.
func (m Matrix) Words() (key, number [2]uint32) { return m.key, m.number }

// Magnitudes are the 4,096 magnitudes of normal numbers; not to be changed.
func Magnitudes() []float32 { return magnitudes() }

// Check is what Project refuses before it begins: lines x, to k numbers.
func (o Options) Check(x kernels.Matrix, k int) error {
	if err := o.validate(k); err != nil {
		return err
	}
	if err := x.Validate(); err != nil {
		return fmt.Errorf("project: %w", err)
	}
	if x.Type != kernels.TypeF32 || int64(x.Cols) > math.MaxUint32 {
		return fmt.Errorf("project: %d columns of %v, want F32 and fewer than 2³²", x.Cols, x.Type)
	}
	if i := x.FirstNonFinite(); i >= 0 {
		return kernels.NonFinite(int64(i))
	}
	return nil
}

// Places is how many places of a column are not 0 in a Sparse projection to k numbers.
func (o Options) Places(k int) int { return o.nonzeros(k) }

// Scale is what the sums of entries without a factor are multiplied by.
func (o Options) Scale(k int) float64 { return 1 / math.Sqrt(float64(o.divisor(k))) }

// CheckResult refuses projections that are too large for float32, by line.
func CheckResult(y kernels.Matrix) error {
	if i := y.FirstNonFinite(); i >= 0 {
		return &kernels.RowError{What: "row", Row: int64(i), Reason: "its projection is too large for float32"}
	}
	return nil
}
