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

// gramBlock adds the chunk to block (row, col) of the result: tile after tile, and all runs while a tile is in cache.
func gramBlock(g *gram, s *gramSpare, row, col int, out []float64, stride int) {
	if g.path == simd.Generic {
		plainBlock(g, s, row, col, out, stride)
		return
	}
	rows, cols, kernel := 8, 48, gramTile512
	if g.path == simd.AVX2 {
		rows, cols, kernel = 4, 24, gramTile256
	}
	t := &s.tile
	t.stepA, t.rowOut = gramCols, stride
	a, b := g.panel(row), g.panel(col)
	tiles := gramCols / rows * (gramCols / cols)
	part := (len(s.ahead) + gramGroup*tiles*g.runs() - 1) / (gramGroup * tiles * g.runs())
	at := s.half * tiles * g.runs() * part
	for j := 0; j < gramCols; j += cols {
		for i := 0; i < gramCols && (row < col || i < j+cols); i += rows { // not tiles below the diagonal
			t.out = &out[i*stride+j]
			ahead := (i+rows)*stride + j // the tile below, at last of the next columns or of the block below
			if i+rows == gramCols && j+cols < gramCols {
				ahead = j + cols
			}
			for r := range g.runs() {
				t.depth = g.run(r)
				t.a, t.b = &a[r*gramRun*gramCols+i], &b[r*gramRun*gramCols+j]
				if t.scaled = g.scaled[r][row] || g.scaled[r][col]; t.scaled {
					s.spread(g.units(row, r)[i : i+rows])
					t.scaleA, t.scaleB = &s.scaleA[0], &g.units(col, r)[j]
				}
				t.next = &out[min(ahead+2*r*stride, len(out)-1)]
				t.ahead = &s.ahead[min(at, len(s.ahead)-1)]
				at += part
				kernel(t)
			}
		}
	}
}

// spread writes every factor eight times.
func (s *gramSpare) spread(unit []float64) {
	s.scaleA = s.scaleA[:0]
	for _, u := range unit {
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
