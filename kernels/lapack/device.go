package lapack

import "context"

// Device is a device that factors and solves in float64: Cholesky is [Cholesky] of the lower triangle, CholeskySolve is
// [Solve] with it.
type Device interface {
	Cholesky(ctx context.Context, a Matrix) error
	CholeskySolve(ctx context.Context, chol, b Matrix) error
}
