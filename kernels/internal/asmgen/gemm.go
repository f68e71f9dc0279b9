package asmgen

import "fmt"

// shape is a family of register tiles: vectors of columns, and the most rows that still fit the registers.
type shape struct {
	unit    isa
	vectors int
	rows    int
	masked  bool // the last vector may be partial
}

var shapes = []shape{
	{avx512, 4, 6, true}, {avx512, 3, 8, true}, {avx512, 2, 12, true}, {avx512, 1, 12, true},
	{avx2, 2, 6, false}, {avx2, 2, 6, true}, {avx2, 1, 12, false}, {avx2, 1, 12, true},
}

func (s shape) name() string {
	name := fmt.Sprintf("strip%sx%d", s.unit.name, s.vectors)
	if s.masked && s.unit.reg == "Y" {
		return name + "m"
	}
	return name
}

// Registers of the strip functions, all through: BX steps op(A) by one of k, R12 steps B, R13 is the row the tile
// starts at, DI the strip. Within a tile: DX row stride of op(A), R8 to R11 rows 0, 3, 6 and 9 of it, SI the row of B,
// CX the depth left. Strides are in bytes.
var rowPointers = []string{"R8", "R9", "R10", "R11"}

func gemm() string {
	a := &asm{}
	a.WriteString(header + "#include \"go_asm.h\"\n")
	for _, s := range shapes {
		a.unit = s.unit
		a.strip(s)
	}
	return a.String()
}

// strip writes the function that multiplies all rows of a strip, as many at a time as fit; a rest between one and two
// tiles is halved, so that no tile is thin.
func (a *asm) strip(s shape) {
	a.line("\n// func %s(s *strip)", s.name())
	a.line("// Tiles of %d rows and %d vectors of %d columns.", s.rows, s.vectors, s.unit.lanes)
	a.text(s.name(), 8)
	a.op("MOVQ", "s+0(FP)", "DI")
	for _, stride := range [][2]string{{"stepA", "BX"}, {"stepB", "R12"}} {
		a.op("MOVQ", "strip_"+stride[0]+"(DI)", stride[1])
		a.op("SHLQ", "$2", stride[1])
	}
	a.loadMask(s)
	a.op("XORQ", "R13", "R13")
	a.line("next:")
	a.op("MOVQ", "strip_rows(DI)", "AX")
	a.op("SUBQ", "R13", "AX")
	a.op("JLE", "done")
	a.op("CMPQ", "AX", fmt.Sprintf("$%d", 2*s.rows))
	a.op("JGE", fmt.Sprintf("rows%d", s.rows))
	a.op("CMPQ", "AX", fmt.Sprintf("$%d", s.rows))
	a.op("JLE", "pick")
	a.op("INCQ", "AX")
	a.op("SHRQ", "$1", "AX")
	a.line("pick:")
	for r := 1; r < s.rows; r++ {
		a.op("CMPQ", "AX", fmt.Sprintf("$%d", r))
		a.op("JEQ", fmt.Sprintf("rows%d", r))
	}
	for r := s.rows; r > 0; r-- {
		a.tile(s, r)
	}
	a.line("done:")
	a.op("VZEROUPPER")
	a.op("RET")
}

func (a *asm) loadMask(s shape) {
	switch {
	case s.unit.reg == "Z":
		a.op("KMOVW", "strip_mask(DI)", "K1")
	case s.masked:
		a.op("VMOVUPS", "strip_lanes(DI)", "Y15")
	}
}

// mask is the mask of vector v, empty when it is always whole.
func (s shape) mask(v int) string {
	if !s.masked || v < s.vectors-1 {
		return ""
	}
	if s.unit.reg == "Z" {
		return "K1"
	}
	return "Y15"
}

func (s shape) sum(row, vector int) string { return s.unit.v(row*s.vectors + vector) }

// tile writes the product of r rows: sums from zero or from where they were paused, one fused multiply-add per step of
// k in order, then either paused again or scaled, added to and stored.
func (a *asm) tile(s shape, r int) {
	free := s.rows * s.vectors
	a.line("rows%d:", r)
	a.start(s, r)
	a.touch(s, r)
	a.pointers(r)
	a.loop(s, r, free)
	a.op("CMPB", "strip_pause(DI)", "$0")
	a.op("JNE", fmt.Sprintf("pause%d", r))
	a.finish(s, r, free)
	a.rowStart("c", "rowC")
	a.storeRows(s, r)
	a.op("ADDQ", fmt.Sprintf("$%d", r), "R13")
	a.op("JMP", "next")
	a.line("pause%d:", r)
	a.rowStart("part", "rowPart")
	a.storeRows(s, r)
	a.op("ADDQ", fmt.Sprintf("$%d", r), "R13")
	a.op("JMP", "next")
}

// rowStart sets R8 to row R13 of a field and DX to its stride.
func (a *asm) rowStart(field, stride string) {
	a.op("MOVQ", "strip_"+stride+"(DI)", "DX")
	a.op("SHLQ", "$2", "DX")
	a.op("MOVQ", "R13", "R8")
	a.op("IMULQ", "DX", "R8")
	a.op("ADDQ", "strip_"+field+"(DI)", "R8")
}

// start sets the sums to zero, or reads them back when the strip resumes.
func (a *asm) start(s shape, r int) {
	a.op("CMPB", "strip_resume(DI)", "$0")
	a.op("JNE", fmt.Sprintf("resume%d", r))
	for i := range r {
		for v := range s.vectors {
			a.zero(s.sum(i, v))
		}
	}
	a.op("JMP", fmt.Sprintf("ready%d", r))
	a.line("resume%d:", r)
	a.rowStart("part", "rowPart")
	for i := range r {
		for v := range s.vectors {
			a.load(a.at("R8", v), s.sum(i, v), s.mask(v))
		}
		if i+1 < r {
			a.op("ADDQ", "DX", "R8")
		}
	}
	a.line("ready%d:", r)
}

// touch fetches the lines of the result while the sums are made.
func (a *asm) touch(s shape, r int) {
	a.rowStart("c", "rowC")
	for i := range r {
		for at := 0; at < s.vectors*s.unit.bytes(); at += 64 {
			a.op("PREFETCHT0", fmt.Sprintf("%d(R8)", at))
		}
		if i+1 < r {
			a.op("ADDQ", "DX", "R8")
		}
	}
}

// pointers sets what the loop steps: the rows of op(A), B, the depth, and AX, which runs ahead over the next tile's rows
// where they follow each other.
func (a *asm) pointers(r int) {
	a.rowStart("a", "rowA")
	if r > 3 {
		a.op("LEAQ", "(DX)(DX*2)", "AX")
	}
	for p := 1; p <= (r-1)/3; p++ {
		a.op("LEAQ", "("+rowPointers[p-1]+")(AX*1)", rowPointers[p])
	}
	a.op("MOVQ", "strip_b(DI)", "SI")
	a.op("MOVQ", "strip_depth(DI)", "CX")
	a.op("MOVQ", "DX", "AX")
	a.op("IMULQ", fmt.Sprintf("$%d", r), "AX")
	a.op("ADDQ", "R8", "AX")
}

// loop adds one step of k at a time. Where the strip of B may be too long for the first cache, a second form of the
// loop fetches it ahead; where it is not, that would only be in the way.
func (a *asm) loop(s shape, r, free int) {
	if r == s.rows && s.vectors == 4 {
		a.op("CMPB", "strip_far(DI)", "$0")
		a.op("JNE", fmt.Sprintf("far%d", r))
		a.steps(s, r, free, fmt.Sprintf("loop%d", r), 0)
		a.op("JMP", fmt.Sprintf("summed%d", r))
		a.steps(s, r, free, fmt.Sprintf("far%d", r), 8)
		a.line("summed%d:", r)
		return
	}
	a.steps(s, r, free, fmt.Sprintf("loop%d", r), 0)
}

// steps is a loop over the depth that fetches B so many steps ahead, 0 for not at all.
func (a *asm) steps(s shape, r, free int, label string, ahead int) {
	a.op("PCALIGN", "$32")
	a.line("%s:", label)
	for v := range s.vectors {
		a.load(a.at("SI", v), s.unit.v(free+v), s.mask(v))
		if ahead > 0 {
			a.op("PREFETCHT0", fmt.Sprintf("%d(SI)(R12*%d)", v*s.unit.bytes(), ahead))
		}
	}
	spare := s.unit.regs - free - s.vectors
	if s.unit.reg == "Y" && s.masked {
		spare--
	}
	for i := range r {
		x := s.unit.v(free + s.vectors + i%min(spare, 4))
		a.op("VBROADCASTSS", rowAddress(i), x)
		for v := range s.vectors {
			a.op("VFMADD231PS", s.unit.v(free+v), x, s.sum(i, v))
		}
	}
	a.op("PREFETCHT0", "(AX)")
	a.op("ADDQ", fmt.Sprintf("$%d", 4*r), "AX")
	a.op("ADDQ", "R12", "SI")
	for p := 0; p <= (r-1)/3; p++ {
		a.op("ADDQ", "BX", rowPointers[p])
	}
	a.op("DECQ", "CX")
	a.op("JNZ", label)
}

func rowAddress(i int) string {
	p := rowPointers[i/3]
	return []string{"(" + p + ")", "(" + p + ")(DX*1)", "(" + p + ")(DX*2)"}[i%3]
}

// at is the address of vector v of a row.
func (a *asm) at(reg string, v int) string {
	if v == 0 {
		return "(" + reg + ")"
	}
	return fmt.Sprintf("%d(%s)", v*a.unit.bytes(), reg)
}

// finish multiplies the sums by alpha unless it is 1 and adds beta times the rows of add unless it is 0, which are then
// not read.
func (a *asm) finish(s shape, r, free int) {
	scale, value := s.unit.v(free), s.unit.v(free+1)
	a.op("CMPL", "strip_alpha(DI)", "$0x3f800000")
	a.op("JEQ", fmt.Sprintf("unscaled%d", r))
	a.op("VBROADCASTSS", "strip_alpha(DI)", scale)
	for i := range r {
		for v := range s.vectors {
			a.op("VMULPS", scale, s.sum(i, v), s.sum(i, v))
		}
	}
	a.line("unscaled%d:", r)
	a.op("MOVL", "strip_beta(DI)", "AX")
	a.op("ADDL", "AX", "AX")
	a.op("JEQ", fmt.Sprintf("alone%d", r))
	a.op("VBROADCASTSS", "strip_beta(DI)", scale)
	a.rowStart("add", "rowAdd")
	for i := range r {
		for v := range s.vectors {
			a.load(a.at("R8", v), value, s.mask(v))
			a.op("VFMADD231PS", value, scale, s.sum(i, v))
		}
		if i+1 < r {
			a.op("ADDQ", "DX", "R8")
		}
	}
	a.line("alone%d:", r)
}

func (a *asm) storeRows(s shape, r int) {
	for i := range r {
		for v := range s.vectors {
			a.store(s.sum(i, v), a.at("R8", v), s.mask(v))
		}
		if i+1 < r {
			a.op("ADDQ", "DX", "R8")
		}
	}
}
