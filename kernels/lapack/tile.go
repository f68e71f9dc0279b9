package lapack

import "attrib/kernels/simd"

const (
	cols  = 24  // columns of a panel: row k of it is next to row k+1
	block = 240 // rows of a step of a factorisation or substitution, whole panels
	lanes = 32  // values that vectors are rounded up to
	round = 8   // rows are filled up to a multiple of this
)

// A tile is a few rows and columns of C − Σ_k a[k]·b[k]ᵀ. The assembly reads it by the names of its fields.
type tile struct {
	a      *float64 // first step of k: a value for each row of the tile
	b      *float64 // first step of k: a value for each column; steps are 24 values apart
	stepA  int      // values between steps of k in a
	depth  int      // steps of k
	out    *float64 // C
	rowOut int      // values between rows of C
	next   *float64 // the C of a tile that comes soon
}

// kernel is the code of a path for a tile. Substitution goes on to solve E·X = tile, where rows depth and on of a are
// the columns of the lower triangle E, with the reciprocals of its diagonal, and stores X.
type kernel struct {
	rows, cols int
	subtract   func(*tile)
	substitute func(*tile)
	// dots sets out to the products of count rows, stride values apart, with x; combine subtracts multiples of count rows
	// from y, row after row. n is a multiple of lanes, count at least 1.
	dots    func(out, rows *float64, stride, count int, x *float64, n int)
	combine func(y, rows *float64, stride, count int, factors *float64, n int)
}

// plain is the tile in plain Go. Products are rounded before they are added, on every architecture.
var plain = kernel{8, cols, subtractPlain, substitutePlain, dotsPlain, combinePlain}

// kernels of the paths.
func kernelOf(p simd.Path) *kernel { return &kernels[p] }
