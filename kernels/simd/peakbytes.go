package simd

import "time"

// PeakBytes is [Peak] for products of bytes added up in 32 bits, in the fastest form that the path and the machine have:
// VPDPBUSD, or VPMADDUBSW for products whose pairs fit 16 bits. It is 0 for Generic, which has no form of its own.
func PeakBytes(p Path, workers int, within time.Duration) float64 {
	p, err := Resolve(p)
	if err != nil || workers < 1 {
		return 0
	}
	run := bytesLoop(p)
	if run.f == nil {
		return 0
	}
	return rate(workers, within, run.ops, run.f)
}
