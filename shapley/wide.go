package shapley

import (
	"math/big"
	"math/bits"
)

// int128 is a two's complement sum of int64 that cannot overflow in any game: 2³² marginals of 2⁶² stay below 2⁹⁴.
// Integer sums are the same in any order, which floats are not.
type int128 struct {
	hi int64
	lo uint64
}

func (a *int128) add(v int64) {
	lo, carry := bits.Add64(a.lo, uint64(v), 0)
	a.lo = lo
	a.hi += v>>63 + int64(carry)
}

func (a int128) big() *big.Int {
	b := new(big.Int).Lsh(big.NewInt(a.hi), 64)
	return b.Add(b, new(big.Int).SetUint64(a.lo))
}

// squares is a 192-bit sum of squares of int64.
type squares [3]uint64

func (s *squares) add(v int64) {
	hi, lo := bits.Mul64(uint64(max(v, -v)), uint64(max(v, -v)))
	var carry uint64
	s[0], carry = bits.Add64(s[0], lo, 0)
	s[1], carry = bits.Add64(s[1], hi, carry)
	s[2] += carry
}

func (s *squares) big() *big.Int {
	b := new(big.Int)
	for k := 2; k >= 0; k-- {
		b.Add(b.Lsh(b, 64), new(big.Int).SetUint64(s[k]))
	}
	return b
}

// ratio is num/den rounded once to a float64.
func ratio(num *big.Int, den *big.Int) float64 {
	f, _ := new(big.Rat).SetFrac(num, den).Float64()
	return f
}
