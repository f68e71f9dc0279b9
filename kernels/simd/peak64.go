package simd

import "time"

// Peak64 is [Peak] in float64.
func Peak64(p Path, workers int, within time.Duration) float64 {
	p, err := Resolve(p)
	if err != nil || workers < 1 {
		return 0
	}
	run := loops64[p]
	return rate(workers, within, run.ops, func(rounds int) float32 { return float32(run.f(rounds)) })
}

// loop64 is a loop in float64.
type loop64 struct {
	f   func(rounds int) float64
	ops float64
}

// scalar64 does 8 independent multiplications and additions a round.
func scalar64(rounds int) float64 {
	var a, b, c, d, e, f, g, h float64
	x, y := 0.5, 0.25
	for range rounds {
		a = float64(a*x) + y
		b = float64(b*x) + y
		c = float64(c*x) + y
		d = float64(d*x) + y
		e = float64(e*x) + y
		f = float64(f*x) + y
		g = float64(g*x) + y
		h = float64(h*x) + y
	}
	return a + b + c + d + e + f + g + h
}
