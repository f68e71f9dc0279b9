package asmgen

import "fmt"

// lapack is the tile of the float64 factorisations: C − Σ_k a[k]·b[k]ᵀ, and the same followed by a triangular solve.
func lapack() string {
	a := &asm{}
	a.WriteString(header + "#include \"go_asm.h\"\n")
	for _, u := range []isa{avx2, avx512} {
		o := newOuter(u, true, "tile")
		for _, solve := range []bool{false, true} {
			a.subtract(o, solve)
		}
	}
	return a.String()
}

// subtract writes one of the two functions. The sums start from zero, so that rows of C have time to arrive.
func (a *asm) subtract(o outer, solve bool) {
	name := map[bool]string{false: "subtract", true: "substitute"}[solve] + o.unit.name
	a.open(o, name)
	a.askResult(o, o.rows, o.vectors*o.unit.bytes())
	a.products(o)
	a.op("MOVQ", "R9", "R11")
	for i := range o.rows {
		for v := range o.vectors {
			a.load(a.at("R11", v), o.spare(v), "")
			a.op("VSUBPD", o.sum(i, v), o.spare(v), o.sum(i, v))
			if !solve {
				a.store(o.sum(i, v), a.at("R11", v), "")
			}
		}
		if i+1 < o.rows {
			a.op("ADDQ", "R10", "R11")
		}
	}
	if solve {
		a.substitute(o)
	}
	a.close()
}

// substitute solves E·X = tile, where rows depth and on of a are the columns of the lower triangle E, with reciprocals
// on its diagonal, and stores X.
func (a *asm) substitute(o outer) {
	factor := o.spare(o.vectors)
	for i := range o.rows {
		a.op("VBROADCASTSD", fmt.Sprintf("%d(DX)", 8*i), factor)
		for v := range o.vectors {
			a.op("VMULPD", factor, o.sum(i, v), o.sum(i, v))
			a.store(o.sum(i, v), a.at("R9", v), "")
		}
		for below := i + 1; below < o.rows; below++ {
			a.op("VBROADCASTSD", fmt.Sprintf("%d(DX)", 8*below), factor)
			for v := range o.vectors {
				a.op("VFNMADD231PD", o.sum(i, v), factor, o.sum(below, v))
			}
		}
		if i+1 < o.rows {
			a.op("ADDQ", "R8", "DX")
			a.op("ADDQ", "R10", "R9")
		}
	}
}
