//go:build linux

package cuda

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/walk"
)

// rootTable is a curve by knots: 2⁸ times the root of x, and a quarter of x, so that steps between knots are large.
func rootTable() []int64 {
	v := make([]int64, walk.Knots)
	for k := range v {
		e := max(k>>walk.Mantissa-1, 0)
		x := int64(k-e<<walk.Mantissa) << e
		v[k] = int64(256*math.Sqrt(float64(x))) + x/4
	}
	return v
}

var (
	rootKnots = rootTable()
	somePoint = []int64{0, 3, 100, 70_000, 1 << 20, 1 << 31, 0, 50, 60, 60, 1 << 24, 1<<31 - 1}
)

// pointsAt is the definition of a table of points.
func pointsAt(table []int64, x int64) int64 {
	n := len(table) / 2
	for k := 1; k < n; k++ {
		if x <= table[k] {
			x0, y0 := table[k-1], table[n+k-1]
			return y0 + (table[n+k]-y0)*(x-x0)/(table[k]-x0)
		}
	}
	return table[2*n-1]
}

// refWalk walks one order with package walk.
func refWalk(p kernels.PermutationWalk, order []int32, gain, sums []int64) {
	q := p.Outputs
	had, credit := make([]int64, q), make([]int64, q)
	for _, i := range order {
		x, to := p.X[int(i)*q:(int(i)+1)*q], sums[int(i)*q:(int(i)+1)*q]
		switch p.Game {
		case kernels.WalkSum:
			gain[i] += walk.Sum(p.Omega, x, to)
		case kernels.WalkBest:
			gain[i] += walk.Best(p.Omega, x, had, to)
		case kernels.WalkCurve:
			gain[i] += walk.Curve(p.Omega, x, had, credit, to, p.Table)
		default:
			for o, v := range x {
				had[o] += int64(v)
				rise := pointsAt(p.Table, had[o]) - credit[o]
				credit[o] += rise
				to[o] += rise
				gain[i] += p.Omega[o] * rise
			}
		}
	}
}

// walkCase is a walk with random scores.
func walkCase(game kernels.WalkGame, players, outputs, orders int, both bool) kernels.PermutationWalk {
	r := philox.New([32]byte{3}, uint64(players*outputs))
	p := kernels.PermutationWalk{Game: game, Players: players, Outputs: outputs, Both: both}
	limit := math.MaxInt32 / max(1, players)
	for range players * outputs {
		v := int32(r.Intn(limit)) >> r.Intn(28)
		if game < kernels.WalkCurve && r.Intn(2) == 0 {
			v = -v
		}
		p.X = append(p.X, v)
	}
	for range outputs {
		p.Omega = append(p.Omega, int64(r.Intn(1<<30/outputs)))
	}
	perm := make([]int, players)
	for range orders {
		r.Perm(perm)
		for _, v := range perm {
			p.Orders = append(p.Orders, int32(v))
		}
	}
	p.Table = map[kernels.WalkGame][]int64{kernels.WalkCurve: rootKnots, kernels.WalkPoints: somePoint}[game]
	p.Gain, p.Sums = make([]int64, len(p.Orders)), make([]int64, len(p.X))
	return p
}

// refWalks is all orders, and their reversals where these are wanted.
func refWalks(p kernels.PermutationWalk) (gain, sums []int64) {
	gain, sums = make([]int64, len(p.Orders)), make([]int64, len(p.X))
	for at := 0; at < len(p.Orders); at += p.Players {
		order := slices.Clone(p.Orders[at : at+p.Players])
		refWalk(p, order, gain[at:at+p.Players], sums)
		if p.Both {
			slices.Reverse(order)
			refWalk(p, order, gain[at:at+p.Players], sums)
		}
	}
	return gain, sums
}

func narrow32(v []int64) []int32 {
	out := make([]int32, len(v))
	for i, x := range v {
		out[i] = int32(uint32(x))
	}
	return out
}

// walkOn runs a walk in the emulator; most is the shared memory that there is.
func walkOn(e emulated, p kernels.PermutationWalk, most int, wantSums bool) error {
	order, x, omega, table := newMemory(p.Orders), newMemory(p.X), newMemory(narrow32(p.Omega)), newMemory(narrow32(p.Table))
	gain, sums := newMemory(p.Gain), newMemory(p.Sums)
	a := walkArgs{Order: order.p, X: x.p, Omega: omega.p, Table: table.p, Gain: gain.p, Players: int32(p.Players), Outputs: int32(p.Outputs), Knots: int32(len(p.Table))}
	if p.Game == kernels.WalkPoints {
		a.Knots /= 2
	}
	if p.Both {
		a.Both = 1
	}
	if wantSums {
		a.Sums = sums.p
	}
	if err := launchWalk(e, p.Game, a, len(p.Orders)/p.Players, 4*len(p.Table), most); err != nil {
		return err
	}
	wantGain, total := refWalks(p)
	if !wantSums {
		total = p.Sums
	}
	return errors.Join(sameBits("gains", gain.v, wantGain), sameBits("sums", sums.v, total), gain.intact(), sums.intact())
}

func walkSuite(e emulated) error {
	for _, c := range []struct {
		players, outputs, orders int
		both                     bool
	}{{1, 1, 1, false}, {9, 33, 3, true}, {8, 31, 2, false}, {17, 200, 2, true}, {3, 1030, 1, true}} {
		for game := kernels.WalkSum; game <= kernels.WalkPoints; game++ {
			p := walkCase(game, c.players, c.outputs, c.orders, c.both)
			if err := walkOn(e, p, sharedOf(e.arch), c.orders != 2); err != nil {
				return fmt.Errorf("game %d of %d players, %d outputs: %w", game, c.players, c.outputs, err)
			}
		}
	}
	p := walkCase(kernels.WalkPoints, 5, 40, 2, true)
	return walkOn(e, p, 0, true)
}
