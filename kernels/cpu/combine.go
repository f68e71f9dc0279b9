package cpu

import "attrib/kernels"

// result combines what the workers have found: integers and a total order, so the order of workers does not matter.
func (v *vectors) result() *kernels.Result {
	r := new(kernels.Result)
	for range v.scan.Reduce {
		r.Sum = append(r.Sum, make([]int64, v.scan.Queries.Rows*v.scan.Groups))
	}
	var bests, worsts []best
	for i, p := range v.measure.packs {
		total := v.absorb(i)
		bests, worsts = append(bests, total.best...), append(worsts, total.worst...)
		for k, sums := range total.sums {
			spread(r.Sum[k][p.first*v.scan.Groups:], sums, v.scan.Groups, p.count, total.step)
		}
	}
	r.ID, r.Score = list(bests, v.scan.K, 1)
	r.WorstID, r.WorstScore = list(worsts, v.scan.Worst, -1)
	return r
}

// absorb joins all workers' findings for a pack into those of the first one that has any.
func (v *vectors) absorb(pack int) *findings {
	var total *findings
	for _, w := range v.workers {
		switch {
		case w == nil:
		case total == nil:
			total = w.packs[pack]
		default:
			total.absorb(w.packs[pack], v.scan.Reduce)
		}
	}
	return total
}

func (f *findings) absorb(other *findings, reduce []kernels.Reduce) {
	for q := range f.best {
		for _, e := range other.best[q].h {
			f.best[q].add(e)
		}
		for _, e := range other.worst[q].h {
			f.worst[q].add(e)
		}
	}
	for r, kind := range reduce {
		sums := f.sums[r]
		for i, v := range other.sums[r] {
			if kind == kernels.Max {
				sums[i] = max(sums[i], v)
			} else {
				sums[i] += v
			}
		}
	}
}

// spread turns sums, group after group, into rows of groups, query after query.
func spread(out, sums []int64, groups, queries, step int) {
	const few = 8 // groups whose sums are read together: they fill a line of out
	for lo := 0; lo < groups; lo += few {
		hi := min(lo+few, groups)
		for q := range queries {
			for g := lo; g < hi; g++ {
				out[q*groups+g] = sums[g*step+q]
			}
		}
	}
}
