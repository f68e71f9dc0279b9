package cpu

import (
	"context"
	"math"
	"sync/atomic"

	"attrib/internal/hugepages"
	"attrib/kernels"
	"attrib/kernels/simd"
)

// gram is a Gram matrix while it is summed, and the chunk of rows that is to be added: in panels of 48 columns, row
// after row, the last panel filled up with zeros.
type gram struct {
	path    simd.Path
	out     *kernels.Sym64
	rows    int // rows of the chunk
	height  int // rows that a panel has room for
	chunk   []float32
	top     []uint32  // per panel and run: the bits of the largest magnitude of each column
	unit    []float64 // per panel and run: what sums of a column are multiplied by, where they are scaled
	scaled  [][]bool  // per run and panel: whether a column of it is scaled
	strips  []gramStrip
	spare   []gramSpare  // per worker
	readers []gramReader // per worker
}

func newGram(w int, n int64, path simd.Path, workers int) *gram {
	g := &gram{path: path, spare: make([]gramSpare, workers), readers: make([]gramReader, workers), out: &kernels.Sym64{N: w, Data: make([]float64, w*w)}}
	g.strips = strips(g.panels())
	g.height = int(min(n, gramRun*gramChunk))
	g.chunk = alignedFloats(g.panels() * g.height * gramCols)
	hugepages.Advise(g.out.Data)
	hugepages.Advise(g.chunk)
	g.top = make([]uint32, g.panels()*gramChunk*gramCols)
	g.unit = make([]float64, len(g.top))
	g.scaled = make([][]bool, gramChunk)
	for r := range g.scaled {
		g.scaled[r] = make([]bool, g.panels())
	}
	return g
}

func (g *gram) panels() int { return (g.out.N + gramCols - 1) / gramCols }

// panel is the rows of panel p of the chunk.
func (g *gram) panel(p int) []float32 {
	return g.chunk[p*g.height*gramCols:][:g.rows*gramCols]
}

// runs is the number of runs of the chunk, and run the length of one of them.
func (g *gram) runs() int     { return (g.rows + gramRun - 1) / gramRun }
func (g *gram) run(r int) int { return min(gramRun, g.rows-r*gramRun) }

// units are what sums of the columns of panel p over run r are multiplied by.
func (g *gram) units(p, r int) []float64 {
	return g.unit[(p*gramChunk+r)*gramCols:][:gramCols]
}

// pack copies rows into the panels, from row at of the chunk on.
func (g *gram) pack(at int, rows kernels.Matrix) {
	for i := range rows.Rows {
		row := rows.Row(i)
		for p := 0; len(row) > 0; p++ {
			n := copy(g.chunk[(p*g.height+at+i)*gramCols:][:gramCols], row)
			row = row[n:]
		}
	}
}

// firstBad finds the magnitudes of the first rows of the chunk and returns the lowest row that is not finite, or −1.
func (g *gram) firstBad(d *device, rows int) int {
	var bad atomic.Int64
	bad.Store(int64(rows))
	d.units(context.Background(), g.panels(), func(_, p int) {
		for r := 0; r*gramRun < rows; r++ {
			run := g.panel(p)[r*gramRun*gramCols : min(rows, (r+1)*gramRun)*gramCols]
			if !g.measure(p, r, run) {
				lower(&bad, int64(r*gramRun+firstBadRow(run)))
				return
			}
		}
	})
	if bad.Load() < int64(rows) {
		return int(bad.Load())
	}
	return -1
}

func firstBadRow(panel []float32) int {
	for i := 0; ; i++ {
		if !kernels.Finite(panel[i*gramCols : (i+1)*gramCols]) {
			return i
		}
	}
}

// Magnitudes within which products of two columns and the sums of a run neither overflow nor lose what matters: one
// that underflows is off by 2⁻¹⁵⁰, and 128 of those are less than 2⁻²⁴ of the product of the largest.
const (
	gramSmall = (127 - 56) << 23
	gramLarge = (127 + 56) << 23
)

// measure finds the largest magnitudes of run r of panel p, says whether they are finite, and scales columns that need
// it. Plain Go sums in float64, which holds all products.
func (g *gram) measure(p, r int, run []float32) bool {
	at := (p*gramChunk + r) * gramCols
	top := g.top[at : at+gramCols]
	clear(top)
	gramTop(g.path, run, top)
	g.scaled[r][p] = false
	for _, bits := range top {
		if bits >= 0x7f800000 {
			return false
		}
		outside := bits != 0 && (bits < gramSmall || bits > gramLarge)
		g.scaled[r][p] = g.scaled[r][p] || outside && g.path != simd.Generic
	}
	for j := range top {
		g.unit[at+j] = 1
		if g.scaled[r][p] {
			g.unit[at+j] = scaleColumn(run[j:], top[j])
		}
	}
	return true
}

// scaleColumn brings the largest magnitude of a column, given as bits, near 1 and returns what undoes it.
func scaleColumn(column []float32, top uint32) float64 {
	if top == 0 || top >= gramSmall && top <= gramLarge {
		return 1
	}
	_, exponent := math.Frexp(float64(math.Float32frombits(top)))
	exponent = max(-126, min(126, exponent))
	factor := float32(math.Ldexp(1, -exponent))
	for i := 0; i < len(column); i += gramCols {
		column[i] *= factor
	}
	return math.Ldexp(1, exponent)
}
