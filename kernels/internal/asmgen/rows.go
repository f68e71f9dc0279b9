package asmgen

import "fmt"

// rowSums writes the first half of log-softmax: of every row the maximum and the sum of e^(x − maximum), in 16 lanes
// (column mod 16) whatever the instruction set, folded 16 → 8 → 4 → 2 → 1.
func (a *asm) rowSums() {
	a.line("\n// func rowSums%s(x *float32, rows, cols, stride int, peak, sum *float32)", a.unit.name)
	a.text("rowSums"+a.unit.name, 48)
	for _, arg := range [][2]string{{"x+0", "SI"}, {"rows+8", "R8"}, {"cols+16", "R9"}, {"stride+24", "R10"}, {"peak+32", "R11"}, {"sum+40", "R12"}} {
		a.op("MOVQ", arg[0]+"(FP)", arg[1])
	}
	a.op("SHLQ", "$2", "R10")
	a.keep()
	a.op("VBROADCASTSS", address("expLow"), a.unit.v(14))
	a.op("VBROADCASTSS", address("expHigh"), a.unit.v(15))
	a.line("row:")
	a.rowPeak()
	a.rowSum()
	a.op("ADDQ", "R10", "SI")
	a.op("ADDQ", "$4", "R11")
	a.op("ADDQ", "$4", "R12")
	a.op("DECQ", "R8")
	a.op("JNZ", "row")
	a.op("VZEROUPPER")
	a.op("RET")
}

// rowPeak leaves the maximum of the row at SI in every lane of register 10.
func (a *asm) rowPeak() {
	x, top := a.unit.v(0), a.unit.v(10)
	a.op("VBROADCASTSS", address("low"), top)
	a.overRow("peak", func(mask string) {
		switch {
		case mask == "":
			a.load("(DX)", x, "")
		case a.unit.reg == "Z":
			a.op("VBROADCASTSS", address("low"), x)
			a.op("VMOVUPS", "(DX)", mask, x)
		default:
			a.load("(DX)", x, mask)
			a.op("VMOVUPS", address("low"), "Y1")
			a.op("VBLENDVPS", mask, x, "Y1", x)
		}
		a.op("VMAXPS", x, top, top)
	})
	a.fold("VMAXPS", 10, 1)
	a.op("VMOVSS", "X10", "(R11)")
	a.op("VBROADCASTSS", "X10", top)
}

// rowSum adds up e^(x − peak): lanes 0 to 7 in register 8, with AVX2 8 to 15 in register 9.
func (a *asm) rowSum() {
	a.zero(a.unit.v(8))
	if a.unit.reg == "Y" {
		a.zero(a.unit.v(9))
	}
	a.overRow("sum", func(mask string) {
		x, sum := a.unit.v(0), a.unit.v(8)
		a.load("(DX)", x, mask)
		a.op("VSUBPS", a.unit.v(10), x, x)
		a.exp()
		switch {
		case a.unit.reg == "Z" && mask != "":
			a.op("VADDPS", x, sum, mask, sum)
			return
		case mask != "":
			a.op("VANDPS", mask, x, x)
		}
		a.op("VADDPS", x, sum, sum)
		if a.unit.reg == "Y" { // the next eight columns are the other lanes
			a.op("VMOVAPS", "Y8", "Y6")
			a.op("VMOVAPS", "Y9", "Y8")
			a.op("VMOVAPS", "Y6", "Y9")
		}
	})
	if a.unit.reg == "Y" { // the order of the two is the same after an even number of eights; addition has none
		a.op("VADDPS", "Y9", "Y8", "Y8")
	}
	a.fold("VADDPS", 8, 1)
	a.op("VMOVSS", "X8", "(R12)")
}

// overRow writes a loop over the row at SI, with DX where it stands; the body gets the mask of a partial vector.
func (a *asm) overRow(label string, body func(mask string)) {
	a.op("MOVQ", "SI", "DX")
	a.op("MOVQ", "R9", "CX")
	a.op("SUBQ", fmt.Sprintf("$%d", a.unit.lanes), "CX")
	a.op("JLT", label+"Rest")
	a.line("%s:", label)
	body("")
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.bytes()), "DX")
	a.op("SUBQ", fmt.Sprintf("$%d", a.unit.lanes), "CX")
	a.op("JGE", label)
	a.line("%sRest:", label)
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.lanes), "CX")
	a.op("JEQ", label+"Done")
	body(a.tail())
	a.line("%sDone:", label)
}

// fold reduces register v to its first lane.
func (a *asm) fold(op string, v, spare int) {
	y, x := fmt.Sprintf("Y%d", v), fmt.Sprintf("X%d", v)
	sy, sx := fmt.Sprintf("Y%d", spare), fmt.Sprintf("X%d", spare)
	if a.unit.reg == "Z" {
		a.op("VEXTRACTF64X4", "$1", a.unit.v(v), sy)
		a.op(op, sy, y, y)
	}
	a.op("VEXTRACTF128", "$1", y, sx)
	a.op(op, sx, x, x)
	a.op("VPERMILPS", "$0x4e", x, sx)
	a.op(op, sx, x, x)
	a.op("VPERMILPS", "$0xb1", x, sx)
	a.op(op, sx, x, x)
}

// shiftRows writes the second half: dst = (x − peak) − log of the sum, row by row.
func (a *asm) shiftRows() {
	a.line("\n// func shiftRows%s(dst, x *float32, rows, cols, stride int, peak, log *float32)", a.unit.name)
	a.text("shiftRows"+a.unit.name, 56)
	for _, arg := range [][2]string{{"dst+0", "DI"}, {"x+8", "SI"}, {"rows+16", "R8"}, {"cols+24", "R9"}, {"stride+32", "R10"}, {"peak+40", "R11"}, {"log+48", "R12"}} {
		a.op("MOVQ", arg[0]+"(FP)", arg[1])
	}
	a.op("SHLQ", "$2", "R10")
	a.op("SUBQ", "SI", "DI")
	a.line("row:")
	a.op("VBROADCASTSS", "(R11)", a.unit.v(8))
	a.op("VBROADCASTSS", "(R12)", a.unit.v(9))
	a.overRow("shift", func(mask string) {
		x := a.unit.v(0)
		a.load("(DX)", x, mask)
		a.op("VSUBPS", a.unit.v(8), x, x)
		a.op("VSUBPS", a.unit.v(9), x, x)
		a.store(x, "(DI)(DX*1)", mask)
	})
	a.op("ADDQ", "R10", "SI")
	a.op("ADDQ", "$4", "R11")
	a.op("ADDQ", "$4", "R12")
	a.op("DECQ", "R8")
	a.op("JNZ", "row")
	a.op("VZEROUPPER")
	a.op("RET")
}
