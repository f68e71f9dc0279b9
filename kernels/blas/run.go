package blas

import (
	"sync"
	"sync/atomic"
)

const (
	blockCols  = 512     // columns of C that a unit of work does at most, strip after strip
	blockSize  = 1 << 22 // values of op(B) that a worker packs at most, unless one group of columns has more
	groupCols  = 64      // a multiple of the strips of every path
	maxDepth   = 512     // most steps of k between pauses of the sums, so that what is multiplied stays in cache
	chunkRows  = 120     // rows whose sums wait in cache; a multiple of the tiles of every path
	slabRows   = 96      // fewest rows worth packing B again for
	firstCache = 8 << 10 // values of op(B) that stay in the first cache beside the rest
	smallWork  = 1 << 21 // multiply-adds that are not worth a second goroutine
)

// run does the products.
func (p *product) run() {
	switch {
	case p.k == 0:
		p.fill()
	case p.n == 1 && p.m > 1 && p.c.stride() == 1 && p.bias == nil:
		p.swap().spread()
	default:
		p.spread()
	}
}

// fill is C = β·C or the bias, for products without a sum.
func (p *product) fill() {
	for i := range p.count * p.m {
		at := i/p.m*p.c.Step + i%p.m*p.c.stride()
		row := p.c.Data[at : at+p.n]
		switch {
		case p.bias != nil:
			copy(row, p.bias[i/p.m*p.biasStep:])
		case p.beta == 0:
			clear(row)
		case p.beta != 1:
			for j := range row {
				row[j] = float32(p.beta * row[j])
			}
		}
	}
}

// swap is the product of the transposes: a single column becomes a single row, whose elements are next to each other.
func (p *product) swap() *product {
	q := *p
	q.m, q.n = p.n, p.m
	q.a, q.b = p.b, p.a
	q.a.Matrix, q.b.Matrix = q.a.T(), q.b.T()
	q.c.Matrix = Dense(1, q.n, p.c.Data)
	return &q
}

// team is the number of workers that the work is worth.
func (p *product) team() int {
	return min(p.workers, 1+p.count*p.m*p.n/smallWork*p.k+p.count*p.m*p.n%smallWork*p.k/smallWork)
}

// spread cuts the products into units of one block of columns and one slab of rows and deals them to the workers. The
// cut reaches no result.
func (p *product) spread() {
	team := p.team()
	u := units{product: p, rows: p.m, cols: groupCols * max(1, min(blockCols, blockSize/p.k)/groupCols)}
	u.blocks = (p.n + u.cols - 1) / u.cols
	if all := p.count * u.blocks; team > 1 && all < 4*team {
		slabs := min((4*team+all-1)/all, (p.m+slabRows-1)/slabRows)
		u.rows = (p.m/slabs + 24) / 24 * 24
	}
	u.slabs = (p.m + u.rows - 1) / u.rows
	u.packB = p.b.Trans || (u.rows >= 32 && p.b.stride() > groupCols)
	u.packA = p.m*p.k >= 1<<15 && (p.a.Trans && p.a.stride() >= 128 || min(p.n, u.cols) >= 4*groupCols)
	if u.packB && u.slabs > 1 {
		u.blockwise(team)
		return
	}
	parallel(team, p.count*u.blocks*u.slabs, u.do)
}

// blockwise deals the slabs of a block to one worker as long as there are blocks for all, so that it is packed once.
// Workers begin at blocks of their own and go round; who finds a block without slabs left goes on to the next.
func (u *units) blockwise(team int) {
	blocks := u.count * u.blocks
	next := make([]atomic.Int64, blocks)
	parallel(team, team, func(w *worker, first int) {
		for i := range blocks {
			block := (first*blocks/team + i) % blocks
			for slab := int(next[block].Add(1)) - 1; slab < u.slabs; slab = int(next[block].Add(1)) - 1 {
				u.do(w, block*u.slabs+slab)
			}
		}
	})
}

// parallel calls f for every unit, on as many goroutines as there are workers; the caller is one of them.
func parallel(workers, units int, f func(w *worker, unit int)) {
	if workers = min(workers, units); workers <= 1 {
		w := idle.Get().(*worker)
		w.has = packing{}
		for u := range units {
			f(w, u)
		}
		idle.Put(w)
		return
	}
	var next atomic.Int64
	work := func() {
		w := idle.Get().(*worker)
		w.has = packing{}
		for u := int(next.Add(1)) - 1; u < units; u = int(next.Add(1)) - 1 {
			f(w, u)
		}
		idle.Put(w)
	}
	var all sync.WaitGroup
	for range workers - 1 {
		all.Go(work)
	}
	work()
	all.Wait()
}

func grow(v []float32, n int) []float32 {
	if cap(v) < n {
		return make([]float32, n)
	}
	return v[:n]
}
