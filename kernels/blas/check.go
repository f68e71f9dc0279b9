package blas

// CheckBatch is what GemmBatch refuses, for devices that do the same.
func CheckBatch(count int, alpha float32, a, b Batch, beta float32, c Batch, o Options) error {
	_, err := newProduct(count, alpha, a, b, beta, c, o)
	return err
}
