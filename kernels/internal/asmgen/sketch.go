package asmgen

import "fmt"

// sketchForm is a way to add products of bytes, four columns of a row and four of a query, in 32 bits.
type sketchForm struct {
	name   string // of the kernels, before the number of vectors
	shapes []scoreShape
	turn   func(a *asm, s scoreShape, rows int) // eight columns
}

var sketchForms = []sketchForm{
	{"sketch512", []scoreShape{{avx512, 4, []int{6, 3, 1}}, {avx512, 3, []int{8, 3, 1}}, {avx512, 2, []int{12, 4, 1}}, {avx512, 1, []int{12, 4, 1}}},
		(*asm).sketchDot},
	{"sketchVNNI", []scoreShape{{avx2, 2, []int{6, 3, 1}}, {avx2, 1, []int{12, 4, 1}}}, (*asm).sketchDot},
	{"sketch256", []scoreShape{{avx2, 2, []int{3, 1}}, {avx2, 1, []int{6, 3, 1}}}, (*asm).sketchPairs},
}

// sketches is the file of the kernels that compare rows of bytes with a panel of queries.
//
// Registers all through: DI the block, R13 the rows that are left, DX the bytes between rows, AX what is fetched ahead.
// Within a tile: R8 to R11 rows 0, 3, 6 and 9, SI the queries, CX the columns left.
func sketches() string {
	a := &asm{}
	a.WriteString(header + "#include \"go_asm.h\"\n")
	a.line("\nDATA ones<>+0(SB)/4, $0x00010001")
	a.line("GLOBL ones<>(SB), RODATA|NOPTR, $4")
	a.line("\nDATA bias<>+0(SB)/4, $0x80808080")
	a.line("GLOBL bias<>(SB), RODATA|NOPTR, $4")
	for _, f := range sketchForms {
		for _, s := range f.shapes {
			a.unit = s.unit
			a.sketch(f, s)
		}
	}
	a.fetchBytes()
	return a.String()
}

func (a *asm) sketch(f sketchForm, s scoreShape) {
	name := fmt.Sprintf("%sx%d", f.name, s.vectors)
	a.line("\n// func %s(b *sketchBlock)", name)
	a.line("// %d rows and %d vectors of %d queries at a time.", s.rows[0], s.vectors, s.unit.lanes)
	a.text(name, 8)
	a.op("MOVQ", "b+0(FP)", "DI")
	a.op("MOVQ", "sketchBlock_rows(DI)", "R8")
	a.op("MOVQ", "sketchBlock_stride(DI)", "DX")
	a.op("MOVQ", "sketchBlock_count(DI)", "R13")
	a.op("MOVQ", "sketchBlock_ahead(DI)", "AX")
	a.op("VPBROADCASTD", "bias<>(SB)", s.unit.v(s.unit.regs-1))
	if f.name == "sketch256" {
		a.op("VPBROADCASTD", "ones<>(SB)", s.unit.v(14))
	}
	for i, r := range s.rows {
		a.line("more%d:", r)
		a.op("CMPQ", "R13", fmt.Sprintf("$%d", r))
		if i+1 < len(s.rows) {
			a.op("JLT", fmt.Sprintf("more%d", s.rows[i+1]))
		} else {
			a.op("JLT", "done")
		}
		a.sketchTile(f, s, r)
	}
	a.line("done:")
	a.op("VZEROUPPER")
	a.op("RET")
}

// sketchTile is r rows: sums from where they begin or were paused, eight columns after the other, then paused again or
// turned into scores.
func (a *asm) sketchTile(f sketchForm, s scoreShape, r int) {
	a.sketchBegin(s, r)
	a.op("PCALIGN", "$32")
	a.line("loop%d:", r)
	f.turn(a, s, r)
	a.op("PREFETCHT0", "(AX)")
	a.op("ADDQ", fmt.Sprintf("$%d", 8*r), "AX")
	a.op("ADDQ", fmt.Sprintf("$%d", 2*s.vectors*s.unit.bytes()), "SI")
	for p := 0; p <= (r-1)/3; p++ {
		a.op("ADDQ", "$8", rowPointers[p])
	}
	a.op("DECQ", "CX")
	a.op("JNZ", fmt.Sprintf("loop%d", r))
	a.sketchEnd(s, r)
}

func (a *asm) sketchPlace(r int) {
	a.op("MOVQ", "sketchBlock_count(DI)", "BX")
	a.op("SUBQ", "R13", "BX")
	a.op("MOVQ", "BX", "SI")
	a.op("IMULQ", fmt.Sprintf("$%d", r), "SI")
	a.op("ADDQ", "sketchBlock_out(DI)", "SI")
}

// sketchBegin sets the sums and the pointers of the tile.
func (a *asm) sketchBegin(s scoreShape, r int) {
	a.op("MOVQ", "sketchBlock_start(DI)", "SI")
	for i := range r {
		for v := range s.vectors {
			a.load(a.at("SI", v), s.sum(i, v), "")
		}
	}
	a.op("CMPB", "sketchBlock_resume(DI)", "$0")
	a.op("JEQ", fmt.Sprintf("fresh%d", r))
	a.sketchPlace(s.vectors * s.unit.bytes())
	for i := range r {
		for v := range s.vectors {
			a.load(a.at("SI", i*s.vectors+v), s.sum(i, v), "")
		}
	}
	a.line("fresh%d:", r)
	if r > 3 {
		a.op("LEAQ", "(DX)(DX*2)", "BX")
	}
	for p := 1; p <= (r-1)/3; p++ {
		a.op("LEAQ", "("+rowPointers[p-1]+")(BX*1)", rowPointers[p])
	}
	a.op("MOVQ", "sketchBlock_query(DI)", "SI")
	a.op("MOVQ", "sketchBlock_depth(DI)", "CX")
}

// sketchEnd stores the sums, or the scores: each row's sums times its factor.
func (a *asm) sketchEnd(s scoreShape, r int) {
	a.sketchPlace(s.vectors * s.unit.bytes())
	a.op("CMPB", "sketchBlock_pause(DI)", "$0")
	a.op("JNE", fmt.Sprintf("store%d", r))
	a.op("SHLQ", "$2", "BX")
	a.op("ADDQ", "sketchBlock_factor(DI)", "BX")
	for i := range r {
		factor := s.query(i % s.vectors)
		a.op("VBROADCASTSS", fmt.Sprintf("%d(BX)", 4*i), factor)
		for v := range s.vectors {
			a.op("VCVTDQ2PS", s.sum(i, v), s.sum(i, v))
			a.op("VMULPS", factor, s.sum(i, v), s.sum(i, v))
		}
	}
	a.line("store%d:", r)
	for i := range r {
		for v := range s.vectors {
			a.store(s.sum(i, v), a.at("SI", i*s.vectors+v), "")
		}
	}
	a.op("SUBQ", fmt.Sprintf("$%d", r), "R13")
	a.op("MOVQ", "sketchBlock_count(DI)", "R8")
	a.op("SUBQ", "R13", "R8")
	a.op("IMULQ", "DX", "R8")
	a.op("ADDQ", "sketchBlock_rows(DI)", "R8")
	a.op("JMP", fmt.Sprintf("more%d", r))
}

func sketchAddress(row, column int) string {
	if column == 0 {
		return rowAddress(row)
	}
	return fmt.Sprintf("%d%s", column, rowAddress(row))
}

// sketchDot is one instruction for four products.
func (a *asm) sketchDot(s scoreShape, r int) {
	for c := range 2 {
		for v := range s.vectors {
			a.load(a.at("SI", c*s.vectors+v), s.query(v), "")
		}
		for i := range r {
			x := s.value(c*r + i)
			a.op("VPBROADCASTD", sketchAddress(i, 4*c), x)
			a.flip(s.unit.v(s.unit.regs-1), x)
			for v := range s.vectors {
				a.dotBytes(s.query(v), x, s.sum(i, v))
			}
		}
	}
}

// dotBytes adds products of signed and unsigned bytes to a sum. The assembler knows only the form of AVX-512, so that of
// AVX-VNNI is written as bytes (Intel's manual, VPDPBUSD: VEX.256.66.0F38.W0 50 /r).
func (a *asm) dotBytes(signed, unsigned, sum string) {
	if a.unit.reg == "Z" {
		a.op("VPDPBUSD", signed, unsigned, sum)
		return
	}
	var m, v, d int
	for text, n := range map[string]*int{signed: &m, unsigned: &v, sum: &d} {
		if _, err := fmt.Sscanf(text, "Y%d", n); err != nil {
			panic("asmgen: " + text + " is not a register of AVX2")
		}
	}
	extend := 0xe2 ^ d>>3<<7 ^ m>>3<<5 // R̄ X̄ B̄ and the map 0F38
	a.line("\t// VPDPBUSD %s, %s, %s", signed, unsigned, sum)
	a.line("\tBYTE $0xc4; BYTE $0x%02x; BYTE $0x%02x; BYTE $0x50; BYTE $0x%02x", extend, (^v&15)<<3|5, 0xc0|d&7<<3|m&7)
}

// sketchPairs adds two products of bytes in 16 bits, twice, and then all four in 32: the queries' numbers are at most 31,
// so that 4·255·31 fits 16 bits.
func (a *asm) sketchPairs(s scoreShape, r int) {
	u := s.unit
	query := func(c, v int) string { return u.v(s.free() + c*s.vectors + v) }
	x, spare := []string{u.v(13), u.v(12)}, []string{u.v(10), u.v(11)}
	for c := range 2 {
		for v := range s.vectors {
			a.load(a.at("SI", c*s.vectors+v), query(c, v), "")
		}
	}
	at := 0
	for i := range r {
		for c := range 2 {
			a.op("VPBROADCASTD", sketchAddress(i, 4*c), x[c])
			a.flip(u.v(15), x[c])
		}
		for v := range s.vectors {
			t0, t1 := spare[at%len(spare)], spare[(at+1)%len(spare)]
			at++
			a.op("VPMADDUBSW", query(0, v), x[0], t0)
			a.op("VPMADDUBSW", query(1, v), x[1], t1)
			a.op("VPADDW", t1, t0, t0)
			a.op("VPMADDWD", u.v(14), t0, t0)
			a.op("VPADDD", t0, s.sum(i, v), s.sum(i, v))
		}
	}
}

// flip turns the bytes of a row from v to v + 128, unsigned, by their top bits.
func (a *asm) flip(bits, x string) {
	if a.unit.reg == "Z" {
		a.op("VPXORD", bits, x, x)
		return
	}
	a.op("VPXOR", bits, x, x)
}

// fetchBytes asks for n > 0 bytes that will be read soon.
func (a *asm) fetchBytes() {
	a.line("\n// func fetchBytes(p *byte, n int)")
	a.text("fetchBytes", 16)
	a.op("MOVQ", "p+0(FP)", "SI")
	a.op("MOVQ", "n+8(FP)", "CX")
	a.line("loop:")
	a.op("PREFETCHT0", "(SI)")
	a.op("ADDQ", "$64", "SI")
	a.op("SUBQ", "$64", "CX")
	a.op("JG", "loop")
	a.op("VZEROUPPER")
	a.op("RET")
}
