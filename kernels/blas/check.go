package blas

import "context"

// Device is a device that multiplies: GemmBatch is [GemmBatch]. Workers and Path are of no matter to it.
type Device interface {
	GemmBatch(ctx context.Context, count int, alpha float32, a, b Batch, beta float32, c Batch, o Options) error
}

// CheckBatch is what GemmBatch refuses, for devices that do the same.
func CheckBatch(count int, alpha float32, a, b Batch, beta float32, c Batch, o Options) error {
	_, err := newProduct(count, alpha, a, b, beta, c, o)
	return err
}
