package shapley

import "math/bits"

// normalQuantile[k] is the normal quantile at 1 − 0.025/2^k. A table, because no elementary function of package math
// promises the same bits on every machine.
var normalQuantile = [...]float64{
	1.959964, 2.241403, 2.497705, 2.734369, 2.955167, 3.162818, 3.359354, 3.546338, 3.725004, 3.896343, 4.061167,
	4.220149, 4.373857, 4.522771, 4.667305, 4.807816, 4.944616, 5.077980, 5.208148, 5.335337, 5.459738,
}

// SimultaneousZ is the half-width, in standard errors, of n simultaneous 95 % normal intervals (Bonferroni over n
// rounded up to a power of two): 1.96 for one, 2.96 for nine to sixteen.
func SimultaneousZ(n int) float64 {
	return normalQuantile[min(bits.Len(uint(max(n, 1)-1)), len(normalQuantile)-1)]
}
