package asmgen

// peak64 is the loop of peak in double precision.
func peak64() string {
	a := &asm{}
	a.WriteString(header)
	for _, u := range []isa{avx2, avx512} {
		a.unit = u
		a.line("\n// func double%s(rounds int) float64", u.name)
		a.text("double"+u.name, 16)
		a.op("MOVQ", "rounds+0(FP)", "CX")
		sums := u.regs * 3 / 4
		for i := range u.regs {
			a.zero(u.v(i))
		}
		a.op("PCALIGN", "$64")
		a.line("loop:")
		for i := range sums {
			a.op("VFMADD231PD", u.v(sums), u.v(sums+1), u.v(i))
		}
		a.op("DECQ", "CX")
		a.op("JNZ", "loop")
		a.op("VMOVSD", "X0", "ret+8(FP)")
		a.op("VZEROUPPER")
		a.op("RET")
	}
	return a.String()
}
