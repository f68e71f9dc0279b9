package asmgen

import "fmt"

// walk writes what a player adds to a coalition, over eight (AVX2: four) outputs at a time in int64.
//
// Registers: DI weights, SI the player's scores, R8 what the coalition has, R9 sums, R10 its credit, R11 the knots, CX
// vectors left. Vector 0 is the gain, 1 the scores, 2 what was had, 3 what is added, 15 zero or the constant 2⁵²; AVX2
// uses 13 and 14 for constants.
func walk() string {
	a := &asm{}
	a.WriteString(header)
	a.walkConstants()
	for _, u := range []isa{avx2, avx512} {
		a.unit = u
		a.walkSum()
		a.walkBest()
		a.walkCurve()
	}
	return a.String()
}

// walkConstants are 2⁵² as bits of a float64, and what is to be taken from its exponent.
func (a *asm) walkConstants() {
	a.line("DATA walkBits<>+0(SB)/8, $0x4330000000000000")
	a.line("DATA walkBits<>+8(SB)/8, $%d", 1022+walkMantissa+1)
	a.line("GLOBL walkBits<>(SB), RODATA|NOPTR, $16")
}

// walkMantissa is the number of bits that select a knot; package walk has the same.
const walkMantissa = 10

func (a *asm) walkBegin(name, args string, size int, regs ...string) {
	a.line("\n// func %s%s(%s)", name, a.unit.name, args)
	a.text(name+a.unit.name, size)
	for i, r := range regs {
		a.op("MOVQ", fmt.Sprintf("%s+%d(FP)", walkNames[r], 8*i), r)
	}
	a.zero(a.unit.v(0))
}

var walkNames = map[string]string{"DI": "omega", "SI": "x", "R8": "had", "R10": "credit", "R9": "sums", "R11": "knots", "CX": "n", "DX": "gain"}

func (a *asm) walkEnd() {
	a.op("VMOVDQU"+a.quad(), a.unit.v(0), "(DX)")
	a.op("VZEROUPPER")
	a.op("RET")
}

// quad is the ending of names of whole-vector moves and logic on int64.
func (a *asm) quad() string {
	if a.unit.reg == "Z" {
		return "64"
	}
	return ""
}

// walkLoop repeats the body for every vector and moves the pointers on.
func (a *asm) walkLoop(body func(), pointers ...string) {
	a.line("loop:")
	body()
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.bytes()/2), "SI")
	for _, p := range pointers {
		a.op("ADDQ", fmt.Sprintf("$%d", a.unit.bytes()), p)
	}
	a.op("DECQ", "CX")
	a.op("JNZ", "loop")
}

// earn adds vector 3 to the sums, and times the weights to the gain.
func (a *asm) earn() {
	v := a.unit.v
	a.op("VPADDQ", "(R9)", v(3), v(4))
	a.op("VMOVDQU"+a.quad(), v(4), "(R9)")
	a.op("VPMULDQ", "(DI)", v(3), v(5))
	a.op("VPADDQ", v(5), v(0), v(0))
}

func (a *asm) walkSum() {
	a.walkBegin("sum", "omega *int64, x *int32, sums *int64, n int, gain *int64", 40, "DI", "SI", "R9", "CX", "DX")
	a.walkLoop(func() {
		a.op("VPMOVSXDQ", "(SI)", a.unit.v(3))
		a.earn()
	}, "DI", "R9")
	a.walkEnd()
}

func (a *asm) walkBest() {
	v := a.unit.v
	a.walkBegin("best", "omega *int64, x *int32, had, sums *int64, n int, gain *int64", 48, "DI", "SI", "R8", "R9", "CX", "DX")
	a.zero(v(15))
	a.walkLoop(func() {
		a.op("VPMOVSXDQ", "(SI)", v(1))
		a.op("VMOVDQU"+a.quad(), "(R8)", v(2))
		a.op("VPSUBQ", v(2), v(1), v(3))
		if a.unit.reg == "Z" {
			a.op("VPMAXSQ", v(15), v(3), v(3))
		} else {
			a.op("VPCMPGTQ", v(15), v(3), v(6))
			a.op("VPAND", v(6), v(3), v(3))
		}
		a.op("VPADDQ", v(3), v(2), v(2))
		a.op("VMOVDQU"+a.quad(), v(2), "(R8)")
		a.earn()
	}, "DI", "R8", "R9")
	a.walkEnd()
}

// walkCurve finds the octave of a total t < 2³¹ from the exponent of t as a float64, which is exact.
func (a *asm) walkCurve() {
	v, q := a.unit.v, a.quad()
	a.walkBegin("curve", "omega *int64, x *int32, had, credit, sums, knots *int64, n int, gain *int64", 64, "DI", "SI", "R8", "R10", "R9", "R11", "CX", "DX")
	a.op("VPBROADCASTQ", "walkBits<>+0(SB)", v(15))
	a.op("VPBROADCASTQ", "walkBits<>+8(SB)", v(14))
	a.zero(v(13))
	and, or := "VPAND", "VPOR"
	if a.unit.reg == "Z" {
		and, or = "VPANDQ", "VPORQ"
	}
	a.walkLoop(func() {
		a.op("VPMOVSXDQ", "(SI)", v(1))
		a.op("VPADDQ", "(R8)", v(1), v(2))
		a.op("VMOVDQU"+q, v(2), "(R8)")
		a.op(or, v(15), v(2), v(3))
		a.op("VSUBPD", v(15), v(3), v(3)) // t as a float64
		a.op("VPSRLQ", "$52", v(3), v(3))
		a.op("VPSUBQ", v(14), v(3), v(3))
		if a.unit.reg == "Z" {
			a.op("VPMAXSQ", v(13), v(3), v(3))
		} else {
			a.op("VPCMPGTQ", v(13), v(3), v(4))
			a.op(and, v(4), v(3), v(3))
		}
		a.op("VPSRLVQ", v(3), v(2), v(4)) // t >> e
		a.op("VPSLLVQ", v(3), v(4), v(5))
		a.op("VPSUBQ", v(5), v(2), v(5)) // what is left of t
		a.op("VPSLLQ", fmt.Sprintf("$%d", walkMantissa), v(3), v(6))
		a.op("VPADDQ", v(6), v(4), v(4)) // the knot
		a.gather("(R11)", v(4), v(7), v(8))
		a.gather("8(R11)", v(4), v(9), v(8))
		a.op("VPSUBQ", v(7), v(9), v(9))
		a.op("VPMULUDQ", v(5), v(9), v(9))
		a.op("VPSRLVQ", v(3), v(9), v(9))
		a.op("VPADDQ", v(7), v(9), v(9))
		a.op("VPSUBQ", "(R10)", v(9), v(3))
		a.op("VMOVDQU"+q, v(9), "(R10)")
		a.earn()
	}, "DI", "R8", "R9", "R10")
	a.walkEnd()
}

// gather reads the int64 with these numbers.
func (a *asm) gather(base, index, to, spare string) {
	at := fmt.Sprintf("%s(%s*8)", base, index)
	if a.unit.reg == "Z" {
		a.op("KXNORB", "K1", "K1", "K1")
		a.op("VPGATHERQQ", at, "K1", to)
		return
	}
	a.op("VPCMPEQD", spare, spare, spare)
	a.op("VPGATHERQQ", spare, at, to)
}
