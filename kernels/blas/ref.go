package blas

// Reference does what [GemmBatch] does in float64, one element after the other, and leaves c as it is: the results of
// all products, row-major, count·m·n values. It is the oracle of the tests.
func Reference(count int, alpha float32, a, b Batch, beta float32, c Batch, o Options) []float64 {
	m, k := a.Dims()
	_, n := b.Dims()
	out := make([]float64, 0, count*m*n)
	for p := range count {
		for i := range m {
			for j := range n {
				sum := 0.0
				for t := range k {
					sum += float64(a.at(p, i, t)) * float64(b.at(p, t, j))
				}
				if sum *= float64(alpha); alpha == 0 {
					sum = 0
				}
				switch {
				case o.Bias != nil:
					sum += float64(o.Bias[p*o.BiasStep+j])
				case beta != 0:
					sum += float64(beta) * float64(c.at(p, i, j))
				}
				out = append(out, sum)
			}
		}
	}
	return out
}

// at is element (i, j) of operand p.
func (b Batch) at(p, i, j int) float32 {
	row, col := b.steps()
	return b.Data[p*b.Step+i*row+j*col]
}
