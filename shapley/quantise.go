package shapley

import (
	"errors"
	"fmt"
	"math/bits"
)

// ErrAllZero says that no player has any influence on any output, so there is nothing to divide.
var ErrAllZero = errors.New("all influence sums are zero")

// maxSum is the largest |sum| that kernels.UnitFor allows; more means that the unit was too small and sums wrapped.
const maxSum = 1 << 62

// Quantise takes influence sums across the money boundary: once, into int32 with one recorded power of two. sum is
// outputs × players, row-major, each value v meaning v·2^unit. The scale is the smallest that keeps every output's
// Σ|value| below 2³¹; values round half to even. ErrAllZero and overflowing sums are errors that name the place.
func Quantise(sum []int64, unit int, players []string, outputs []Output, meta Meta) (*Scores, error) {
	n, q := len(players), len(outputs)
	if len(sum) != n*q {
		return nil, fmt.Errorf("quantise: %d sums, want %d outputs × %d players", len(sum), q, n)
	}
	zero := true
	for k, v := range sum {
		if v > maxSum || v < -maxSum {
			return nil, fmt.Errorf("quantise: output %q, player %q: the sum %d overflows 2^62; it needs a larger unit than 2^%d",
				outputs[k/n].ID, players[k%n], v, unit)
		}
		zero = zero && v == 0
	}
	if zero && len(sum) > 0 {
		return nil, fmt.Errorf("quantise: %w", ErrAllZero)
	}
	s := &Scores{Players: players, Outputs: outputs, Meta: meta, Value: make([]int32, len(sum))}
	shift := 0
	for row := range q {
		shift = max(shift, rowShift(sum[row*n:(row+1)*n], shift))
	}
	s.Scale = unit + shift
	for k, v := range sum {
		s.Value[k] = int32(shiftRound(v, shift))
	}
	return s, s.Validate()
}

// rowShift is the smallest shift ≥ from with Σ|round(v/2^shift)| ≤ MaxRow.
func rowShift(row []int64, from int) int {
	for shift := from; ; shift++ {
		var lo, carry, hi uint64
		for _, v := range row {
			r := shiftRound(v, shift)
			lo, carry = bits.Add64(lo, uint64(max(r, -r)), 0)
			hi += carry
		}
		if hi == 0 && lo <= MaxRow {
			return shift
		}
	}
}

// shiftRound is v/2^shift rounded half to even, for |v| ≤ 2⁶².
func shiftRound(v int64, shift int) int64 {
	if shift == 0 {
		return v
	}
	if shift > 63 {
		return 0
	}
	floor := v >> shift
	rest, half := uint64(v)&(1<<shift-1), uint64(1)<<(shift-1)
	if rest > half || rest == half && floor&1 == 1 {
		floor++
	}
	return floor
}
