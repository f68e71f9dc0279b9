package asmgen

import "fmt"

// vectors64 is products of rows with one vector, and sums of rows, in float64: what a reduction to tridiagonal form
// spends its time on. Lengths are multiples of 32, which are summed in 32 lanes whatever the instruction set.
func vectors64() string {
	a := &asm{}
	a.WriteString(header)
	for _, u := range []isa{avx2, avx512} {
		a.unit = u
		a.dots()
		a.combine()
	}
	return a.String()
}

// dots writes the products of rows with x.
func (a *asm) dots() {
	u, n := a.unit, 256/a.unit.bytes()
	a.line("\n// func dots%s(out, rows *float64, stride, count int, x *float64, n int)", u.name)
	a.text("dots"+u.name, 48)
	for _, arg := range [][2]string{{"out+0", "DI"}, {"rows+8", "SI"}, {"stride+16", "R8"}, {"count+24", "R9"}, {"x+32", "DX"}, {"n+40", "R10"}} {
		a.op("MOVQ", arg[0]+"(FP)", arg[1])
	}
	a.op("SHLQ", "$3", "R8")
	a.line("row:")
	a.op("XORQ", "AX", "AX")
	a.op("MOVQ", "R10", "CX")
	for i := range n {
		a.zero(u.v(i))
	}
	a.op("PCALIGN", "$32")
	a.line("loop:")
	for i := range n {
		a.load(fmt.Sprintf("%d(SI)(AX*8)", i*u.bytes()), u.v(n), "")
		a.op("VFMADD231PD", fmt.Sprintf("%d(DX)(AX*8)", i*u.bytes()), u.v(n), u.v(i))
	}
	a.op("ADDQ", "$32", "AX")
	a.op("SUBQ", "$32", "CX")
	a.op("JNZ", "loop")
	for half := n / 2; half > 0; half /= 2 {
		for i := range half {
			a.op("VADDPD", u.v(i+half), u.v(i), u.v(i))
		}
	}
	if u.reg == "Z" {
		a.op("VEXTRACTF64X4", "$1", "Z0", "Y1")
		a.op("VADDPD", "Y1", "Y0", "Y0")
	}
	a.op("VEXTRACTF128", "$1", "Y0", "X1")
	a.op("VADDPD", "X1", "X0", "X0")
	a.op("VPERMILPD", "$1", "X0", "X1")
	a.op("VADDSD", "X1", "X0", "X0")
	a.op("VMOVSD", "X0", "(DI)")
	a.op("ADDQ", "$8", "DI")
	a.op("ADDQ", "R8", "SI")
	a.op("DECQ", "R9")
	a.op("JNZ", "row")
	a.close()
}

// combine subtracts multiples of rows from y, row after row.
func (a *asm) combine() {
	u, n := a.unit, 256/a.unit.bytes()
	a.line("\n// func combine%s(y, rows *float64, stride, count int, factors *float64, n int)", u.name)
	a.text("combine"+u.name, 48)
	for _, arg := range [][2]string{{"y+0", "DI"}, {"rows+8", "SI"}, {"stride+16", "R8"}, {"factors+32", "DX"}, {"n+40", "R10"}} {
		a.op("MOVQ", arg[0]+"(FP)", arg[1])
	}
	a.op("SHLQ", "$3", "R8")
	a.line("columns:")
	for i := range n {
		a.load(a.at("DI", i), u.v(i), "")
	}
	a.op("MOVQ", "SI", "R11")
	a.op("XORQ", "AX", "AX")
	a.op("MOVQ", "count+24(FP)", "CX")
	a.line("loop:")
	a.op("VBROADCASTSD", "(DX)(AX*8)", u.v(n))
	for i := range n {
		a.op("VFNMADD231PD", a.at("R11", i), u.v(n), u.v(i))
	}
	a.op("ADDQ", "R8", "R11")
	a.op("INCQ", "AX")
	a.op("CMPQ", "AX", "CX")
	a.op("JLT", "loop")
	for i := range n {
		a.store(u.v(i), a.at("DI", i), "")
	}
	a.op("ADDQ", "$256", "DI")
	a.op("ADDQ", "$256", "SI")
	a.op("SUBQ", "$32", "R10")
	a.op("JNZ", "columns")
	a.close()
}
