package asmgen

import "fmt"

// bandwidth is a loop per instruction set that reads memory as fast as it comes, eight vectors a turn.
func bandwidth() string {
	a := &asm{}
	a.WriteString(header)
	for _, u := range []isa{avx2, avx512} {
		a.unit = u
		bytes := 8 * u.bytes()
		a.line("\n// func read%s(x *byte, n int)", u.name)
		a.line("// n is a multiple of %d.", bytes)
		a.text("read"+u.name, 16)
		a.op("MOVQ", "x+0(FP)", "SI")
		a.op("MOVQ", "n+8(FP)", "CX")
		a.op("PCALIGN", "$64")
		a.line("loop:")
		for v := range 8 {
			a.load(a.at("SI", v), u.v(v), "")
		}
		a.op("ADDQ", fmt.Sprintf("$%d", bytes), "SI")
		a.op("SUBQ", fmt.Sprintf("$%d", bytes), "CX")
		a.op("JG", "loop")
		a.op("VZEROUPPER")
		a.op("RET")
	}
	return a.String()
}
