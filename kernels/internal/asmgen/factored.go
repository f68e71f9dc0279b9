package asmgen

import "fmt"

// factored writes what a scan of factored rows does beside the products.
func factored() string {
	a := &asm{}
	a.WriteString(header)
	for _, u := range []isa{avx512, avx2} {
		a.unit = u
		a.multiplyAdd()
	}
	return a.String()
}

// multiplyAdd adds x·y to dst, fused; n is in whole vectors.
func (a *asm) multiplyAdd() {
	u := a.unit
	a.line("\n// func multiplyAdd%s(dst, x, y *float32, n int)", u.name)
	a.text("multiplyAdd"+u.name, 32)
	a.op("MOVQ", "dst+0(FP)", "DI")
	a.op("MOVQ", "x+8(FP)", "SI")
	a.op("MOVQ", "y+16(FP)", "DX")
	a.op("MOVQ", "n+24(FP)", "CX")
	a.op("SHLQ", "$2", "CX")
	a.op("XORQ", "AX", "AX")
	a.line("loop:")
	a.op("VMOVUPS", "(SI)(AX*1)", u.v(0))
	a.op("VMOVUPS", "(DI)(AX*1)", u.v(1))
	a.op("VFMADD231PS", "(DX)(AX*1)", u.v(0), u.v(1))
	a.op("VMOVUPS", u.v(1), "(DI)(AX*1)")
	a.op("ADDQ", fmt.Sprintf("$%d", u.bytes()), "AX")
	a.op("CMPQ", "AX", "CX")
	a.op("JLT", "loop")
	a.close()
}

// outers writes sums of outer products: row after row of the result, eight vectors or one at a time, with all positions
// added up in registers. DI is the result and R9 its rows in bytes, SI the row's first column of a, DX the column of d.
func outers() string {
	a := &asm{}
	a.WriteString(header + "#include \"go_asm.h\"\n\n")
	for at := 0; at < 64; at += 8 { // for masks: eight lanes of ones before eight of zeros
		a.line("DATA lanes<>+%d(SB)/8, $%d", at, map[bool]int{true: -1}[at < 32])
	}
	a.line("GLOBL lanes<>(SB), RODATA|NOPTR, $64")
	for _, u := range []isa{avx2, avx512} {
		a.unit = u
		a.outerSum()
	}
	return a.String()
}

// outerWide is the number of vectors that are done together.
const outerWide = 8

func (a *asm) outerSum() {
	a.line("\n// func outer%s(t *outerTile)", a.unit.name)
	a.text("outer"+a.unit.name, 8)
	a.op("MOVQ", "t+0(FP)", "BX")
	for _, f := range [][2]string{{"dst", "DI"}, {"a", "SI"}, {"d", "DX"}, {"rowDst", "R9"}, {"rowA", "R10"}, {"rowD", "R11"}, {"rows", "R8"}} {
		a.op("MOVQ", fmt.Sprintf("outerTile_%s(BX)", f[0]), f[1])
	}
	for _, r := range []string{"R9", "R10", "R11"} {
		a.op("SHLQ", "$2", r)
	}
	a.line("row:")
	a.op("MOVQ", "outerTile_cols(BX)", "CX")
	a.op("MOVQ", "DI", "R12")
	a.op("MOVQ", "SI", "R13")
	a.outerLoop("wide", outerWide)
	a.outerLoop("one", 1)
	a.op("TESTQ", "CX", "CX")
	a.op("JEQ", "done")
	mask := a.tail()
	a.positions("rest", 1, mask)
	a.line("done:")
	a.op("ADDQ", "R9", "DI")
	a.op("ADDQ", "$4", "DX")
	a.op("DECQ", "R8")
	a.op("JNZ", "row")
	a.close()
}

// outerLoop does so many vectors at a time while CX columns last.
func (a *asm) outerLoop(label string, vectors int) {
	lanes := fmt.Sprintf("$%d", vectors*a.unit.lanes)
	a.line("%s:", label)
	a.op("CMPQ", "CX", lanes)
	a.op("JLT", label+"Done")
	a.positions(label+"Sum", vectors, "")
	bytes := fmt.Sprintf("$%d", vectors*a.unit.bytes())
	a.op("ADDQ", bytes, "R12")
	a.op("ADDQ", bytes, "R13")
	a.op("SUBQ", lanes, "CX")
	a.op("JMP", label)
	a.line("%sDone:", label)
}

// positions writes the vectors at R12: the sum over positions of d·a, every product and sum rounded. The first product
// is not added to anything.
func (a *asm) positions(label string, vectors int, mask string) {
	u, factor := a.unit, a.unit.v(14)
	product := func(i int, to string) {
		at := fmt.Sprintf("%d(AX)", i*u.bytes())
		if mask == "" {
			a.op("VMULPS", at, factor, to)
			return
		}
		a.load(at, to, mask)
		a.op("VMULPS", to, factor, to)
	}
	a.op("MOVQ", "outerTile_positions(BX)", "R14")
	a.op("MOVQ", "R13", "AX")
	a.op("MOVQ", "DX", "R15")
	a.op("VBROADCASTSS", "(R15)", factor)
	for i := range vectors {
		product(i, u.v(i))
	}
	a.op("DECQ", "R14")
	a.op("JEQ", label+"Store")
	a.line("%s:", label)
	a.op("ADDQ", "R10", "AX")
	a.op("ADDQ", "R11", "R15")
	a.op("VBROADCASTSS", "(R15)", factor)
	for i := range vectors {
		spare := u.v(8 + i%4)
		product(i, spare)
		a.op("VADDPS", spare, u.v(i), u.v(i))
	}
	a.op("DECQ", "R14")
	a.op("JNZ", label)
	a.line("%sStore:", label)
	for i := range vectors {
		a.store(u.v(i), fmt.Sprintf("%d(R12)", i*u.bytes()), mask)
	}
}
