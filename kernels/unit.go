package kernels

import (
	"context"
	"errors"
	"math"
	"math/bits"
)

// MinUnit and MaxUnit bound Scan.Unit. Every float32 score and every count of rows has a unit between them.
const (
	MinUnit = -256
	MaxUnit = 256
)

// EmptyMax is what Max gives for a group without rows.
const EmptyMax = math.MinInt64

// UnitFor is the smallest exponent such that n scores of magnitude bound, in units of 2^Unit, stay under 2^62. A bound
// of zero gives MinUnit; a NaN, an infinity or a negative number gives MaxUnit.
func UnitFor(bound float64, n int64) int {
	total := bound * float64(max(n, 1))
	switch {
	case total == 0:
		return MinUnit
	case !(total > 0) || math.IsInf(total, 0):
		return MaxUnit
	}
	_, e := math.Frexp(total)
	return min(max(e-62, MinUnit), MaxUnit)
}

// SquareUnit is the exponent in which SumOfSquares of n scores is given. Scores that pass Rounder's limit for unit
// cannot overflow it: n·s² < 2^63·2^SquareUnit.
func SquareUnit(unit int, n int64) int {
	return 2*unit + 63 - (bits.Len64(uint64(max(n, 1))) - 1)
}

// Rounder turns float32 scores into integers. It refuses scores whose sum over n rows could overflow, by a limit on
// each score, so that the answer does not depend on the order of addition: |s|·n ≤ 1.5·2^62·2^Unit, half as much again
// as UnitFor allows its bound, for rounding in the scores themselves.
type Rounder struct{ linear, square, limit float64 }

// NewRounder is for sums over a source of n rows in 2^unit; unit lies in MinUnit … MaxUnit.
func NewRounder(unit int, n int64) Rounder {
	return Rounder{
		linear: math.Ldexp(1, -unit),
		square: math.Ldexp(1, -SquareUnit(unit, n)),
		limit:  0x1.8p62 / float64(max(n, 1)),
	}
}

// Linear is score in 2^Unit, rounded half to even. ok is false when the score is too large, infinite or a NaN.
func (r Rounder) Linear(score float32) (v int64, ok bool) {
	x := float64(score) * r.linear
	if !(math.Abs(x) <= r.limit) {
		return 0, false
	}
	return int64(math.RoundToEven(x)), true
}

// Square is score² in 2^SquareUnit, rounded half to even, for a score that Linear accepts.
func (r Rounder) Square(score float32) int64 {
	s := float64(score)
	return int64(math.RoundToEven(s * s * r.square))
}

// MaxNorm is the largest Euclidean norm of a row, from one pass in float64. A source that knows it (a method
// MaxNorm() float64) is believed. Together with the largest norm of the queries it bounds every inner product.
func MaxNorm(ctx context.Context, s Source) (float64, error) {
	if known, ok := s.(interface{ MaxNorm() float64 }); ok {
		return known.MaxNorm(), nil
	}
	_, norm, err := Longest(ctx, s)
	return norm, err
}

// Longest is the row with the largest Euclidean norm, the lowest of several, and that norm, from one pass in float64.
func Longest(ctx context.Context, s Source) (row int64, norm float64, err error) {
	s = Flatten(s)
	err = Guard(s, func() (err error) {
		row, norm, err = longest(ctx, s)
		return err
	})
	return row, math.Sqrt(norm), err
}

func longest(ctx context.Context, s Source) (row int64, worst float64, err error) {
	t, decoded := new(Tile), []float32(nil)
	defer t.Release()
	rows := max(1, int(min(int64(1<<20)/int64(max(1, s.Layout().Width)), 1<<20)))
	for row0 := int64(0); row0 < s.Len(); row0 += int64(rows) {
		t.Rows = int(min(int64(rows), s.Len()-row0))
		if err := errors.Join(ctx.Err(), s.Read(ctx, row0, t)); err != nil {
			return 0, 0, err
		}
		if err := t.CheckFlat(s.Layout()); err != nil {
			return 0, 0, err
		}
		for i := range t.Rows {
			sq := SquaredNorm(t.Flat.single(i, &decoded))
			if math.IsNaN(sq) || math.IsInf(sq, 0) {
				return 0, 0, NonFinite(row0 + int64(i))
			}
			if sq > worst {
				row, worst = row0+int64(i), sq
			}
		}
	}
	return row, worst, nil
}

// SquaredNorm is ‖v‖² in float64 over four interleaved partial sums. The squares are exact, so it has the same bits
// whether a machine fuses or not.
func SquaredNorm(v []float32) float64 {
	var a, b, c, d float64
	i := 0
	for ; i+4 <= len(v); i += 4 {
		x := v[i : i+4 : i+4]
		a += float64(x[0]) * float64(x[0])
		b += float64(x[1]) * float64(x[1])
		c += float64(x[2]) * float64(x[2])
		d += float64(x[3]) * float64(x[3])
	}
	for ; i < len(v); i++ {
		a += float64(v[i]) * float64(v[i])
	}
	return (a + b) + (c + d)
}
