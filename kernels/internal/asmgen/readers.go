package asmgen

import (
	"fmt"
	"strings"
)

// readers is the file of the kernels that go over rows once, beside their comparison.
func readers() string {
	a := &asm{}
	a.WriteString(header)
	for _, u := range []isa{avx512, avx2} {
		a.unit = u
		a.norms()
		for _, w := range widenings {
			a.widen(w)
		}
	}
	a.WriteString(strings.TrimPrefix(transpose(), header))
	return a.String()
}

// widening makes single precision numbers, in register 0, of smaller ones at SI.
type widening struct {
	name, from string
	size       int
	make       func(a *asm)
}

var widenings = []widening{
	{"BF16", "uint16", 2, func(a *asm) {
		a.op("VPMOVZXWD", "(SI)", a.unit.v(0))
		a.op("VPSLLD", "$16", a.unit.v(0), a.unit.v(0))
	}},
	{"F16", "uint16", 2, func(a *asm) { a.op("VCVTPH2PS", "(SI)", a.unit.v(0)) }},
	{"I8", "int8", 1, func(a *asm) {
		a.op("VPMOVSXBD", "(SI)", a.unit.v(0))
		a.op("VCVTDQ2PS", a.unit.v(0), a.unit.v(0))
		a.op("VMULPS", a.unit.v(1), a.unit.v(0), a.unit.v(0))
	}},
}

// widen writes the conversion of n > 0 numbers, whole vectors of them.
func (a *asm) widen(w widening) {
	a.line("\n// func widen%s%s(dst *float32, x *%s, n int, scale float32)", w.name, a.unit.name, w.from)
	a.text(fmt.Sprintf("widen%s%s", w.name, a.unit.name), 28)
	for _, arg := range [][2]string{{"dst+0", "DI"}, {"x+8", "SI"}, {"n+16", "CX"}} {
		a.op("MOVQ", arg[0]+"(FP)", arg[1])
	}
	if w.size == 1 {
		a.op("VBROADCASTSS", "scale+24(FP)", a.unit.v(1))
	}
	a.op("PCALIGN", "$32")
	a.line("loop:")
	w.make(a)
	a.store(a.unit.v(0), "(DI)", "")
	a.op("ADDQ", fmt.Sprintf("$%d", w.size*a.unit.lanes), "SI")
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.bytes()), "DI")
	a.op("SUBQ", fmt.Sprintf("$%d", a.unit.lanes), "CX")
	a.op("JG", "loop")
	a.op("VZEROUPPER")
	a.op("RET")
}

// norms writes the squared norms of rows in float64: 16 chains (column mod 16), folded in halves, and one more chain
// for the columns after the last whole 16. The squares are exact.
func (a *asm) norms() {
	a.line("\n// func norms%s(x *float32, stride, rows, cols int, out *float64)", a.unit.name)
	a.text("norms"+a.unit.name, 40)
	for _, arg := range [][2]string{{"x+0", "SI"}, {"stride+8", "DX"}, {"rows+16", "R8"}, {"out+32", "DI"}} {
		a.op("MOVQ", arg[0]+"(FP)", arg[1])
	}
	a.op("SHLQ", "$2", "DX")
	vectors := 32 / a.unit.lanes
	a.line("row:")
	a.op("MOVQ", "cols+24(FP)", "CX")
	a.op("MOVQ", "SI", "AX")
	for v := range vectors {
		a.zero(a.unit.v(v))
	}
	a.op("VXORPS", "X8", "X8", "X8")
	a.op("SUBQ", "$16", "CX")
	a.op("JLT", "rest")
	a.line("loop:")
	for v := range vectors {
		x := a.unit.v(4 + v)
		a.op("VCVTPS2PD", fmt.Sprintf("%d(AX)", v*a.unit.bytes()/2), x)
		a.op("VFMADD231PD", x, x, a.unit.v(v))
	}
	a.op("ADDQ", "$64", "AX")
	a.op("SUBQ", "$16", "CX")
	a.op("JGE", "loop")
	a.line("rest:")
	a.op("ADDQ", "$16", "CX")
	a.op("JEQ", "fold")
	a.line("single:")
	a.op("VCVTSS2SD", "(AX)", "X9", "X9")
	a.op("VFMADD231SD", "X9", "X9", "X8")
	a.op("ADDQ", "$4", "AX")
	a.op("DECQ", "CX")
	a.op("JNZ", "single")
	a.line("fold:")
	a.foldDoubles(vectors)
	a.op("VADDSD", "X8", "X0", "X0")
	a.op("VMOVSD", "X0", "(DI)")
	a.op("ADDQ", "$8", "DI")
	a.op("ADDQ", "DX", "SI")
	a.op("DECQ", "R8")
	a.op("JNZ", "row")
	a.op("VZEROUPPER")
	a.op("RET")
}

// foldDoubles adds up 16 lanes, the upper half to the lower one each time.
func (a *asm) foldDoubles(vectors int) {
	for half := vectors / 2; half > 0; half /= 2 {
		for v := range half {
			a.op("VADDPD", a.unit.v(v+half), a.unit.v(v), a.unit.v(v))
		}
	}
	if a.unit.reg == "Z" {
		a.op("VEXTRACTF64X4", "$1", "Z0", "Y1")
		a.op("VADDPD", "Y1", "Y0", "Y0")
	}
	a.op("VEXTRACTF128", "$1", "Y0", "X1")
	a.op("VADDPD", "X1", "X0", "X0")
	a.op("VPERMILPD", "$1", "X0", "X1")
	a.op("VADDSD", "X1", "X0", "X0")
}
