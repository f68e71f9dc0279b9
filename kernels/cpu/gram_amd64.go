package cpu

import "attrib/kernels/simd"

//go:generate go run attrib/kernels/internal/asmgen/cmd -root .. cpu/gram_amd64.s

// gramTop raises top to the largest magnitudes, as bits, of the 48 columns of a panel's rows.
func gramTop(p simd.Path, run []float32, top []uint32) {
	switch p {
	case simd.AVX512:
		gramTop512(&run[0], len(run)/gramCols, &top[0])
	case simd.AVX2:
		gramTop256(&run[0], len(run)/gramCols, &top[0])
	default:
		plainTop(run, top)
	}
}

// gramBlock adds run r of the chunk to block (row, col) of the result, tile by tile.
func gramBlock(g *gram, s *gramSpare, row, col, r int, out []float64, stride int) {
	if g.path == simd.Generic {
		plainBlock(g, s, row, col, r, out, stride)
		return
	}
	rows, cols, kernel := 8, 48, gramTile512
	if g.path == simd.AVX2 {
		rows, cols, kernel = 4, 24, gramTile256
	}
	t := &s.tile
	t.stepA, t.depth, t.rowOut = gramCols, g.run(r), stride
	t.scaled = g.scaled[r][row] || g.scaled[r][col]
	a, b := g.panel(row)[r*gramRun*gramCols:], g.panel(col)[r*gramRun*gramCols:]
	unitA, unitB := g.unit[(row*gramChunk+r)*gramCols:], g.unit[(col*gramChunk+r)*gramCols:]
	if t.scaled {
		s.spread(unitA)
	}
	for j := 0; j < gramCols; j += cols {
		for i := 0; i < gramCols; i += rows {
			t.a, t.b, t.out = &a[i], &b[j], &out[i*stride+j]
			if t.scaled {
				t.scaleA, t.scaleB = &s.scaleA[8*i], &unitB[j]
			}
			kernel(t)
		}
	}
}

// spread writes every factor eight times.
func (s *gramSpare) spread(unit []float64) {
	s.scaleA = s.scaleA[:0]
	for _, u := range unit[:gramCols] {
		s.scaleA = append(s.scaleA, u, u, u, u, u, u, u, u)
	}
}

//go:noescape
func gramTile256(t *gramTile)

//go:noescape
func gramTile512(t *gramTile)

//go:noescape
func gramTop256(panel *float32, rows int, top *uint32)

//go:noescape
func gramTop512(panel *float32, rows int, top *uint32)
