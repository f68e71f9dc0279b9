package shapley

// outputWalk is a walk of an OutputGame: per output the coalition's influence and credit so far.
type outputWalk struct {
	game   *OutputGame
	total  []int64
	credit []int64 // only with a curve
}

// Walk starts at the empty coalition.
func (g *OutputGame) Walk() Walk { return g.WalkOutputs() }

// WalkOutputs starts at the empty coalition.
func (g *OutputGame) WalkOutputs() OutputWalk {
	return &outputWalk{game: g, total: make([]int64, len(g.omega)), credit: make([]int64, len(g.omega))}
}

func (w *outputWalk) Reset() {
	clear(w.total)
	clear(w.credit)
}

func (w *outputWalk) Add(player int) int64 { return w.AddOutputs(player, nil) }

func (w *outputWalk) AddOutputs(player int, sums []int64) int64 {
	x := w.game.player(player)
	switch {
	case w.game.curve != nil:
		return w.addCurve(x, sums)
	case w.game.best:
		return w.addBest(x, sums)
	}
	return w.addSum(x, sums)
}

func (w *outputWalk) addSum(x []int32, sums []int64) (gain int64) {
	for q, omega := range w.game.omega {
		gain += omega * int64(x[q])
		if sums != nil {
			sums[q] += int64(x[q])
		}
	}
	return gain
}

func (w *outputWalk) addBest(x []int32, sums []int64) (gain int64) {
	for q, omega := range w.game.omega {
		d := int64(x[q]) - w.total[q]
		if d <= 0 {
			continue
		}
		w.total[q] += d
		gain += omega * d
		if sums != nil {
			sums[q] += d
		}
	}
	return gain
}

func (w *outputWalk) addCurve(x []int32, sums []int64) (gain int64) {
	for q, omega := range w.game.omega {
		if x[q] == 0 {
			continue
		}
		w.total[q] += int64(x[q])
		credit := w.game.curve.At(w.total[q])
		d := credit - w.credit[q]
		w.credit[q] = credit
		gain += omega * d
		if sums != nil {
			sums[q] += d
		}
	}
	return gain
}
