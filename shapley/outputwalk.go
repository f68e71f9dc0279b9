package shapley

import "attrib/kernels/walk"

// outputWalk is a walk of an OutputGame: per output the coalition's influence and credit so far.
type outputWalk struct {
	game   *OutputGame
	total  []int64
	credit []int64 // only with a curve
	unread []int64 // sums that nobody asks for
}

// Walk starts at the empty coalition.
func (g *OutputGame) Walk() Walk { return g.WalkOutputs() }

// WalkOutputs starts at the empty coalition.
func (g *OutputGame) WalkOutputs() OutputWalk {
	return &outputWalk{game: g, total: make([]int64, len(g.omega)), credit: make([]int64, len(g.omega)), unread: make([]int64, len(g.omega))}
}

func (w *outputWalk) Reset() {
	clear(w.total)
	clear(w.credit)
}

func (w *outputWalk) Add(player int) int64 { return w.AddOutputs(player, nil) }

func (w *outputWalk) AddOutputs(player int, sums []int64) int64 {
	if sums == nil {
		sums = w.unread
	}
	g, x := w.game, w.game.player(player)
	switch {
	case g.curve != nil && g.curve.at == nil:
		return walk.Curve(g.omega, x, w.total, w.credit, sums, g.curve.knots)
	case g.curve != nil:
		return w.addTable(x, sums)
	case g.best:
		return walk.Best(g.omega, x, w.total, sums)
	}
	return walk.Sum(g.omega, x, sums)
}

// addTable is walk.Curve for a curve with knots of its own.
func (w *outputWalk) addTable(x []int32, sums []int64) (gain int64) {
	for q, omega := range w.game.omega {
		if x[q] == 0 {
			continue
		}
		w.total[q] += int64(x[q])
		credit := w.game.curve.At(w.total[q])
		d := credit - w.credit[q]
		w.credit[q] = credit
		sums[q] += d
		gain += omega * d
	}
	return gain
}
