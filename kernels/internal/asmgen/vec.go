package asmgen

import (
	"fmt"
	"math"
	"strings"
)

// constant is a value that the vector functions use, as the bits of a float32 or as they are.
type constant struct {
	name string
	bits uint32
}

func f32(name string, v float64) constant { return constant{name, math.Float32bits(float32(v))} }

// magic is 1.5·2²³: added to a small number it leaves the nearest whole number in the low bits.
const magic = 12582912

// The constants, in the order of the table; package vec has the same in Go. The polynomial is that of expf in Moshier's
// Cephes library.
var constants = []constant{
	f32("log2e", math.Log2E), f32("twiceLog2e", 2*math.Log2E), f32("magic", magic),
	f32("ln2Hi", 0.693359375), f32("ln2Lo", -2.12194440e-4),
	f32("p0", 1.9875691500e-4), f32("p1", 1.3981999507e-3), f32("p2", 8.3334519073e-3),
	f32("p3", 4.1665795894e-2), f32("p4", 1.6666665459e-1), f32("p5", 5.0000001201e-1),
	f32("one", 1), f32("two", 2), {"bias", 127}, {"abs", 0x7fffffff}, {"sign", 0x80000000},
	f32("expLow", -104.5), f32("expHigh", 89), f32("tanhHigh", 9.2), f32("low", math.Inf(-1)),
}

// Registers of the vector functions: 0 the values, 1 to 6 for what is between, 8 to 10 for sums and maxima of rows, 15
// and 14 for limits. AVX-512 keeps the constants of the polynomial in 16 and up, AVX2 takes them from memory.
func vec() string {
	a := &asm{}
	a.WriteString(header)
	a.table()
	for _, u := range []isa{avx2, avx512} {
		a.unit = u
		a.each("exp", "expHigh", []string{"expLow"}, a.exp)
		a.each("tanh", "tanhHigh", nil, a.tanh)
		a.tanhGrad()
		a.multiply()
		a.blend()
		a.rowSums()
		a.shiftRows()
	}
	return a.String()
}

// table writes every constant eight times, and eight lanes of ones before eight of zeros for masks.
func (a *asm) table() {
	for i, c := range constants {
		for lane := 0; lane < 8; lane += 2 {
			a.line("DATA constants<>+%d(SB)/8, $0x%08x%08x", 32*i+4*lane, c.bits, c.bits)
		}
	}
	a.line("GLOBL constants<>(SB), RODATA|NOPTR, $%d", 32*len(constants))
	for lane := 0; lane < 16; lane += 2 {
		bits := "0xffffffffffffffff"
		if lane >= 8 {
			bits = "0x0000000000000000"
		}
		a.line("DATA lanes<>+%d(SB)/8, $%s", 4*lane, bits)
	}
	a.line("GLOBL lanes<>(SB), RODATA|NOPTR, $64")
}

func address(name string) string {
	for i, c := range constants {
		if c.name == name {
			return fmt.Sprintf("constants<>+%d(SB)", 32*i)
		}
	}
	panic("asmgen: no constant " + name)
}

// resident constants of AVX-512, in registers from 16.
const resident = 16

// keep loads the resident constants.
func (a *asm) keep() {
	if a.unit.reg != "Z" {
		return
	}
	for i, c := range constants[:resident] {
		a.op("VBROADCASTSS", address(c.name), a.unit.v(16+i))
	}
}

// con is a constant as the first source of an instruction.
func (a *asm) con(name string) string {
	if a.unit.reg == "Z" {
		for i, c := range constants[:resident] {
			if c.name == name {
				return a.unit.v(16 + i)
			}
		}
	}
	return address(name)
}

// bitwise is the instruction and, or of whole vectors.
func (a *asm) bitwise(name string) string {
	if a.unit.reg == "Z" {
		return name + "D"
	}
	return name
}

// reduced writes the common part of exp and tanh: t is x·log2e rounded to a whole number plus magic; from y (r on
// return), q becomes e^r − 1 with r = y − n·ln 2. No step is fused.
func (a *asm) reduced(t, y, q, n, s string) {
	a.op("VSUBPS", a.con("magic"), t, n)
	a.op("VMULPS", a.con("ln2Hi"), n, s)
	a.op("VSUBPS", s, y, y)
	a.op("VMULPS", a.con("ln2Lo"), n, s)
	a.op("VSUBPS", s, y, y)
	a.op("VMULPS", a.con("p0"), y, q)
	for i := 1; i < 5; i++ {
		a.op("VADDPS", a.con(fmt.Sprintf("p%d", i)), q, q)
		a.op("VMULPS", y, q, q)
	}
	a.op("VADDPS", a.con("p5"), q, q)
	a.op("VMULPS", y, y, s)
	a.op("VMULPS", s, q, q)
	a.op("VADDPS", y, q, q)
}

// exp turns register 0 into its exponential. The power of two is applied in two halves, so that results that are
// denormal are rounded once and results that overflow do.
func (a *asm) exp() {
	x, t, n, s, q := a.unit.v(0), a.unit.v(1), a.unit.v(2), a.unit.v(3), a.unit.v(4)
	a.op("VMAXPS", x, a.unit.v(14), x)
	a.op("VMINPS", x, a.unit.v(15), x)
	a.op("VMULPS", a.con("log2e"), x, t)
	a.op("VADDPS", a.con("magic"), t, t)
	a.reduced(t, x, q, n, s)
	a.op("VADDPS", a.con("one"), q, q)
	a.op("VPSUBD", a.con("magic"), t, t)
	a.op("VPSRAD", "$1", t, s)
	a.op("VPSUBD", s, t, t)
	for _, half := range []string{s, t} {
		a.op("VPADDD", a.con("bias"), half, half)
		a.op("VPSLLD", "$23", half, half)
	}
	a.op("VMULPS", s, q, q)
	a.op("VMULPS", t, q, x)
}

// tanh turns register 0 into its hyperbolic tangent: m/(m+2) with m = e^(2|x|) − 1, and the sign of x.
func (a *asm) tanh() {
	x, t, n, s, q, y := a.unit.v(0), a.unit.v(1), a.unit.v(2), a.unit.v(3), a.unit.v(4), a.unit.v(5)
	a.op(a.bitwise("VPAND"), a.con("abs"), x, y)
	a.op(a.bitwise("VPAND"), a.con("sign"), x, x)
	a.op("VMINPS", y, a.unit.v(15), y)
	a.op("VMULPS", a.con("twiceLog2e"), y, t)
	a.op("VADDPS", a.con("magic"), t, t)
	a.op("VADDPS", y, y, y)
	a.reduced(t, y, q, n, s)
	a.op("VPSUBD", a.con("magic"), t, t)
	a.op("VPADDD", a.con("bias"), t, t)
	a.op("VPSLLD", "$23", t, t)
	a.op("VSUBPS", a.con("one"), t, s)
	a.op("VMULPS", t, q, q)
	a.op("VADDPS", s, q, q)
	a.op("VADDPS", a.con("two"), q, s)
	a.op("VDIVPS", s, q, q)
	a.op(a.bitwise("VPOR"), x, q, x)
}

// tail sets the mask for the last CX < lanes values and returns its name.
func (a *asm) tail() string {
	if a.unit.reg == "Z" {
		a.op("MOVL", "$1", "AX")
		a.op("SHLL", "CX", "AX")
		a.op("DECL", "AX")
		a.op("KMOVW", "AX", "K1")
		return "K1"
	}
	a.op("LEAQ", "lanes<>+32(SB)", "AX")
	a.op("SHLQ", "$2", "CX")
	a.op("SUBQ", "CX", "AX")
	a.op("VMOVUPS", "(AX)", "Y7")
	return "Y7"
}

// each writes a function of every value: dst may be x.
func (a *asm) each(name, high string, low []string, body func()) {
	a.line("\n// func %s%s(dst, x *float32, n int)", name, a.unit.name)
	a.text(name+a.unit.name, 24)
	a.op("MOVQ", "dst+0(FP)", "DI")
	a.op("MOVQ", "x+8(FP)", "SI")
	a.op("MOVQ", "n+16(FP)", "CX")
	a.keep()
	a.op("VBROADCASTSS", address(high), a.unit.v(15))
	for _, l := range low {
		a.op("VBROADCASTSS", address(l), a.unit.v(14))
	}
	a.op("SUBQ", fmt.Sprintf("$%d", a.unit.lanes), "CX")
	a.op("JLT", "rest")
	a.op("PCALIGN", "$32")
	a.line("loop:")
	a.load("(SI)", a.unit.v(0), "")
	body()
	a.store(a.unit.v(0), "(DI)", "")
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.bytes()), "SI")
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.bytes()), "DI")
	a.op("SUBQ", fmt.Sprintf("$%d", a.unit.lanes), "CX")
	a.op("JGE", "loop")
	a.line("rest:")
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.lanes), "CX")
	a.op("JEQ", "done")
	mask := a.tail()
	a.load("(SI)", a.unit.v(0), mask)
	body()
	a.store(a.unit.v(0), "(DI)", mask)
	a.line("done:")
	a.op("VZEROUPPER")
	a.op("RET")
}

// tanhGrad multiplies by 1 − h²: delta at DI, h at SI.
func (a *asm) tanhGrad() {
	a.together("tanhGrad", []string{"delta", "h"}, func(mask string) {
		h, d := a.unit.v(0), a.unit.v(1)
		a.load("(SI)", h, mask)
		a.load("(DI)", d, mask)
		a.op("VMULPS", h, h, h)
		a.op("VSUBPS", h, a.unit.v(15), h)
		a.op("VMULPS", h, d, d)
		a.store(d, "(DI)", mask)
	})
}

// multiply sets dst to a·b.
func (a *asm) multiply() {
	a.together("multiply", []string{"dst", "a", "b"}, func(mask string) {
		x, y := a.unit.v(0), a.unit.v(1)
		a.load("(SI)", x, mask)
		a.load("(DX)", y, mask)
		a.op("VMULPS", y, x, x)
		a.store(x, "(DI)", mask)
	})
}

// blend sets x to a·x + b·y, every operation rounded.
func (a *asm) blend() {
	a.together("blend", []string{"x", "a", "b", "y"}, func(mask string) {
		x, f, y, g := a.unit.v(0), a.unit.v(1), a.unit.v(2), a.unit.v(3)
		a.load("(DI)", x, mask)
		a.load("(SI)", f, mask)
		a.op("VMULPS", f, x, x)
		a.load("(DX)", g, mask)
		a.load("(R8)", y, mask)
		a.op("VMULPS", g, y, y)
		a.op("VADDPS", y, x, x)
		a.store(x, "(DI)", mask)
	})
}

// together writes a function of values that lie at the same place in several slices, at DI, SI, DX and R8. Register 15
// holds ones.
func (a *asm) together(name string, slices []string, step func(mask string)) {
	pointers := []string{"DI", "SI", "DX", "R8"}[:len(slices)]
	a.line("\n// func %s%s(%s *float32, n int)", name, a.unit.name, strings.Join(slices, ", "))
	a.text(name+a.unit.name, 8*len(slices)+8)
	for i, s := range slices {
		a.op("MOVQ", fmt.Sprintf("%s+%d(FP)", s, 8*i), pointers[i])
	}
	a.op("MOVQ", fmt.Sprintf("n+%d(FP)", 8*len(slices)), "CX")
	a.op("VBROADCASTSS", address("one"), a.unit.v(15))
	a.op("SUBQ", fmt.Sprintf("$%d", a.unit.lanes), "CX")
	a.op("JLT", "rest")
	a.line("loop:")
	step("")
	for i := range pointers {
		a.op("ADDQ", fmt.Sprintf("$%d", a.unit.bytes()), pointers[i])
	}
	a.op("SUBQ", fmt.Sprintf("$%d", a.unit.lanes), "CX")
	a.op("JGE", "loop")
	a.line("rest:")
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.lanes), "CX")
	a.op("JEQ", "done")
	step(a.tail())
	a.line("done:")
	a.op("VZEROUPPER")
	a.op("RET")
}
