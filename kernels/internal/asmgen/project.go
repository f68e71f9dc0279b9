package asmgen

import "fmt"

// project writes the generator of random words and what makes signs and normal numbers of them.
func project() string {
	a := &asm{}
	a.WriteString(header)
	a.projectConstants()
	for _, u := range []isa{avx2, avx512} {
		a.unit = u
		a.philoxWords()
		a.expandSigns()
		a.expandNormals()
	}
	return a.String()
}

// projectConstants: lane numbers; how far bit i of a word is from the sign, 0 to 31; a sign; 1; the multipliers.
func (a *asm) projectConstants() {
	for i := 0; i < 16; i += 2 {
		a.line("DATA lanes<>+%d(SB)/8, $0x%08x%08x", 4*i, i+1, i)
	}
	a.line("GLOBL lanes<>(SB), RODATA|NOPTR, $64")
	for i := 0; i < 32; i += 2 {
		a.line("DATA shifts<>+%d(SB)/8, $0x%08x%08x", 4*i, 30-i, 31-i)
	}
	a.line("GLOBL shifts<>(SB), RODATA|NOPTR, $128")
	for i, v := range []uint32{0x80000000, 0x3f800000, 0xD2511F53, 0xCD9E8D57, 0x0fff} {
		a.line("DATA numbers<>+%d(SB)/4, $0x%08x", 4*i, v)
	}
	a.line("GLOBL numbers<>(SB), RODATA|NOPTR, $20")
}

// whole is the name of a whole-vector logic or move on 32-bit numbers.
func (a *asm) whole(name string) string {
	if a.unit.reg != "Z" {
		return name
	}
	switch name {
	case "VMOVDQU":
		return "VMOVDQU32"
	}
	return name + "D"
}

// philoxWords runs Philox4x32-10 on as many counters as there are lanes at a time: the first number rises, the other three
// stay. Word j of all lanes follows word j−1 of all. Registers: 0 to 3 the counter, 4 to 9 between, 10 and 11 multipliers,
// 12 the first numbers, 13 to 15 what is broadcast.
func (a *asm) philoxWords() {
	v := a.unit.v
	a.line("\n// func words%s(out *uint32, groups int, counter *[4]uint32, keys *[20]uint32)", a.unit.name)
	a.text("words"+a.unit.name, 32)
	for i, r := range []string{"DI", "CX", "SI", "DX"} {
		a.op("MOVQ", fmt.Sprintf("%s+%d(FP)", []string{"out", "groups", "counter", "keys"}[i], 8*i), r)
	}
	a.op("VPBROADCASTD", "numbers<>+8(SB)", v(10))
	a.op("VPBROADCASTD", "numbers<>+12(SB)", v(11))
	a.op("VPBROADCASTD", "(SI)", v(12))
	a.op("VPADDD", "lanes<>(SB)", v(12), v(12))
	a.op("MOVL", fmt.Sprintf("$%d", a.unit.lanes), "AX")
	if a.unit.reg == "Z" {
		a.op("MOVL", "$0xaaaa", "R8")
		a.op("KMOVW", "R8", "K1")
	}
	a.line("group:")
	a.op(a.whole("VMOVDQU"), v(12), v(0))
	for i := 1; i < 4; i++ {
		a.op("VPBROADCASTD", fmt.Sprintf("%d(SI)", 4*i), v(i))
	}
	for round := range 10 {
		a.product(0, 10, 4, 5)   // hi in 4, lo in 5
		a.product(2, 11, 6, 7)   // hi in 6, lo in 7
		a.keyed(6, 1, 2*round)   // x0 = hi1 ^ x1 ^ key0
		a.keyed(4, 3, 2*round+1) // x2 = hi0 ^ x3 ^ key1
		for to, from := range []int{6, 7, 4, 5} {
			a.op(a.whole("VMOVDQU"), v(from), v(to))
		}
	}
	for i := range 4 {
		a.op(a.whole("VMOVDQU"), v(i), a.at("DI", i))
	}
	a.op("ADDQ", fmt.Sprintf("$%d", 4*a.unit.bytes()), "DI")
	if a.unit.reg == "Z" {
		a.op("VPBROADCASTD", "AX", v(13))
	} else {
		a.op("VMOVD", "AX", "X13")
		a.op("VPBROADCASTD", "X13", v(13))
	}
	a.op("VPADDD", v(13), v(12), v(12))
	a.op("DECQ", "CX")
	a.op("JNZ", "group")
	a.op("VZEROUPPER")
	a.op("RET")
}

// product sets hi and lo to the halves of the 64-bit products of x and a multiplier, lane by lane. It uses 8 and 9.
func (a *asm) product(x, by, hi, lo int) {
	v := a.unit.v
	a.op("VPMULUDQ", v(by), v(x), v(lo)) // even lanes
	a.op("VPSRLQ", "$32", v(x), v(8))    //
	a.op("VPMULUDQ", v(by), v(8), v(9))  // odd lanes
	a.op("VPSRLQ", "$32", v(lo), v(hi))  // upper halves of even
	a.op("VPSLLQ", "$32", v(9), v(8))    // lower halves of odd, in place
	if a.unit.reg == "Z" {
		a.op("VPBLENDMD", v(9), v(hi), "K1", v(hi))
		a.op("VPBLENDMD", v(8), v(lo), "K1", v(lo))
		return
	}
	a.op("VPBLENDD", "$0xaa", v(9), v(hi), v(hi))
	a.op("VPBLENDD", "$0xaa", v(8), v(lo), v(lo))
}

// keyed adds x and a round's key to hi, bit by bit.
func (a *asm) keyed(hi, x, key int) {
	v := a.unit.v
	a.op("VPBROADCASTD", fmt.Sprintf("%d(DX)", 4*key), v(8))
	a.op(a.whole("VPXOR"), v(x), v(hi), v(hi))
	a.op(a.whole("VPXOR"), v(8), v(hi), v(hi))
}

// expandSigns makes 32 numbers, +1 or −1, of every word: bit i is the sign of number i.
func (a *asm) expandSigns() {
	v, per := a.unit.v, 32/a.unit.lanes
	a.line("\n// func signs%s(dst *float32, words *uint32, n int)", a.unit.name)
	a.text("signs"+a.unit.name, 24)
	for i, r := range []string{"DI", "SI", "CX"} {
		a.op("MOVQ", fmt.Sprintf("%s+%d(FP)", []string{"dst", "words", "n"}[i], 8*i), r)
	}
	for i := range per {
		a.op(a.whole("VMOVDQU"), fmt.Sprintf("shifts<>+%d(SB)", i*a.unit.bytes()), v(8+i))
	}
	a.op("VPBROADCASTD", "numbers<>+0(SB)", v(12))
	a.op("VPBROADCASTD", "numbers<>+4(SB)", v(13))
	a.line("word:")
	a.op("VPBROADCASTD", "(SI)", v(0))
	for i := range per {
		a.op("VPSLLVD", v(8+i), v(0), v(1+i))
		a.op(a.whole("VPAND"), v(12), v(1+i), v(1+i))
		a.op(a.whole("VPOR"), v(13), v(1+i), v(1+i))
		a.op(a.whole("VMOVDQU"), v(1+i), a.at("DI", i))
	}
	a.op("ADDQ", "$4", "SI")
	a.op("ADDQ", "$128", "DI")
	a.op("DECQ", "CX")
	a.op("JNZ", "word")
	a.op("VZEROUPPER")
	a.op("RET")
}

// expandNormals makes a number of every 16 bits: the lower 12 choose a magnitude of the table, the highest is the sign.
func (a *asm) expandNormals() {
	v := a.unit.v
	a.line("\n// func normals%s(dst *float32, words *uint32, n int, table *float32)", a.unit.name)
	a.line("// n counts vectors of numbers.")
	a.text("normals"+a.unit.name, 32)
	for i, r := range []string{"DI", "SI", "CX", "DX"} {
		a.op("MOVQ", fmt.Sprintf("%s+%d(FP)", []string{"dst", "words", "n", "table"}[i], 8*i), r)
	}
	a.op("VPBROADCASTD", "numbers<>+16(SB)", v(12))
	a.op("VPBROADCASTD", "numbers<>+0(SB)", v(13))
	a.line("next:")
	a.op("VPMOVZXWD", "(SI)", v(0))
	a.op(a.whole("VPAND"), v(12), v(0), v(1))
	a.op("VPSLLD", "$16", v(0), v(2))
	a.op(a.whole("VPAND"), v(13), v(2), v(2))
	if a.unit.reg == "Z" {
		a.op("KXNORW", "K1", "K1", "K1")
		a.op("VGATHERDPS", fmt.Sprintf("(DX)(%s*4)", v(1)), "K1", v(3))
	} else {
		a.op("VPCMPEQD", v(4), v(4), v(4))
		a.op("VGATHERDPS", v(4), fmt.Sprintf("(DX)(%s*4)", v(1)), v(3))
	}
	a.op(a.whole("VPXOR"), v(2), v(3), v(3))
	a.op("VMOVUPS", v(3), "(DI)")
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.bytes()/2), "SI")
	a.op("ADDQ", fmt.Sprintf("$%d", a.unit.bytes()), "DI")
	a.op("DECQ", "CX")
	a.op("JNZ", "next")
	a.op("VZEROUPPER")
	a.op("RET")
}
