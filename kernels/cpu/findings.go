package cpu

import (
	"math"
	"math/bits"

	"attrib/kernels"
)

// findings is what one worker has found for a pack of queries.
type findings struct {
	*pack
	best, worst  []best    // per query
	above, below []float32 // per lane: scores beyond them enter the lists
	sums         [][]int64 // per reduction: groups × step
	step         int       // the pack's queries in whole vectors of integers
}

var infinity = float32(math.Inf(1))

func newFindings(v *vectors, p *pack) *findings {
	f := &findings{pack: p, best: make([]best, p.count), worst: make([]best, p.count)}
	f.above, f.below = make([]float32, p.lanes), make([]float32, p.lanes)
	for lane := range p.lanes {
		f.above[lane], f.below[lane] = infinity, -infinity
		if lane < p.count {
			f.best[lane].k, f.worst[lane].k = v.scan.K, v.scan.Worst
			f.above[lane], f.below[lane] = f.best[lane].last(), -f.worst[lane].last()
		}
	}
	f.step = (p.count + v.unit.sumLanes - 1) / v.unit.sumLanes * v.unit.sumLanes
	for _, kind := range v.scan.Reduce {
		sums := aligned[int64](v.scan.Groups * f.step)
		if kind == kernels.Max {
			for i := range sums {
				sums[i] = kernels.EmptyMax
			}
		}
		f.sums = append(f.sums, sums)
	}
	return f
}

// fold takes in the scores of a chunk.
func (f *finder) fold(p *findings, row0 int64, rows int) {
	from := 0
	for _, e := range p.between(row0, row0+int64(rows)) {
		at := int(e.row - row0)
		if at < from {
			continue // another query leaves out the same row
		}
		f.foldRows(p, row0, from, at)
		f.foldRow(p, row0, at)
		from = at + 1
	}
	f.foldRows(p, row0, from, rows)
}

// foldRows takes in rows from ≤ i < to of the chunk, which no query leaves out.
func (f *finder) foldRows(p *findings, row0 int64, from, to int) {
	if from == to {
		return
	}
	if f.scan.K > 0 || f.scan.Worst > 0 {
		search := f.unit.pick[p.vectors-1]
		f.pick = pick{scores: &f.scratch.scores[0], best: &p.above[0], worst: &p.below[0], from: from, rows: to, both: f.scan.Worst > 0}
		for f.pick.from = search(&f.pick); f.pick.from < to; f.pick.from = search(&f.pick) {
			for hits := f.pick.hits; hits != 0; hits &= hits - 1 {
				if lane := bits.TrailingZeros64(hits); lane < p.count {
					p.offer(lane, f.scratch.scores[f.pick.from*p.lanes+lane], row0+int64(f.pick.from))
				}
			}
			f.pick.from++
		}
	}
	if len(f.scan.Reduce) > 0 && f.n < f.unit.sumRows {
		for i := from; i < to; i++ {
			f.addRow(p, row0, i)
		}
		return
	}
	for r, kind := range f.scan.Reduce {
		f.adds = adds{&f.scratch.scores[from*p.lanes], &f.group[from], &p.sums[r][0], to - from, p.lanes, p.step, f.scale(kind)}
		f.unit.add[kind](&f.adds)
	}
}

func (f *finder) scale(kind kernels.Reduce) float64 {
	if kind == kernels.SumOfSquares {
		return math.Ldexp(1, -kernels.SquareUnit(f.scan.Unit, f.n))
	}
	return math.Ldexp(1, -f.scan.Unit)
}

// foldRow takes in a row that some query leaves out.
func (f *finder) foldRow(p *findings, row0 int64, i int) {
	row := row0 + int64(i)
	for lane, s := range f.scratch.scores[i*p.lanes : i*p.lanes+p.count] {
		if !p.leavesOut(row, lane) {
			p.offer(lane, s, row)
		}
	}
	if len(f.scan.Reduce) > 0 {
		f.addRow(p, row0, i)
	}
}

// offer gives a score to the lists whose threshold it passes.
func (f *findings) offer(lane int, s float32, row int64) {
	if s > f.above[lane] {
		f.best[lane].add(entry{s, row})
		f.above[lane] = f.best[lane].last()
	}
	if s < f.below[lane] {
		f.worst[lane].add(entry{-s, row})
		f.below[lane] = -f.worst[lane].last()
	}
}

// addRow adds the scores of a row to the sums of its group, one by one.
func (f *finder) addRow(p *findings, row0 int64, i int) {
	group := int(f.group[i])
	if group < 0 {
		return
	}
	for lane, s := range f.scratch.scores[i*p.lanes : i*p.lanes+p.count] {
		if p.excluded != nil && p.leavesOut(row0+int64(i), lane) {
			continue
		}
		v, _ := f.rounder.Linear(s)
		for r, kind := range f.scan.Reduce {
			sum := &p.sums[r][group*p.step+lane]
			switch kind {
			case kernels.Sum:
				*sum += v
			case kernels.PositiveSum:
				*sum += max(v, 0)
			case kernels.Max:
				*sum = max(*sum, v)
			case kernels.SumOfSquares:
				*sum += f.rounder.Square(s)
			}
		}
	}
}
