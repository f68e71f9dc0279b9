package cuda

import (
	"cmp"
	"math"
	"slices"

	"attrib/kernels"
)

// candidate is a row of a list.
type candidate struct {
	score float32 // negated for the worst rows
	row   int64
}

// ahead is the order of lists.
func (a candidate) compare(b candidate) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.row, b.row))
}

// findings is what is known of a scan after some of its rows.
type findings struct {
	scan *kernels.Scan
	list [2][][]candidate // best and worst, per query, in order
	sum  [][]int64        // per reduction: queries × groups
}

func newFindings(scan *kernels.Scan) *findings {
	f := &findings{scan: scan}
	for i := range f.list {
		f.list[i] = make([][]candidate, scan.Queries.Rows)
	}
	for _, kind := range scan.Reduce {
		f.sum = append(f.sum, slices.Repeat([]int64{empty(kind)}, scan.Queries.Rows*scan.Groups))
	}
	return f
}

// empty is a reduction of no rows.
func empty(kind kernels.Reduce) int64 {
	if kind == kernels.Max {
		return kernels.EmptyMax
	}
	return 0
}

func (f *findings) k(list int) int { return [2]int{f.scan.K, f.scan.Worst}[list] }

// absorb adds what is known of other rows.
func (f *findings) absorb(o *findings) {
	for l := range f.list {
		for q := range f.list[l] {
			all := append(f.list[l][q], o.list[l][q]...)
			slices.SortFunc(all, candidate.compare)
			f.list[l][q] = all[:min(f.k(l), len(all))]
		}
	}
	for r, kind := range f.scan.Reduce {
		for i, v := range o.sum[r] {
			if kind == kernels.Max {
				f.sum[r][i] = max(f.sum[r][i], v)
			} else {
				f.sum[r][i] += v
			}
		}
	}
}

func (f *findings) result() *kernels.Result {
	r := &kernels.Result{Sum: f.sum}
	r.ID, r.Score = f.padded(0, 1)
	r.WorstID, r.WorstScore = f.padded(1, -1)
	return r
}

func (f *findings) padded(list int, sign float32) (ids []int64, scores []float32) {
	k := f.k(list)
	n := k * len(f.list[list])
	ids, scores = make([]int64, 0, n), make([]float32, 0, n)
	for i, entries := range f.list[list] {
		for _, e := range entries {
			score := sign * e.score
			if score == 0 {
				score = 0 // not -0
			}
			ids, scores = append(ids, e.row), append(scores, score)
		}
		for len(ids) < (i+1)*k {
			ids, scores = append(ids, -1), append(scores, 0)
		}
	}
	return ids, scores
}

// candidateOf is a key of fold.cuh, of a row counted from base.
func candidateOf(key uint64, base int64) candidate {
	b := uint32(key >> 32)
	if b&0x80000000 != 0 {
		b &= 0x7fffffff
	} else {
		b = ^b
	}
	return candidate{math.Float32frombits(b), base + int64(^uint32(key))}
}

// addSums adds sums of a card, groups × lanes.
func (f *findings) addSums(reduction int, sums []int64, lanes int) {
	groups, out := f.scan.Groups, f.sum[reduction]
	for g := range groups {
		for q := range f.scan.Queries.Rows {
			out[q*groups+g] = sums[g*lanes+q]
		}
	}
}
