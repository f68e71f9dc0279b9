package asmgen

import "fmt"

// fewRows is the number of rows whose scores with a query lie in the lanes of vectors: 16 rows at once.
const fewRows = 16

// fewMost is the largest number of queries that these kernels take.
const fewMost = 4

// few is the file of the kernels for one to four queries, which are bound by the reading of rows. Four columns of 16 rows
// are transposed in registers, so that a lane is a row: one chain of fused multiply-adds per score, as in the others.
//
// Registers: DI the block, R8 to R11 rows 0, 4, 8 and 12, DX the bytes between rows, R13 three times that, SI the queries
// (column after column), CX the columns left; AX, BX, R12, R14 and R15 fetch ahead.
func few() string {
	a := &asm{}
	a.WriteString(header + "#include \"go_asm.h\"\n")
	for _, u := range []isa{avx512, avx2} {
		a.unit = u
		for q := 1; q <= fewMost; q++ {
			a.few(q, "dot", "VADDPS")
			a.few(q, "distance", "VSUBPS")
		}
	}
	return a.String()
}

// fewSum is the register of query q and part h of the rows.
func (a *asm) fewSum(q, h int) string { return a.unit.v(8 + q*fewRows/a.unit.lanes + h) }

func (a *asm) few(queries int, kind, join string) {
	name := fmt.Sprintf("%s%sfew%d", kind, a.unit.name, queries)
	a.line("\n// func %s(b *block)", name)
	a.text(name, 8)
	a.op("MOVQ", "b+0(FP)", "DI")
	a.op("MOVQ", "block_stride(DI)", "DX")
	a.op("SHLQ", "$2", "DX")
	a.op("LEAQ", "(DX)(DX*2)", "R13")
	a.line("group:")
	a.op("MOVQ", "block_done(DI)", "R8")
	a.op("IMULQ", "DX", "R8")
	a.op("ADDQ", "block_rows(DI)", "R8")
	for i := 1; i < 4; i++ {
		a.op("LEAQ", "("+rowPointers[i-1]+")(DX*4)", rowPointers[i])
	}
	a.op("MOVQ", "block_query(DI)", "SI")
	a.op("MOVQ", "block_depth(DI)", "CX")
	a.op("MOVQ", "block_ahead(DI)", "AX")
	a.op("LEAQ", "(R8)(AX*4)", "AX")
	a.op("LEAQ", "(AX)(CX*4)", "BX")
	a.op("LEAQ", "(CX*4)", "R12")
	a.op("NEGQ", "R12")
	a.op("ADDQ", "DX", "R12")
	for i := range queries * fewRows / a.unit.lanes {
		a.zero(a.unit.v(8 + i))
	}
	a.fewColumns(queries, kind)
	a.fewJoin(queries, join)
	a.op("MOVQ", "block_done(DI)", "AX")
	a.op("ADDQ", fmt.Sprintf("$%d", fewRows), "AX")
	a.op("MOVQ", "AX", "block_done(DI)")
	a.op("CMPQ", "AX", "block_count(DI)")
	a.op("JLT", "group")
	a.op("VZEROUPPER")
	a.op("RET")
}

// fewColumns adds all columns, four at a time and then the rest.
func (a *asm) fewColumns(queries int, kind string) {
	a.op("SUBQ", "$4", "CX")
	a.op("JLT", "rest")
	a.op("PCALIGN", "$32")
	a.line("loop:")
	for h := range fewRows / a.unit.lanes {
		a.fewTranspose(h)
		for c := range 4 {
			a.fewStep(queries, c, h, a.unit.v(c), kind)
		}
	}
	a.fewAdvance(queries, 4)
	a.fetch(fewRows)
	a.op("SUBQ", "$4", "CX")
	a.op("JGE", "loop")
	a.line("rest:")
	a.op("ADDQ", "$4", "CX")
	a.op("JEQ", "summed")
	a.line("single:")
	for h := range fewRows / a.unit.lanes {
		a.fewGather(h)
		a.fewStep(queries, 0, h, a.unit.v(0), kind)
	}
	a.fewAdvance(queries, 1)
	a.op("DECQ", "CX")
	a.op("JNZ", "single")
	a.line("summed:")
}

func (a *asm) fewAdvance(queries, columns int) {
	a.op("ADDQ", fmt.Sprintf("$%d", 4*queries*columns), "SI")
	for _, p := range rowPointers {
		a.op("ADDQ", fmt.Sprintf("$%d", 4*columns), p)
	}
}

// quarterRow is the address of row j, 0 to 3, of a pointer.
func quarterRow(pointer string, j int) string {
	return []string{"(" + pointer + ")", "(" + pointer + ")(DX*1)", "(" + pointer + ")(DX*2)", "(" + pointer + ")(R13*1)"}[j]
}

// insert puts four values into lane l of four.
func (a *asm) insert(l int, from, v string) {
	name := "VINSERTF128"
	if a.unit.reg == "Z" {
		name = "VINSERTF32X4"
	}
	a.op(name, fmt.Sprintf("$%d", l), from, v, v)
}

// fewTranspose leaves the next four columns of part h of the rows in registers 0 to 3; it needs 4 to 7.
func (a *asm) fewTranspose(h int) {
	v := a.unit.v
	for j := range 4 {
		for l := range a.unit.lanes / 4 {
			from := quarterRow(rowPointers[h*a.unit.lanes/4+l], j)
			if l == 0 {
				a.op("VMOVUPS", from, fmt.Sprintf("X%d", j))
			} else {
				a.insert(l, from, v(j))
			}
		}
	}
	a.op("VUNPCKLPS", v(1), v(0), v(4))
	a.op("VUNPCKHPS", v(1), v(0), v(5))
	a.op("VUNPCKLPS", v(3), v(2), v(6))
	a.op("VUNPCKHPS", v(3), v(2), v(7))
	a.op("VUNPCKLPD", v(6), v(4), v(0))
	a.op("VUNPCKHPD", v(6), v(4), v(1))
	a.op("VUNPCKLPD", v(7), v(5), v(2))
	a.op("VUNPCKHPD", v(7), v(5), v(3))
}

// fewGather leaves one column of part h of the rows in register 0.
func (a *asm) fewGather(h int) {
	for l := range a.unit.lanes / 4 {
		p, x := rowPointers[h*a.unit.lanes/4+l], "X1"
		if l == 0 {
			x = "X0"
		}
		a.op("VMOVSS", quarterRow(p, 0), x)
		for j := 1; j < 4; j++ {
			a.op("VINSERTPS", fmt.Sprintf("$0x%d0", j), quarterRow(p, j), x, x)
		}
		if l > 0 {
			a.insert(l, x, a.unit.v(0))
		}
	}
}

// fewStep adds a column, held in a register, to the sums of all queries.
func (a *asm) fewStep(queries, column, h int, rows, kind string) {
	for q := range queries {
		x := a.unit.v(4 + 2*(q%2))
		a.op("VBROADCASTSS", fmt.Sprintf("%d(SI)", 4*(column*queries+q)), x)
		if kind == "dot" {
			a.op("VFMADD231PS", rows, x, a.fewSum(q, h))
			continue
		}
		d := a.unit.v(5 + 2*(q%2))
		a.op("VSUBPS", x, rows, d)
		a.op("VFMADD231PS", d, d, a.fewSum(q, h))
	}
}

// fewJoin adds the sums to the result, a row of scores per query, or to zero in the first run of columns.
func (a *asm) fewJoin(queries int, op string) {
	zero := a.unit.v(0)
	a.zero(zero)
	a.op("MOVQ", "block_done(DI)", "AX")
	a.op("SHLQ", "$2", "AX")
	a.op("ADDQ", "block_out(DI)", "AX")
	a.op("MOVQ", "block_lanes(DI)", "BX")
	a.op("MOVBLZX", "block_first(DI)", "CX")
	for q := range queries {
		for h := range fewRows / a.unit.lanes {
			label := fmt.Sprintf("join%dx%d", q, h)
			a.op("TESTL", "CX", "CX")
			a.op("JNE", label)
			a.load(a.at("AX", h), zero, "")
			a.line("%s:", label)
			a.op(op, a.fewSum(q, h), zero, zero)
			a.store(zero, a.at("AX", h), "")
			a.zero(zero)
		}
		if q+1 < queries {
			a.op("LEAQ", "(AX)(BX*4)", "AX")
		}
	}
}
