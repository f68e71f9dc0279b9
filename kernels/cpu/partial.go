package cpu

import "attrib/kernels"

// partial is what one worker has found in the rows it has seen.
type partial struct {
	scan        *kernels.Scan
	rounder     kernels.Rounder
	best, worst []best    // per query
	sum         [][]int64 // per reduction: queries × groups
	panel       panel
	rounded     [panelRows]int64
}

func newPartial(scan *kernels.Scan, n int64) *partial {
	p := &partial{scan: scan, rounder: kernels.NewRounder(scan.Unit, n)}
	p.best, p.worst = make([]best, scan.Queries.Rows), make([]best, scan.Queries.Rows)
	for i := range p.best {
		p.best[i].k, p.worst[i].k = scan.K, scan.Worst
	}
	for _, kind := range scan.Reduce {
		sums := make([]int64, scan.Queries.Rows*scan.Groups)
		if kind == kernels.Max {
			for i := range sums {
				sums[i] = kernels.EmptyMax
			}
		}
		p.sum = append(p.sum, sums)
	}
	return p
}

// fold takes the scores of one query with rows row0, row0+1, ….
func (p *partial) fold(query int, row0 int64, scores []float32) error {
	if p.scan.Exclude != nil {
		if i := p.scan.Exclude[query] - row0; i >= 0 && i < int64(len(scores)) {
			if err := p.take(query, row0, scores[:i]); err != nil {
				return err
			}
			row0, scores = row0+i+1, scores[i+1:]
		}
	}
	return p.take(query, row0, scores)
}

func (p *partial) take(query int, row0 int64, scores []float32) error {
	if !kernels.Finite(scores) {
		for i := range scores {
			if !kernels.Finite(scores[i : i+1]) {
				return kernels.ScoreOverflow(query, row0+int64(i))
			}
		}
	}
	if p.scan.K > 0 {
		offer(&p.best[query], row0, scores, 1)
	}
	if p.scan.Worst > 0 {
		offer(&p.worst[query], row0, scores, -1)
	}
	if len(p.scan.Reduce) > 0 {
		return p.reduce(query, row0, scores)
	}
	return nil
}

func offer(b *best, row0 int64, scores []float32, sign float32) {
	for i, s := range scores {
		if s *= sign; b.wants(s) {
			b.add(entry{s, row0 + int64(i)})
		}
	}
}

func (p *partial) reduce(query int, row0 int64, scores []float32) error {
	group := p.scan.Group[row0 : row0+int64(len(scores))]
	rounded := p.rounded[:len(scores)]
	for i, s := range scores {
		v, ok := p.rounder.Linear(s)
		if !ok && group[i] >= 0 {
			return kernels.UnitOverflow(query, row0+int64(i), s, p.scan.Unit)
		}
		rounded[i] = v
	}
	for r, kind := range p.scan.Reduce {
		sums := p.sum[r][query*p.scan.Groups : (query+1)*p.scan.Groups]
		switch kind {
		case kernels.Sum:
			addSums(sums, group, rounded)
		case kernels.PositiveSum:
			addPositive(sums, group, rounded)
		case kernels.Max:
			keepMax(sums, group, rounded)
		case kernels.SumOfSquares:
			p.addSquares(sums, group, scores)
		}
	}
	return nil
}

func addSums(sums []int64, group []int32, v []int64) {
	for i, g := range group {
		if g >= 0 {
			sums[g] += v[i]
		}
	}
}

func addPositive(sums []int64, group []int32, v []int64) {
	for i, g := range group {
		if g >= 0 {
			sums[g] += max(v[i], 0)
		}
	}
}

func keepMax(sums []int64, group []int32, v []int64) {
	for i, g := range group {
		if g >= 0 {
			sums[g] = max(sums[g], v[i])
		}
	}
}

func (p *partial) addSquares(sums []int64, group []int32, scores []float32) {
	for i, g := range group {
		if g >= 0 {
			sums[g] += p.rounder.Square(scores[i])
		}
	}
}

// absorb adds another worker's findings.
func (p *partial) absorb(other *partial) {
	for q := range p.best {
		for _, e := range other.best[q].h {
			p.best[q].add(e)
		}
		for _, e := range other.worst[q].h {
			p.worst[q].add(e)
		}
	}
	for r, kind := range p.scan.Reduce {
		for i, v := range other.sum[r] {
			if kind == kernels.Max {
				p.sum[r][i] = max(p.sum[r][i], v)
			} else {
				p.sum[r][i] += v
			}
		}
	}
}
