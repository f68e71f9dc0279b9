package asmgen

import "fmt"

// folds is the file of the kernels that take in a tile of scores while it is in cache.
func folds() string {
	a := &asm{}
	a.WriteString(header + "#include \"go_asm.h\"\n")
	a.foldConstants()
	for _, s := range scoreShapes {
		a.unit = s.unit
		a.pick(s.vectors)
	}
	for _, u := range []isa{avx512, avx2} {
		a.unit = u
		a.largest()
		for _, r := range reductions {
			a.add(r)
		}
		a.scaleRows()
	}
	return a.String()
}

func (a *asm) foldConstants() {
	a.line("\nDATA magic<>+0(SB)/8, $0x4338000000000000 // 1.5·2⁵²")
	a.line("GLOBL magic<>(SB), RODATA|NOPTR, $8")
}

// pick writes the search for a row some of whose scores may enter the lists: thresholds stay in registers.
func (a *asm) pick(vectors int) {
	name := fmt.Sprintf("pick%sx%d", a.unit.name, vectors)
	a.line("\n// func %s(p *pick) int", name)
	a.text(name, 16)
	a.op("MOVQ", "p+0(FP)", "DI")
	a.op("MOVQ", "pick_from(DI)", "AX")
	a.op("MOVQ", "pick_rows(DI)", "CX")
	a.op("MOVQ", "AX", "SI")
	a.op("IMULQ", fmt.Sprintf("$%d", vectors*a.unit.bytes()), "SI")
	a.op("ADDQ", "pick_scores(DI)", "SI")
	a.op("MOVQ", "pick_best(DI)", "R8")
	a.op("MOVQ", "pick_worst(DI)", "R9")
	for v := range vectors {
		a.load(a.at("R8", v), a.unit.v(v), "")
	}
	a.op("CMPB", "pick_both(DI)", "$0")
	a.op("JEQ", "high")
	for v := range vectors {
		a.load(a.at("R9", v), a.unit.v(4+v), "")
	}
	a.pickLoop("low", vectors, true)
	a.pickLoop("high", vectors, false)
	a.line("done:")
	a.op("MOVQ", "AX", "ret+8(FP)")
	a.op("VZEROUPPER")
	a.op("RET")
}

// pickLoop looks at one row after the other, and writes down the lanes of the one it finds.
func (a *asm) pickLoop(label string, vectors int, both bool) {
	a.line("%s:", label)
	a.op("CMPQ", "AX", "CX")
	a.op("JGE", "done")
	a.flags(vectors, both)
	a.op("JNE", label+"Hit")
	a.op("INCQ", "AX")
	a.op("ADDQ", fmt.Sprintf("$%d", vectors*a.unit.bytes()), "SI")
	a.op("JMP", label)
	a.line("%sHit:", label)
	a.op("XORQ", "BX", "BX")
	for v := vectors - 1; v >= 0; v-- {
		a.lanes("DX", "R10", v, both)
		if v < vectors-1 {
			a.op("SHLQ", fmt.Sprintf("$%d", a.unit.lanes), "BX")
		}
		a.op("ORQ", "DX", "BX")
	}
	a.op("MOVQ", "BX", "pick_hits(DI)")
	a.op("JMP", "done")
}

// The comparisons: a score above the threshold, below that of the worst.
const above, below = "$30", "$17"

// lanes sets the bits of a register for the scores of vector v that are beyond a threshold.
func (a *asm) lanes(bits, spare string, v int, both bool) {
	x := a.unit.v(8 + v)
	a.lanesOf(above, a.unit.v(v), x, bits)
	if both {
		a.lanesOf(below, a.unit.v(4+v), x, spare)
		a.op("ORQ", spare, bits)
	}
}

func (a *asm) lanesOf(how, limit, x, bits string) {
	if a.unit.reg == "Z" {
		a.op("VCMPPS", how, limit, x, "K1")
		a.op("KMOVW", "K1", bits)
		return
	}
	a.op("VCMPPS", how, limit, x, "Y12")
	a.op("VMOVMSKPS", "Y12", bits)
}

// flags clears the zero flag when a score of the row at SI is above its threshold, or below that of the worst.
func (a *asm) flags(vectors int, both bool) {
	var hits []string
	compare := func(how, limit, x string) {
		hit := a.unit.v(12 + len(hits)%4)
		if a.unit.reg == "Z" {
			hit = fmt.Sprintf("K%d", 1+len(hits)%4)
		}
		if len(hits) >= 4 { // all four are taken: joined to what is there
			spare := "K5"
			a.op("VCMPPS", how, limit, x, spare)
			a.op("KORW", spare, hit, hit)
			return
		}
		a.op("VCMPPS", how, limit, x, hit)
		hits = append(hits, hit)
	}
	for v := range vectors {
		x := a.unit.v(8 + v)
		a.load(a.at("SI", v), x, "")
		compare(above, a.unit.v(v), x)
	}
	for v := 0; both && v < vectors; v++ {
		compare(below, a.unit.v(4+v), a.unit.v(8+v))
	}
	a.test(hits)
}

// test clears the zero flag when one of the comparisons was true.
func (a *asm) test(hits []string) {
	join, last := "KORW", len(hits)-1
	if a.unit.reg == "Y" {
		join = "VORPS"
	}
	for i := 1; i < last; i++ {
		a.op(join, hits[i], hits[0], hits[0])
	}
	if a.unit.reg == "Z" {
		a.op("KORTESTW", hits[0], hits[last])
		return
	}
	if last > 0 {
		a.op(join, hits[last], hits[0], hits[0])
	}
	a.op("VMOVMSKPS", hits[0], "DX")
	a.op("TESTL", "DX", "DX")
}

// largest writes the greatest magnitude of n > 0 scores, whole vectors of them, as bits: doubled, so that the sign drops
// out.
func (a *asm) largest() {
	a.line("\n// func largest%s(x *float32, n int) uint32", a.unit.name)
	a.text("largest"+a.unit.name, 20)
	a.op("MOVQ", "x+0(FP)", "SI")
	a.op("MOVQ", "n+8(FP)", "CX")
	a.zero(a.unit.v(0))
	a.line("loop:")
	a.load("(SI)", a.unit.v(1), "")
	a.op("VPADDD", a.unit.v(1), a.unit.v(1), a.unit.v(1))
	a.op("VPMAXUD", a.unit.v(1), a.unit.v(0), a.unit.v(0))
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.bytes()), "SI")
	a.op("SUBQ", fmt.Sprintf("$%d", a.unit.lanes), "CX")
	a.op("JG", "loop")
	if a.unit.reg == "Z" {
		a.op("VEXTRACTI64X4", "$1", "Z0", "Y1")
		a.op("VPMAXUD", "Y1", "Y0", "Y0")
	}
	a.op("VEXTRACTI128", "$1", "Y0", "X1")
	for _, swap := range []string{"", "$0x4e", "$0xb1"} {
		if swap != "" {
			a.op("VPSHUFD", swap, "X0", "X1")
		}
		a.op("VPMAXUD", "X1", "X0", "X0")
	}
	a.op("VMOVD", "X0", "AX")
	a.op("SHRL", "$1", "AX")
	a.op("MOVL", "AX", "ret+16(FP)")
	a.op("VZEROUPPER")
	a.op("RET")
}

// reduction turns scores (doubles in register 0, scaled by register 15) into integers and joins them to those at DX.
type reduction struct {
	name string
	join func(a *asm)
}

var reductions = []reduction{
	{"sum", func(a *asm) {
		a.scaled()
		a.round()
		a.op("VPADDQ", "(DX)", a.unit.v(0), a.unit.v(0))
	}},
	{"positive", func(a *asm) {
		a.scaled()
		a.op("VMAXPD", a.unit.v(0), a.unit.v(13), a.unit.v(0))
		a.round()
		a.op("VPADDQ", "(DX)", a.unit.v(0), a.unit.v(0))
	}},
	{"greatest", func(a *asm) {
		a.scaled()
		a.round()
		if a.unit.reg == "Z" {
			a.op("VPMAXSQ", "(DX)", a.unit.v(0), a.unit.v(0))
			return
		}
		a.load("(DX)", a.unit.v(1), "")
		a.op("VPCMPGTQ", "Y0", "Y1", "Y2")
		a.op("VBLENDVPD", "Y2", "Y1", "Y0", "Y0")
	}},
	{"squares", func(a *asm) {
		a.op("VMULPD", a.unit.v(0), a.unit.v(0), a.unit.v(0))
		a.scaled()
		a.round()
		a.op("VPADDQ", "(DX)", a.unit.v(0), a.unit.v(0))
	}},
}

func (a *asm) scaled() { a.op("VMULPD", a.unit.v(15), a.unit.v(0), a.unit.v(0)) }

// round is to the nearest integer, half to even. Without an instruction for it, adding 1.5·2⁵² leaves the integer in the
// lower bits, if its magnitude is below 2⁵¹.
func (a *asm) round() {
	if a.unit.reg == "Z" {
		a.op("VCVTPD2QQ", "Z0", "Z0")
		return
	}
	a.op("VADDPD", "Y14", "Y0", "Y0")
	a.op("VPSUBQ", "Y14", "Y0", "Y0")
}

// add writes a reduction of the rows of a tile: the scores of a row go to the sums of its group.
func (a *asm) add(r reduction) {
	name := r.name + a.unit.name
	a.line("\n// func %s(s *adds)", name)
	a.text(name, 8)
	a.op("MOVQ", "s+0(FP)", "DI")
	for _, f := range [][2]string{{"scores", "SI"}, {"group", "R8"}, {"rows", "CX"}, {"sums", "R9"}, {"step", "R10"}, {"lanes", "R11"}} {
		a.op("MOVQ", "adds_"+f[0]+"(DI)", f[1])
	}
	a.op("SHLQ", "$3", "R10")
	a.op("SHLQ", "$2", "R11")
	a.op("VBROADCASTSD", "adds_scale(DI)", a.unit.v(15))
	a.op("VBROADCASTSD", "magic<>(SB)", a.unit.v(14))
	a.zero(a.unit.v(13))
	a.line("row:")
	a.op("MOVLQSX", "(R8)", "DX")
	a.op("TESTQ", "DX", "DX")
	a.op("JLT", "next")
	a.op("IMULQ", "R10", "DX")
	a.op("ADDQ", "R9", "DX")
	a.op("MOVQ", "SI", "AX")
	a.op("LEAQ", "(DX)(R10*1)", "BX")
	a.line("lanes:")
	a.op("VCVTPS2PD", "(AX)", a.unit.v(0))
	r.join(a)
	a.store(a.unit.v(0), "(DX)", "")
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.bytes()/2), "AX")
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.bytes()), "DX")
	a.op("CMPQ", "DX", "BX")
	a.op("JLT", "lanes")
	a.line("next:")
	a.op("ADDQ", "$4", "R8")
	a.op("ADDQ", "R11", "SI")
	a.op("DECQ", "CX")
	a.op("JNZ", "row")
	a.op("VZEROUPPER")
	a.op("RET")
}

// scaleRows multiplies the scores of every row by a factor of the row.
func (a *asm) scaleRows() {
	a.line("\n// func scaleRows%s(x, by *float32, rows, lanes int)", a.unit.name)
	a.text("scaleRows"+a.unit.name, 32)
	for _, arg := range [][2]string{{"x+0", "SI"}, {"by+8", "DI"}, {"rows+16", "R8"}} {
		a.op("MOVQ", arg[0]+"(FP)", arg[1])
	}
	a.line("row:")
	a.op("VBROADCASTSS", "(DI)", a.unit.v(0))
	a.op("MOVQ", "lanes+24(FP)", "CX")
	a.line("lanes:")
	a.op("VMULPS", "(SI)", a.unit.v(0), a.unit.v(1))
	a.store(a.unit.v(1), "(SI)", "")
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.bytes()), "SI")
	a.op("SUBQ", fmt.Sprintf("$%d", a.unit.lanes), "CX")
	a.op("JG", "lanes")
	a.op("ADDQ", "$4", "DI")
	a.op("DECQ", "R8")
	a.op("JNZ", "row")
	a.op("VZEROUPPER")
	a.op("RET")
}
