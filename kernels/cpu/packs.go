package cpu

import (
	"slices"
	"unsafe"

	"attrib/kernels"
)

// pack is a block of queries, column after column, in whole vectors.
type pack struct {
	first, count int       // queries
	vectors      int       // of scores of a row
	lanes        int       // numbers in these vectors; those from count on repeat the last query
	values       []float32 // width × lanes
	few          []float32 // width × count, for few queries
	excluded     []pair    // by row
}

// pair is a query (by its place in the pack) that leaves out a row.
type pair struct {
	row  int64
	lane int
}

// newPacks cuts queries into packs: as many of the widest kind as there are, and one for the rest.
func newPacks(u *unit, queries kernels.Matrix, metric kernels.Metric, exclude []int64) []*pack {
	var packs []*pack
	for first := 0; first < queries.Rows; first += u.most * u.lanes {
		p := &pack{first: first, count: min(u.most*u.lanes, queries.Rows-first)}
		p.vectors = (p.count + u.lanes - 1) / u.lanes
		p.lanes = p.vectors * u.lanes
		p.values = aligned[float32](queries.Cols * p.lanes)
		block := queries.Slice(first, first+p.count)
		if metric == kernels.Cosine {
			block = kernels.F32(p.count, queries.Cols, make([]float32, p.count*queries.Cols))
			for i := range p.count {
				normalise(block.Row(i), queries.Row(first+i))
			}
		}
		u.transposed(p.values, block.Floats(), p.lanes, block.Stride, p.count, queries.Cols)
		for k := p.count; k%p.lanes != 0; k++ { // the last query again
			for at := k; at < len(p.values); at += p.lanes {
				p.values[at] = p.values[at-1]
			}
		}
		if p.count <= mostFew {
			p.few = make([]float32, p.count*queries.Cols)
			u.transposed(p.few, block.Floats(), p.count, block.Stride, p.count, queries.Cols)
		}
		p.exclude(exclude)
		packs = append(packs, p)
	}
	return packs
}

func (p *pack) exclude(rows []int64) {
	if rows == nil {
		return
	}
	for lane, row := range rows[p.first : p.first+p.count] {
		if row >= 0 {
			p.excluded = append(p.excluded, pair{row, lane})
		}
	}
	slices.SortFunc(p.excluded, pair.compare)
}

func (p pair) compare(other pair) int {
	if p.row != other.row {
		return int(max(-1, min(1, p.row-other.row)))
	}
	return p.lane - other.lane
}

// between is the pairs of rows lo ≤ row < hi.
func (p *pack) between(lo, hi int64) []pair {
	from, _ := slices.BinarySearchFunc(p.excluded, pair{lo, 0}, pair.compare)
	to, _ := slices.BinarySearchFunc(p.excluded, pair{hi, 0}, pair.compare)
	return p.excluded[from:to]
}

// leavesOut says whether the pack's query at that lane leaves out the row.
func (p *pack) leavesOut(row int64, lane int) bool {
	_, found := slices.BinarySearchFunc(p.excluded, pair{row, lane}, pair.compare)
	return found
}

// aligned makes n numbers that start at a cache line.
func aligned[T float32 | int64](n int) []T {
	var t T
	size := int(unsafe.Sizeof(t))
	v := make([]T, n+64/size)
	skip := 0
	for uintptr(unsafe.Pointer(&v[skip]))%64 != 0 {
		skip++
	}
	return v[skip : skip+n : skip+n]
}
