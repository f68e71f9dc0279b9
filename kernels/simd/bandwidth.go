package simd

import (
	"sync"
	"time"
)

// bandwidthBytes is what all workers together read in a pass: more than the caches of most machines hold.
const bandwidthBytes = 512 << 20

// Bandwidth is the rate at which workers together read memory that is in no cache, in bytes per second: the best of one
// or more passes over half a gigabyte within about the given time. It is 0 for a path this machine cannot run. Where the
// caches hold more than that, it is the rate of a cache.
func Bandwidth(p Path, workers int, within time.Duration) float64 {
	p, err := Resolve(p)
	if err != nil || workers < 1 {
		return 0
	}
	memory := bandwidthMemory()
	fastest := time.Duration(1<<63 - 1)
	for began := time.Now(); ; {
		fastest = min(fastest, passed(memory, workers, readers[p]))
		if time.Since(began) >= within {
			break
		}
	}
	return float64(len(memory)/(workers*turnBytes)*workers*turnBytes) / fastest.Seconds()
}

// bandwidthMemory is written once: pages that were never written are all the same one.
var bandwidthMemory = sync.OnceValue(func() []byte {
	m := make([]byte, bandwidthBytes)
	for i := 0; i < len(m); i += 64 {
		m[i] = byte(i >> 6)
	}
	return m
})

// turnBytes is what every reader can read at once.
const turnBytes = 4096

func passed(memory []byte, workers int, read func(m []byte)) time.Duration {
	share := len(memory) / (workers * turnBytes) * turnBytes
	var all sync.WaitGroup
	began := time.Now()
	for w := range workers {
		all.Go(func() { read(memory[w*share : (w+1)*share]) })
	}
	all.Wait()
	return time.Since(began)
}

// piece is what is read between chances for the scheduler.
const piece = 1 << 20

func pieces(m []byte, read func(x *byte, n int)) {
	for ; len(m) > 0; m = m[min(piece, len(m)):] {
		read(&m[0], min(piece, len(m)))
	}
}
