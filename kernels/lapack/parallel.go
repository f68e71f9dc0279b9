package lapack

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

// parallel calls f for units 0 … n−1, on as many goroutines as there are workers; the caller is one of them.
func parallel(workers, n int, f func(worker, unit int)) {
	var next atomic.Int64
	work := func(worker int) {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			f(worker, i)
		}
	}
	var all sync.WaitGroup
	for worker := 1; worker < min(workers, n); worker++ {
		all.Go(func() { work(worker) })
	}
	work(0)
	all.Wait()
}

// aligned makes n values that start at a cache line.
func aligned(n int) []float64 {
	v := make([]float64, n+8)
	skip := 0
	for uintptr(unsafe.Pointer(&v[skip]))%64 != 0 {
		skip++
	}
	return v[skip : skip+n]
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }
