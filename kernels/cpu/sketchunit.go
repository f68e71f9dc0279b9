package cpu

import (
	"math"
	"unsafe"

	"attrib/kernels"
)

// sketchUnit is the kernels of a form of products of bytes.
type sketchUnit struct {
	name   string
	unit   *unit                // vectors of the same length: searches of thresholds
	levels int                  // queries are whole numbers −levels … levels
	dot    []func(*sketchBlock) // by vectors − 1
}

// sketchBlock is rows of bytes that meet a pack of queries, over a range of columns. The assembly reads it by the names
// of its fields. Sums of products are exact modulo 2³².
type sketchBlock struct {
	rows   *byte    // first column of the range in the first row
	stride int      // bytes from one row to the next
	count  int      // rows
	query  *int8    // depth × 2 × lanes × 4
	depth  int      // columns, in units of sketchColumns
	ahead  *byte    // what is fetched for later, count × depth of it
	start  *int32   // lanes: the sums of a row begin here
	out    *int32   // count × lanes: sums that wait, or scores (float32)
	factor *float32 // count: scores are sums times this
	resume bool     // the sums go on from out
	pause  bool     // the sums go to out as they are
}

const (
	sketchColumns = 8       // columns that a turn of a kernel takes; rows and queries are padded to a multiple
	sketchRun     = 1 << 16 // columns whose sums fit 32 bits: 128·127·2¹⁶ < 2³¹
)

// sketchPack is a pack of queries as whole numbers, four columns after the other.
type sketchPack struct {
	values []int8  // padded width × lanes
	start  []int32 // per run of columns: lanes, minus what 128 more in every byte of a row adds to a product
}

// padded is the width of rows in the kernels' memory.
func padded(width int) int { return (width + sketchColumns - 1) / sketchColumns * sketchColumns }

// newSketchPacks cuts queries into packs, as newPacks does, rounded to whole numbers.
func newSketchPacks(s *sketchUnit, queries kernels.Matrix, exclude []int64) (packs []*pack, coarse []*sketchPack) {
	whole, most := make([]int8, queries.Cols), s.unit.most*s.unit.lanes
	for first := 0; first < queries.Rows; first += most {
		p := &pack{first: first, count: min(most, queries.Rows-first)}
		p.vectors = (p.count + s.unit.lanes - 1) / s.unit.lanes
		p.lanes = p.vectors * s.unit.lanes
		p.exclude(exclude)
		c := &sketchPack{values: alignedBytes[int8](padded(queries.Cols) * p.lanes)}
		c.start = make([]int32, (queries.Cols+sketchRun-1)/sketchRun*p.lanes)
		for lane := range p.count {
			quantise(whole, queries.Row(first+lane), s.levels)
			c.set(whole, lane, p.lanes)
		}
		packs, coarse = append(packs, p), append(coarse, c)
	}
	return packs, coarse
}

// set writes a query into its lane.
func (c *sketchPack) set(whole []int8, lane, lanes int) {
	for k, v := range whole {
		c.values[(k/4*lanes+lane)*4+k%4] = v
		c.start[k/sketchRun*lanes+lane] -= 128 * int32(v)
	}
}

// quantise rounds v to whole multiples of max|v|/levels, half to even. The factor is left out: it is the same for all
// rows, and only their order matters.
func quantise(dst []int8, v []float32, levels int) {
	largest := 0.0
	for _, x := range v {
		largest = max(largest, math.Abs(float64(x)))
	}
	for k, x := range v {
		dst[k] = 0
		if largest > 0 {
			dst[k] = int8(math.RoundToEven(float64(x) / largest * float64(levels)))
		}
	}
}

// alignedBytes makes n bytes that start at a cache line.
func alignedBytes[T int8 | byte](n int) []T {
	v := aligned[float32]((n + 3) / 4)
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(v))), n)
}
