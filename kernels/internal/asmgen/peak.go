package asmgen

// peakTurns is how often a round of the loop goes through all sums: so seldom a jump that it takes no unit's turn.
const peakTurns = 4

// peak is a loop of fused multiply-adds per instruction set, enough of them in flight to fill every unit.
func peak() string {
	a := &asm{}
	a.WriteString(header)
	for _, u := range []isa{avx2, avx512} {
		a.unit = u
		a.line("\n// func fma%s(rounds int) float32", u.name)
		a.text("fma"+u.name, 12)
		a.op("MOVQ", "rounds+0(FP)", "CX")
		sums := u.regs * 3 / 4
		for i := range u.regs {
			a.zero(u.v(i))
		}
		a.op("PCALIGN", "$64")
		a.line("loop:")
		for i := range peakTurns * sums {
			a.op("VFMADD231PS", u.v(sums), u.v(sums+1), u.v(i%sums))
		}
		a.op("DECQ", "CX")
		a.op("JNZ", "loop")
		a.op("VMOVSS", "X0", "ret+8(FP)")
		a.op("VZEROUPPER")
		a.op("RET")
	}
	return a.String()
}
