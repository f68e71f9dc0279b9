package cpu

// runColumns is the number of columns that are added up in one chain of fused multiply-adds; the sums of the runs are
// added one after the other. Part of the arithmetic "float32-fma-runs-512".
const runColumns = 512

// unit is the kernels of a class of vector instructions. All of them do the same arithmetic.
type unit struct {
	lanes    int   // scores in a vector
	most     int   // vectors of queries that a block takes
	cached   int   // numbers of the queries that stay in cache while rows change
	sumLanes int   // integers in a vector
	sumRows  int64 // rows of a source from which on add is exact (see asmgen's round)

	dot, distance []func(*block) // by vectors − 1
	// Kernels for few queries, by their number − 1. They take rows by the 16; lanes is the distance between the scores
	// of two queries, and a query's scores follow each other.
	fewDot, fewDistance [mostFew]func(*block)

	pick      []func(*pick) int
	add       [4]func(*adds) // by kernels.Reduce
	largest   func(x *float32, n int) uint32
	scaleRows func(x, by *float32, rows, lanes int)
	norms     func(x *float32, stride, rows, cols int, out *float64)

	// Conversions of whole vectors, and the transposition of whole blocks of 8×8.
	widenBF16, widenF16 func(dst *float32, x *uint16, n int, scale float32)
	widenI8             func(dst *float32, x *int8, n int, scale float32)
	transpose           func(dst, src *float32, dstStride, srcStride, rows, cols int)
}

// depth is the number of columns of a pack that are done before the rows change. It divides runColumns.
func (u *unit) depth(lanes int) int { return min(runColumns, u.cached/lanes) }

// mostFew is the largest number of queries that have a kernel of their own, which takes fewRows rows at a time.
const mostFew, fewRows = 4, 16

// block is rows that meet a pack of queries, over a range of columns. The assembly reads it by the names of its fields.
type block struct {
	rows   *float32 // first column of the range in the first row
	stride int      // numbers from one row to the next
	count  int      // rows
	query  *float32 // depth × lanes
	depth  int      // columns
	done   int      // few queries: rows so far, for the kernel
	ahead  int      // few queries: from the first number of a tile to what is fetched for later
	lanes  int      // queries of the pack
	part   *float32 // count × lanes: where sums wait inside a run
	out    *float32 // count × lanes: dot products are added to it, squared distances subtracted
	resume bool     // the sums go on from part
	pause  bool     // the sums go to part, not yet to out
	first  bool     // out is taken for zeros
}

// pick is a search, from row from on, for a row that has a score above best or, with both, below worst. Bit i of hits is
// then set for such a score at lane i.
type pick struct {
	scores      *float32 // rows × lanes
	best, worst *float32 // lanes
	from, rows  int
	both        bool
	hits        uint64
}

// adds is a tile of scores that go to the sums of their rows' groups.
type adds struct {
	scores *float32 // rows × lanes
	group  *int32   // rows; negative for none
	sums   *int64   // groups × step
	rows   int
	lanes  int
	step   int     // at most lanes; a multiple of sumLanes
	scale  float64 // 2^−unit
}
