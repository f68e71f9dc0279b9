package shapley

import (
	"math"
	"math/bits"
)

// normalQuantile[k] is the normal quantile at 1 − 0.025/2^k. A table, because no elementary function of package math
// promises the same bits on every machine.
var normalQuantile = [...]float64{
	1.959964, 2.241403, 2.497705, 2.734369, 2.955167, 3.162818, 3.359354, 3.546338, 3.725004, 3.896343, 4.061167,
	4.220149, 4.373857, 4.522771, 4.667305, 4.807816, 4.944616, 5.077980, 5.208148, 5.335337, 5.459738,
}

// Degrees of freedom below which SimultaneousT is that of minFreedom, and above which it expands in their inverse.
const (
	minFreedom   = 2
	manyFreedoms = 64
)

// level is the row of the table for n players: Bonferroni over n rounded up to a power of two.
func level(n int) int {
	return min(bits.Len(uint(max(n, 1)-1)), len(normalQuantile)-1)
}

// SimultaneousT is the half-width, in standard errors that are themselves estimated with so many degrees of freedom,
// of n simultaneous 95 % intervals: the Student-t quantile at 1 − 0.025/m, m being n rounded up to a power of two
// (Bonferroni). One player: 1.96 with endless freedom, 2.26 with 9; twelve: 2.96 and 4.00.
//
// It takes + − × ÷ and √ only. At an even number of degrees up to 64 it is exact but for rounding (the distribution is
// a finite sum there); between two of them it is linear in the inverse, which is never too narrow: at most 2.4 % too
// wide from 4 degrees on and 29 % from 2 to 4 (up to 64 players). Above 64 it is Cornish and Fisher's expansion of the
// normal quantile to the fourth order, within 10⁻⁵. Below 2 it is the value at 2, which is too narrow: with fewer than
// three outputs' worth of data no figure means much.
func SimultaneousT(n int, freedom float64) float64 {
	k := level(n)
	if !(freedom < manyFreedoms) {
		return cornishFisher(normalQuantile[k], freedom)
	}
	freedom = max(freedom, minFreedom)
	tail := math.Ldexp(0.025, -k)
	low := 2 * int(freedom/2)
	wide := evenT(low, tail)
	if freedom == float64(low) {
		return wide
	}
	narrow := evenT(low+2, tail)
	part := (1/freedom - 1/float64(low+2)) / (1/float64(low) - 1/float64(low+2))
	return narrow + float64(part*(wide-narrow))
}

// evenT is the Student-t quantile at 1 − tail for an even number of degrees. With c² = f/(f+t²) and s² = 1 − c²,
// P(|T| < t) = s·(1 + c²/2 + c⁴·(1·3)/(2·4) + …) with f/2 terms (Abramowitz and Stegun 26.7.4).
func evenT(freedom int, tail float64) float64 {
	inside := func(c2 float64) float64 {
		sum, term := 1.0, 1.0
		for j := 1; j < freedom/2; j++ {
			term = float64(term * (float64(c2*float64(2*j-1)) / float64(2*j)))
			sum += term
		}
		return math.Sqrt(1-c2) * sum
	}
	want := 1 - float64(2*tail)
	low, high := 0.0, 1.0 // of c²: P falls as it grows
	for range 60 {
		mid := float64((low + high) / 2)
		if inside(mid) > want {
			low = mid
		} else {
			high = mid
		}
	}
	return math.Sqrt(float64(freedom) * (1 - low) / low)
}

// cornishFisher expands the Student-t quantile about the normal one, z (Abramowitz and Stegun 26.7.5).
func cornishFisher(z, freedom float64) float64 {
	x, inverse := float64(z*z), 1/freedom
	sum := 0.0
	for _, order := range []struct {
		polynomial []float64 // in z², highest power first
		over       float64
	}{
		{[]float64{79, 776, 1482, -1920, -945}, 92160}, {[]float64{3, 19, 17, -15}, 384}, {[]float64{5, 16, 3}, 96}, {[]float64{1, 1}, 4}, {[]float64{1}, 1},
	} {
		value := 0.0
		for _, c := range order.polynomial {
			value = float64(value*x) + c
		}
		sum = float64(sum*inverse) + value/order.over
	}
	return float64(z * sum)
}
