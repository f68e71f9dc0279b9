package asmgen

// peakBytes are loops of products of bytes, in the forms of the sketch's kernels: enough of them in flight to fill every unit.
func peakBytes() string {
	a := &asm{}
	a.WriteString(header)
	a.peakBytes("bytes512", avx512, (*asm).dotTurn)
	a.peakBytes("bytesVNNI", avx2, (*asm).dotTurn)
	a.peakBytes("bytes256", avx2, (*asm).pairsTurn)
	return a.String()
}

func (a *asm) peakBytes(name string, u isa, turn func(a *asm)) {
	a.unit = u
	a.line("\n// func %s(rounds int) float32", name)
	a.text(name, 12)
	a.op("MOVQ", "rounds+0(FP)", "CX")
	for i := range u.regs {
		a.zero(u.v(i))
	}
	a.op("PCALIGN", "$64")
	a.line("loop:")
	turn(a)
	a.op("DECQ", "CX")
	a.op("JNZ", "loop")
	a.op("VMOVSS", "X0", "ret+8(FP)")
	a.op("VZEROUPPER")
	a.op("RET")
}

// dotTurn is one instruction for four products, in every lane of three quarters of the registers.
func (a *asm) dotTurn() {
	sums := a.unit.regs * 3 / 4
	for i := range peakTurns * sums {
		a.dotBytes(a.unit.v(sums), a.unit.v(sums+1), a.unit.v(i%sums))
	}
}

// pairsTurn is four instructions and an addition for eight products, in every lane of six sums.
func (a *asm) pairsTurn() {
	u := a.unit
	for i := range 12 {
		t0, t1 := u.v(6+i*2%8), u.v(7+i*2%8)
		a.op("VPMADDUBSW", u.v(14), u.v(15), t0)
		a.op("VPMADDUBSW", u.v(14), u.v(15), t1)
		a.op("VPADDW", t1, t0, t0)
		a.op("VPMADDWD", u.v(14), t0, t0)
		a.op("VPADDD", t0, u.v(i%6), u.v(i%6))
	}
}
