package simd

import (
	"sync"
	"time"
)

// peakRounds is the number of rounds of one timed call: about a millisecond in vectors.
const peakRounds = 12_500

// Peak is the float32 multiply-add rate of a path in operations per second (a multiply-add counts two): the rates of
// all workers added up, each the best of several short loops within about the given time, during which all of them run.
// It is 0 for a path this machine cannot run. Generic is scalar multiplications and additions that are not fused, as its
// kernels do them.
func Peak(p Path, workers int, within time.Duration) float64 {
	p, err := Resolve(p)
	if err != nil || workers < 1 {
		return 0
	}
	run := loops[p]
	return rate(workers, within, run.ops, run.f)
}

// rate adds up what every worker reaches in a loop: the best of several runs within about the given time, during which all
// of them run.
func rate(workers int, within time.Duration, ops float64, f func(rounds int) float32) float64 {
	rates := make([]float64, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			fastest := timed(w, f)
			for began := time.Now(); time.Since(began) < within; {
				fastest = min(fastest, timed(w, f))
			}
			rates[w] = ops * peakRounds / fastest.Seconds()
		})
	}
	all.Wait()
	sum := 0.0
	for _, r := range rates {
		sum += r
	}
	return sum
}

// loop runs a number of rounds, each of ops operations.
type loop struct {
	f   func(rounds int) float32
	ops float64
}

var sink [64]float32 // keeps the compiler from dropping the loops; one cell a worker

func timed(worker int, f func(int) float32) time.Duration {
	began := time.Now()
	sink[worker%len(sink)] = f(peakRounds)
	return time.Since(began)
}

// scalar does 8 independent multiplications and additions a round.
func scalar(rounds int) float32 {
	var a, b, c, d, e, f, g, h float32
	x, y := float32(0.5), float32(0.25)
	for range rounds {
		a = float32(a*x) + y
		b = float32(b*x) + y
		c = float32(c*x) + y
		d = float32(d*x) + y
		e = float32(e*x) + y
		f = float32(f*x) + y
		g = float32(g*x) + y
		h = float32(h*x) + y
	}
	return a + b + c + d + e + f + g + h
}
