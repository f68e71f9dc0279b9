//go:build linux

package cuda

import (
	"errors"
	"fmt"
	"math"

	"attrib/internal/philox"
	"attrib/kernels/lapack"
)

// spd is a positive definite matrix: rows of random numbers times themselves, and something on the diagonal.
func spd(n int, number uint64) []float64 {
	x, a := randoms(n*(n+3), number), make([]float64, n*n)
	for i := range n {
		for j := range n {
			for k := range n + 3 {
				a[i*n+j] += float64(x[i*(n+3)+k]) * float64(x[j*(n+3)+k])
			}
		}
		a[i*n+i] += 0.05 * float64(n)
	}
	return a
}

// close64 compares to within a part of the largest magnitude.
func close64(what string, got, want []float64, within float64) error {
	largest := 0.0
	for _, v := range want {
		largest = max(largest, math.Abs(v))
	}
	for i, v := range got {
		if !(math.Abs(v-want[i]) <= within*largest) {
			return fmt.Errorf("%s: number %d of %d is %v, want %v", what, i, len(got), v, want[i])
		}
	}
	return nil
}

// largeOn factors a matrix and solves with it.
func largeOn(e emulated, n, m int) error {
	a, b := spd(n, uint64(n)), make([]float64, n*m)
	for i, v := range randoms(n*m, 5) {
		b[i] = float64(v)
	}
	nan := math.NaN()
	for i := range n { // the upper triangle is not read
		for j := i + 1; j < n; j++ {
			a[i*n+j] = nan
		}
	}
	mat, right, info := newMemory(a), newMemory(b), newMemory([]int32{0})
	if err := launchCholesky(e, mat.p, n, info.p); err != nil {
		return err
	}
	want := lapack.Dense(n, n, append([]float64(nil), a...))
	if err := lapack.Cholesky(lapack.Lower, want, lapack.Options{}); err != nil {
		return err
	}
	for i := range n {
		if err := close64("L", mat.v[i*n:i*n+i+1], want.Data[i*n:i*n+i+1], 1e-11); err != nil {
			return err
		}
		for j := i + 1; j < n; j++ {
			if mat.v[i*n+j] == mat.v[i*n+j] {
				return fmt.Errorf("element (%d, %d) above the diagonal was written", i, j)
			}
		}
	}
	for _, back := range []bool{false, true} {
		if err := launchSolve(e, mat.p, n, right.p, m, back, info.p); err != nil {
			return err
		}
	}
	x := lapack.Dense(n, m, b)
	if err := lapack.Solve(lapack.Lower, want, x, lapack.Options{}); err != nil {
		return err
	}
	return errors.Join(close64("X", right.v, x.Data, 1e-9), mat.intact(), right.intact(), info.intact())
}

// largeFails has a pivot that is not positive.
func largeFails(e emulated, n, row int, value float64) error {
	a := spd(n, 1)
	a[row*n+row] = value
	mat, info := newMemory(a), newMemory([]int32{0})
	if err := launchCholesky(e, mat.p, n, info.p); err != nil {
		return err
	}
	if int(info.v[0]) != row+1 {
		return fmt.Errorf("row %d fails, said is %d", row, info.v[0]-1)
	}
	return nil
}

// smallCase is a batch of coalitions.
type smallCase struct {
	n, m, players, count int
	scratch              bool
	grid                 int
}

// coalitions are random ones; the first is of all players.
func coalitions(count, players int) []uint64 {
	words := (players + 63) / 64
	r, out := philox.New([32]byte{5}, 2), make([]uint64, count*words)
	for i := range count {
		for p := range players {
			if i == 0 || r.Intn(2) == 0 {
				out[i*words+p/64] |= 1 << (p % 64)
			}
		}
	}
	return out
}

// refRidge is a coalition's factor and solutions in float64.
func refRidge(c smallCase, gram, cross []float64, coalition []uint64, ridge float64) (l, x []float64, row int) {
	a, b := make([]float64, c.n*c.n), make([]float64, c.n*c.m)
	for p := range c.players {
		if coalition[p/64]>>(p%64)&1 == 0 {
			continue
		}
		for i := range a {
			a[i] += gram[p*c.n*c.n+i]
		}
		for i := range b {
			b[i%c.n*c.m+i/c.n] += cross[p*c.n*c.m+i]
		}
	}
	for i := range c.n {
		a[i*c.n+i] += ridge
	}
	var pivot *lapack.PivotError
	if err := lapack.Cholesky(lapack.Lower, lapack.Dense(c.n, c.n, a), lapack.Options{}); errors.As(err, &pivot) {
		return nil, nil, pivot.Row
	}
	if c.m > 0 {
		_ = lapack.Solve(lapack.Lower, lapack.Dense(c.n, c.n, a), lapack.Dense(c.n, c.m, b), lapack.Options{})
	}
	x = make([]float64, c.n*c.m)
	for i, v := range b {
		x[i%c.m*c.n+i/c.m] = v
	}
	return a, x, -1
}

// smallOn runs a batch in the emulator. Player 1's matrix, where there is one, makes coalitions fail at row n/2.
func smallOn[T float32 | float64](e emulated, c smallCase, within float64) error {
	var gram, cross []float64
	for p := range c.players {
		gram = append(gram, spd(c.n, uint64(p))...)
	}
	if c.players > 3 {
		gram[c.n*c.n+c.n/2*(c.n+1)] = -1e4
	}
	for _, v := range randoms(c.players*c.m*c.n, 6) {
		cross = append(cross, float64(v))
	}
	sets, words := coalitions(c.count, c.players), (c.players+63)/64
	g, x, s := newMemory(converted[T](gram)), newMemory(converted[T](cross)), newMemory(sets)
	factor, solution, info := poisoned[T](c.count*c.n*c.n), poisoned[T](c.count*c.m*c.n), poisoned[int32](c.count)
	a := smallArgs{Gram: g.p, Cross: x.p, Coalition: s.p, Factor: factor.p, Solution: solution.p, Info: info.p, Ridge: 0.25, N: int32(c.n), M: int32(c.m), Players: int32(c.players), Count: int32(c.count)}
	scratch := poisoned[T](c.grid * (c.n + c.m) * (c.n | 1))
	if c.scratch {
		a.Scratch = scratch.p
	}
	if err := launchSmall(e, a, driverSize[T]() == 8, c.grid); err != nil {
		return err
	}
	for i := range c.count {
		l, want, row := refRidge(c, gram, cross, sets[i*words:(i+1)*words], 0.25)
		if int(info.v[i]) != row+1 {
			return fmt.Errorf("coalition %d fails at row %d, said is %d", i, row, info.v[i]-1)
		}
		if err := smallSame(c, l, want, factor.v[i*c.n*c.n:], solution.v[i*c.m*c.n:], within); err != nil {
			return fmt.Errorf("coalition %d: %w", i, err)
		}
	}
	return errors.Join(g.intact(), x.intact(), factor.intact(), solution.intact(), info.intact(), scratch.intact())
}

func smallSame[T float32 | float64](c smallCase, l, x []float64, factor, solution []T, within float64) error {
	if l == nil {
		if v := append(solution[:c.m*c.n:c.m*c.n], factor[0])[0]; v == v {
			return fmt.Errorf("a solution without a factor: %v", v)
		}
		return nil
	}
	for i := range c.n {
		if err := close64("L", converted[float64](factor[i*c.n:i*c.n+i+1]), l[i*c.n:i*c.n+i+1], within); err != nil {
			return err
		}
	}
	return close64("x", converted[float64](solution[:c.m*c.n]), x, 10*within)
}

func converted[To, From float32 | float64](v []From) []To {
	out := make([]To, len(v))
	for i, x := range v {
		out[i] = To(x)
	}
	return out
}

func choleskySuite(e emulated) error {
	for _, c := range []struct{ n, m int }{{1, 1}, {63, 2}, {64, 33}, {65, 1}, {150, 3}} {
		if err := largeOn(e, c.n, c.m); err != nil {
			return fmt.Errorf("%d rows, %d sides: %w", c.n, c.m, err)
		}
	}
	for _, c := range []struct {
		row   int
		value float64
	}{{0, -1}, {70, math.NaN()}, {99, 0}} {
		if err := largeFails(e, 100, c.row, c.value); err != nil {
			return err
		}
	}
	for _, c := range []smallCase{{1, 1, 1, 2, false, 2}, {7, 2, 5, 6, false, 2}, {16, 0, 2, 2, true, 1}, {33, 3, 70, 3, false, 3}, {50, 9, 3, 3, true, 2}} {
		if err := errors.Join(smallOn[float32](e, c, 2e-5), smallOn[float64](e, c, 1e-12)); err != nil {
			return fmt.Errorf("%+v: %w", c, err)
		}
	}
	return nil
}
