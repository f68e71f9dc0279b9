package asmgen

import "fmt"

// gram is what the Gram matrix of float32 rows needs: the sums of a tile over a run of rows in float32, added to
// float64, and the largest magnitude of each column of a panel.
func gram() string {
	a := &asm{}
	a.WriteString(header + "#include \"go_asm.h\"\n")
	for _, u := range []isa{avx2, avx512} {
		o := newOuter(u, false, "gramTile")
		o.stream = map[string]int{"Y": 4, "Z": 16}[u.reg] // a panel in the tiles of two blocks
		a.gramTile(o)
		a.gramTop(u)
	}
	return a.String()
}

// gramTile adds a tile to float64, row after row, through the registers that are no sums. Where columns were scaled,
// the sum is first multiplied by the inverse powers of two of its row and of its column.
func (a *asm) gramTile(o outer) {
	a.open(o, "gramTile"+o.unit.name)
	a.askResult(o, 2, 2*o.vectors*o.unit.bytes())
	a.products(o)
	a.op("CMPB", o.field("scaled"), "$0")
	a.op("JNE", "scaled")
	a.flush(o, false)
	a.op("JMP", "done")
	a.line("scaled:")
	a.op("MOVQ", o.field("scaleA"), "R11")
	a.op("MOVQ", o.field("scaleB"), "R12")
	a.flush(o, true)
	a.line("done:")
	a.close()
}

// flush adds the sums to the rows at R9.
func (a *asm) flush(o outer, scaled bool) {
	n := o.rows * o.vectors
	for i := range o.rows {
		for v := range o.vectors {
			low, high := o.spare(2*(v%2)), o.spare(2*(v%2)+1)
			a.upperHalf(o, i*o.vectors+v, n+2*(v%2)+1)
			a.op("VCVTPS2PD", o.half(i*o.vectors+v), low)
			for h, x := range []string{low, high} {
				at := (2*v + h) * o.unit.bytes()
				if scaled {
					a.scale(o, i, at, x)
				}
				a.op("VADDPD", fmt.Sprintf("%d(R9)", at), x, x)
				a.op("VMOVUPS", x, fmt.Sprintf("%d(R9)", at))
			}
		}
		if i+1 < o.rows {
			a.op("ADDQ", "R10", "R9")
		}
	}
}

// half is the register of half the width.
func (o outer) half(i int) string {
	return fmt.Sprintf("%s%d", map[string]string{"Z": "Y", "Y": "X"}[o.unit.reg], i)
}

// upperHalf sets register to to the upper half of sum from in float64.
func (a *asm) upperHalf(o outer, from, to int) {
	extract := map[string]string{"Z": "VEXTRACTF64X4", "Y": "VEXTRACTF128"}[o.unit.reg]
	a.op(extract, "$1", o.unit.v(from), o.half(to))
	a.op("VCVTPS2PD", o.half(to), o.unit.v(to))
}

// scale multiplies x by the factor of row i, which memory holds eight times, and those of the columns at that offset.
func (a *asm) scale(o outer, i, at int, x string) {
	a.op("VMULPD", fmt.Sprintf("%d(R12)", at), x, x)
	a.op("VMULPD", fmt.Sprintf("%d(R11)", i*64), x, x)
}

// gramTop raises the magnitudes in top, as bits, to those of the rows of a panel. The bits of magnitudes are in their
// order, and those that are not finite are above all others.
func (a *asm) gramTop(u isa) {
	a.unit = u
	n := 192 / u.bytes()
	a.line("\n// func gramTop%s(panel *float32, rows int, top *uint32)", u.name)
	a.line("// panel has rows of 48 values, top as many.")
	a.text("gramTop"+u.name, 24)
	a.op("MOVQ", "panel+0(FP)", "SI")
	a.op("MOVQ", "rows+8(FP)", "CX")
	a.op("MOVQ", "top+16(FP)", "DI")
	and := map[string]string{"Z": "VPANDD", "Y": "VPAND"}[u.reg]
	ones := u.v(2 * n)
	a.op("MOVL", "$0x7fffffff", "AX")
	a.op("VMOVD", "AX", fmt.Sprintf("X%d", 2*n))
	a.op("VPBROADCASTD", fmt.Sprintf("X%d", 2*n), ones)
	for i := range n {
		a.load(a.at("DI", i), u.v(i), "")
	}
	a.line("loop:")
	for i := range n {
		a.op(and, a.at("SI", i), ones, u.v(n+i))
		a.op("VPMAXUD", u.v(n+i), u.v(i), u.v(i))
	}
	a.op("ADDQ", "$192", "SI")
	a.op("DECQ", "CX")
	a.op("JNZ", "loop")
	for i := range n {
		a.store(u.v(i), a.at("DI", i), "")
	}
	a.close()
}
