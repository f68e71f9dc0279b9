package walk

import (
	"fmt"
	"math/bits"

	"attrib/kernels/simd"
)

// Mantissa is how many bits of a total select a knot: a table has 2^Mantissa knots an octave.
const Mantissa = 10

// Knots is how many knots a table has that can be read at every x < 2³¹.
const Knots = (31-Mantissa-1)<<Mantissa + 2<<Mantissa + 1

// unit is the functions on one path, over whole vectors of lanes outputs.
type unit struct {
	lanes int
	sum   func(omega []int64, x []int32, sums []int64, gain *[8]int64)
	best  func(omega []int64, x []int32, had, sums []int64, gain *[8]int64)
	curve func(omega []int64, x []int32, had, credit, sums, knots []int64, gain *[8]int64)
}

// Sum is Σ_q ω_q·x_q; it adds x to sums.
func Sum(omega []int64, x []int32, sums []int64) (gain int64) {
	return units[simd.Active()].doSum(omega, x, sums)
}

// Best raises had to the larger of itself and x, adds the rise to sums, and is Σ_q ω_q·rise_q.
func Best(omega []int64, x []int32, had, sums []int64) (gain int64) {
	return units[simd.Active()].doBest(omega, x, had, sums)
}

// Curve adds x, which is not negative, to had, sets credit to g(had), adds the rise of credit to sums, and is Σ_q
// ω_q·rise_q. knots is the table of g: [At] says how it is read.
func Curve(omega []int64, x []int32, had, credit, sums, knots []int64) (gain int64) {
	return units[simd.Active()].doCurve(omega, x, had, credit, sums, knots)
}

// At reads a table at x ≥ 0: knot e<<Mantissa + x>>e, with e the number of bits of x beyond Mantissa+1, and what is left of x
// between it and the next one, rounded down.
func At(knots []int64, x int64) int64 {
	e := max(bits.Len64(uint64(x))-Mantissa-1, 0)
	k := e<<Mantissa + int(x>>e)
	low := knots[k]
	return low + (knots[k+1]-low)*(x&(1<<e-1))>>e
}

// whole is how many outputs are done in vectors.
func (u *unit) whole(n int) int {
	if u.lanes == 0 {
		return 0
	}
	return n / u.lanes * u.lanes
}

func (u *unit) doSum(omega []int64, x []int32, sums []int64) (gain int64) {
	alike("Sum", len(omega), len(x), len(sums))
	n := u.whole(len(omega))
	if n > 0 {
		var g [8]int64
		u.sum(omega[:n], x, sums, &g)
		gain = total(&g)
	}
	for q := n; q < len(omega); q++ {
		sums[q] += int64(x[q])
		gain += omega[q] * int64(x[q])
	}
	return gain
}

func (u *unit) doBest(omega []int64, x []int32, had, sums []int64) (gain int64) {
	alike("Best", len(omega), len(x), len(had), len(sums))
	n := u.whole(len(omega))
	if n > 0 {
		var g [8]int64
		u.best(omega[:n], x, had, sums, &g)
		gain = total(&g)
	}
	for q := n; q < len(omega); q++ {
		rise := max(int64(x[q])-had[q], 0)
		had[q] += rise
		sums[q] += rise
		gain += omega[q] * rise
	}
	return gain
}

func (u *unit) doCurve(omega []int64, x []int32, had, credit, sums, knots []int64) (gain int64) {
	alike("Curve", len(omega), len(x), len(had), len(credit), len(sums))
	if len(knots) < Knots {
		panic(fmt.Sprintf("walk: a table of %d knots, want %d", len(knots), Knots))
	}
	n := u.whole(len(omega))
	if n > 0 {
		var g [8]int64
		u.curve(omega[:n], x, had, credit, sums, knots, &g)
		gain = total(&g)
	}
	for q := n; q < len(omega); q++ {
		had[q] += int64(x[q])
		now := At(knots, had[q])
		rise := now - credit[q]
		credit[q] = now
		sums[q] += rise
		gain += omega[q] * rise
	}
	return gain
}

func total(g *[8]int64) (sum int64) {
	for _, v := range g {
		sum += v
	}
	return sum
}

func alike(name string, want int, lengths ...int) {
	for _, n := range lengths {
		if n != want {
			panic(fmt.Sprintf("walk: %s of %d outputs with %d", name, want, n))
		}
	}
}
