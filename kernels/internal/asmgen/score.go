package asmgen

import "fmt"

// scoreShape is a family of register tiles of the scan: vectors of queries, and the rows that fit the registers beside
// them. A rest of rows takes the smaller tiles.
type scoreShape struct {
	unit    isa
	vectors int
	rows    []int
}

var scoreShapes = []scoreShape{
	{avx512, 4, []int{6, 3, 1}}, {avx512, 3, []int{8, 3, 1}}, {avx512, 2, []int{12, 4, 1}}, {avx512, 1, []int{12, 4, 1}},
	{avx2, 2, []int{6, 3, 1}}, {avx2, 1, []int{12, 4, 1}},
}

func (s scoreShape) sum(row, vector int) string { return s.unit.v(row*s.vectors + vector) }

// unrolled is how many columns a turn of the main loop takes.
const unrolled = 4

// scores is the file of the kernels that compare rows with a panel of queries.
//
// Registers all through: DI the block, R13 the rows that are left, R8 the first row of the tile, DX the bytes between rows.
// Within a tile: R8 to R11 rows 0, 3, 6 and 9, SI the queries, CX the columns left, AX what is fetched ahead, BX the end
// of its row, R12 the way from there to the next row, R14 and R15 for a moment.
func scores() string {
	a := &asm{}
	a.WriteString(header + "#include \"go_asm.h\"\n")
	for _, s := range scoreShapes {
		a.unit = s.unit
		a.scores(s, "dot", "VADDPS", (*asm).dotStep)
		a.scores(s, "distance", "VSUBPS", (*asm).distanceStep)
	}
	return a.String()
}

// step adds one column of one row to the sums of the row: x holds the row's value in every lane.
type step func(a *asm, s scoreShape, row int, x string)

func (a *asm) dotStep(s scoreShape, row int, x string) {
	for v := range s.vectors {
		a.op("VFMADD231PS", s.query(v), x, s.sum(row, v))
	}
}

func (a *asm) distanceStep(s scoreShape, row int, x string) {
	for v := range s.vectors {
		d := s.spare(v)
		a.op("VSUBPS", s.query(v), x, d)
		a.op("VFMADD231PS", d, d, s.sum(row, v))
	}
}

func (s scoreShape) free() int { return s.rows[0] * s.vectors }

func (s scoreShape) query(v int) string { return s.unit.v(s.free() + v) }

// value is the register for a value of row i: they rotate over all that are left but the spare ones.
func (s scoreShape) value(i int) string {
	left := s.unit.regs - s.free() - s.vectors
	return s.unit.v(s.free() + s.vectors + i%((left+1)/2))
}

func (s scoreShape) spare(i int) string {
	left := s.unit.regs - s.free() - s.vectors
	return s.unit.v(s.unit.regs - 1 - i%(left/2))
}

func (a *asm) scores(s scoreShape, kind, join string, f step) {
	name := fmt.Sprintf("%s%sx%d", kind, s.unit.name, s.vectors)
	a.line("\n// func %s(b *block)", name)
	a.line("// %d rows and %d vectors of %d queries at a time.", s.rows[0], s.vectors, s.unit.lanes)
	a.text(name, 8)
	a.op("MOVQ", "b+0(FP)", "DI")
	a.op("MOVQ", "block_rows(DI)", "R8")
	a.op("MOVQ", "block_stride(DI)", "DX")
	a.op("SHLQ", "$2", "DX")
	a.op("MOVQ", "block_count(DI)", "R13")
	for i, r := range s.rows {
		a.line("more%d:", r)
		a.op("CMPQ", "R13", fmt.Sprintf("$%d", r))
		if i+1 < len(s.rows) {
			a.op("JLT", fmt.Sprintf("more%d", s.rows[i+1]))
		} else {
			a.op("JLT", "done")
		}
		a.scoreTile(s, r, join, f)
	}
	a.line("done:")
	a.op("VZEROUPPER")
	a.op("RET")
}

// scoreTile is r rows: sums from zero or from where they were paused, one column after the other, then paused again or
// joined to what is in the result.
func (a *asm) scoreTile(s scoreShape, r int, join string, f step) {
	a.resume(s, r)
	a.ahead(r)
	a.columns(s, r, f)
	a.op("SUBQ", fmt.Sprintf("$%d", r), "R13")
	a.op("CMPB", "block_pause(DI)", "$0")
	a.op("JNE", fmt.Sprintf("pause%d", r))
	a.join(s, r, join)
	a.line("pause%d:", r)
	a.place("block_part", r)
	for i := range r {
		for v := range s.vectors {
			a.store(s.sum(i, v), a.at("SI", i*s.vectors+v), "")
		}
	}
	a.next(r)
}

// place sets SI to where the tile's scores are in a field; the count of rows is that before (0) or after the tile (r).
func (a *asm) place(field string, r int) {
	a.op("MOVQ", "block_count(DI)", "SI")
	a.op("SUBQ", "R13", "SI")
	if r > 0 {
		a.op("SUBQ", fmt.Sprintf("$%d", r), "SI")
	}
	a.op("IMULQ", "block_lanes(DI)", "SI")
	a.op("SHLQ", "$2", "SI")
	a.op("ADDQ", field+"(DI)", "SI")
}

func (a *asm) resume(s scoreShape, r int) {
	for i := range r {
		for v := range s.vectors {
			a.zero(s.sum(i, v))
		}
	}
	a.op("CMPB", "block_resume(DI)", "$0")
	a.op("JEQ", fmt.Sprintf("fresh%d", r))
	a.place("block_part", 0)
	for i := range r {
		for v := range s.vectors {
			a.load(a.at("SI", i*s.vectors+v), s.sum(i, v), "")
		}
	}
	a.line("fresh%d:", r)
}

// ahead sets the pointers of the tile, and those that run over the rows of the next one.
func (a *asm) ahead(r int) {
	if r > 3 {
		a.op("LEAQ", "(DX)(DX*2)", "AX")
	}
	for p := 1; p <= (r-1)/3; p++ {
		a.op("LEAQ", "("+rowPointers[p-1]+")(AX*1)", rowPointers[p])
	}
	a.op("MOVQ", "block_query(DI)", "SI")
	a.op("MOVQ", "block_depth(DI)", "CX")
	a.op("MOVQ", "DX", "AX")
	a.op("IMULQ", fmt.Sprintf("$%d", r), "AX")
	a.op("ADDQ", "R8", "AX")
	a.op("LEAQ", "(AX)(CX*4)", "BX")
	a.op("LEAQ", "(CX*4)", "R12")
	a.op("NEGQ", "R12")
	a.op("ADDQ", "DX", "R12")
}

// columns is the loop over the columns, several a turn and then the rest.
func (a *asm) columns(s scoreShape, r int, f step) {
	a.op("SUBQ", fmt.Sprintf("$%d", unrolled), "CX")
	a.op("JLT", fmt.Sprintf("rest%d", r))
	a.op("PCALIGN", "$32")
	a.line("loop%d:", r)
	a.turn(s, r, unrolled, f)
	a.fetch(r)
	a.op("SUBQ", fmt.Sprintf("$%d", unrolled), "CX")
	a.op("JGE", fmt.Sprintf("loop%d", r))
	a.line("rest%d:", r)
	a.op("ADDQ", fmt.Sprintf("$%d", unrolled), "CX")
	a.op("JEQ", fmt.Sprintf("summed%d", r))
	a.line("single%d:", r)
	a.turn(s, r, 1, f)
	a.op("DECQ", "CX")
	a.op("JNZ", fmt.Sprintf("single%d", r))
	a.line("summed%d:", r)
}

func (a *asm) turn(s scoreShape, r, columns int, f step) {
	for c := range columns {
		for v := range s.vectors {
			a.load(a.at("SI", c*s.vectors+v), s.query(v), "")
		}
		for i := range r {
			x := s.value(c*r + i)
			at := rowAddress(i)
			if c > 0 {
				at = fmt.Sprintf("%d%s", 4*c, at)
			}
			a.op("VBROADCASTSS", at, x)
			f(a, s, i, x)
		}
	}
	a.op("ADDQ", fmt.Sprintf("$%d", columns*s.vectors*s.unit.bytes()), "SI")
	for p := 0; p <= (r-1)/3; p++ {
		a.op("ADDQ", fmt.Sprintf("$%d", 4*columns), rowPointers[p])
	}
}

// fetch asks for what a turn of the next tile will read. At the end of a row AX goes on with the next.
func (a *asm) fetch(r int) {
	bytes := 4 * r * unrolled
	for at := 0; at < bytes; at += 64 {
		a.op("PREFETCHT0", fmt.Sprintf("%d(AX)", at))
	}
	a.op("ADDQ", fmt.Sprintf("$%d", bytes), "AX")
	a.op("LEAQ", "(AX)(R12*1)", "R14")
	a.op("LEAQ", "(BX)(DX*1)", "R15")
	a.op("CMPQ", "AX", "BX")
	a.op("CMOVQCC", "R14", "AX")
	a.op("CMOVQCC", "R15", "BX")
}

// join adds the sums to the result, or to zero in the first run of columns.
func (a *asm) join(s scoreShape, r int, op string) {
	a.place("block_out", r)
	zero := s.query(0)
	a.zero(zero)
	a.op("CMPB", "block_first(DI)", "$0")
	a.op("JEQ", fmt.Sprintf("later%d", r))
	for i := range r {
		for v := range s.vectors {
			a.op(op, s.sum(i, v), zero, s.sum(i, v))
			a.store(s.sum(i, v), a.at("SI", i*s.vectors+v), "")
		}
	}
	a.next(r)
	a.line("later%d:", r)
	for i := range r {
		for v := range s.vectors {
			a.load(a.at("SI", i*s.vectors+v), zero, "")
			a.op(op, s.sum(i, v), zero, s.sum(i, v))
			a.store(s.sum(i, v), a.at("SI", i*s.vectors+v), "")
		}
	}
	a.next(r)
}

// next goes to the next tile: R8 is back at the start of its row and r rows on.
func (a *asm) next(r int) {
	a.op("MOVQ", "block_count(DI)", "R8")
	a.op("SUBQ", "R13", "R8")
	a.op("IMULQ", "DX", "R8")
	a.op("ADDQ", "block_rows(DI)", "R8")
	a.op("JMP", fmt.Sprintf("more%d", r))
}
