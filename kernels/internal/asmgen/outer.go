package asmgen

import "fmt"

// outer is a register tile of a product of panels: Σ_k a[k]·b[k]ᵀ, where b is a panel of as many columns as fill three
// cache lines (48 of float32, 24 of float64), row k after row k−1, and a a row of as many values as the tile has rows.
type outer struct {
	unit    isa
	rows    int
	double  bool
	record  string // Go type that the functions take a pointer to
	vectors int
	stream  int // bytes of memory that are asked for with every step of k, from field ahead on; 0 for none
}

// newOuter is the tile of three vectors of an instruction set that fills its registers.
func newOuter(u isa, double bool, record string) outer {
	return outer{unit: u, rows: map[string]int{"Y": 4, "Z": 8}[u.reg], double: double, record: record, vectors: 3}
}

func (o outer) size() int { return map[bool]int{false: 4, true: 8}[o.double] }

func (o outer) sum(row, vector int) string { return o.unit.v(row*o.vectors + vector) }

// spare is register i of those that are no sums.
func (o outer) spare(i int) string { return o.unit.v(o.rows*o.vectors + i) }

// op is the instruction's name for the tile's precision.
func (o outer) op(name string) string {
	return name + map[bool]string{false: "S", true: "D"}[o.double]
}

func (o outer) field(name string) string { return o.record + "_" + name + "(DI)" }

// open writes the head of a function of one argument and loads what every tile needs: DX a, R8 its step, SI b, CX the
// depth, R9 the result and R10 its row step.
func (a *asm) open(o outer, name string) {
	a.unit = o.unit
	a.line("\n// func %s(t *%s)", name, o.record)
	a.line("// A tile of %d rows and %d columns.", o.rows, o.vectors*o.unit.bytes()/o.size())
	a.text(name, 8)
	a.op("MOVQ", "t+0(FP)", "DI")
	for _, f := range [][2]string{{"a", "DX"}, {"stepA", "R8"}, {"b", "SI"}, {"depth", "CX"}, {"out", "R9"}, {"rowOut", "R10"}} {
		a.op("MOVQ", o.field(f[0]), f[1])
	}
	a.op("SHLQ", fmt.Sprintf("$%d", map[bool]int{false: 2, true: 3}[o.double]), "R8")
	a.op("SHLQ", "$3", "R10")
}

// askResult asks for rows of the result, of so many bytes each, that a later tile will need.
func (a *asm) askResult(o outer, rows, width int) {
	a.op("MOVQ", o.field("next"), "R11")
	for i := range rows {
		for at := 0; at < width; at += 64 {
			a.op("PREFETCHT0", fmt.Sprintf("%d(R11)", at))
		}
		a.op("PREFETCHT0", fmt.Sprintf("%d(R11)", width-1))
		if i+1 < rows {
			a.op("ADDQ", "R10", "R11")
		}
	}
}

// products clears the sums and adds one fused multiply-add a step of k, in order. DX then is at row depth of a.
func (a *asm) products(o outer) {
	for i := range o.rows * o.vectors {
		a.zero(o.unit.v(i))
	}
	if o.stream > 0 {
		a.op("MOVQ", o.field("ahead"), "R12")
	}
	a.op("TESTQ", "CX", "CX")
	a.op("JEQ", "summed")
	a.op("PCALIGN", "$64")
	a.line("loop:")
	for v := range o.vectors {
		a.load(a.at("SI", v), o.spare(v), "")
	}
	for i := range o.rows {
		x := o.spare(o.vectors + i%min(4, o.unit.regs-o.vectors*(o.rows+1)))
		a.op(o.op("VBROADCASTS"), fmt.Sprintf("%d(DX)", i*o.size()), x)
		for v := range o.vectors {
			a.op(o.op("VFMADD231P"), o.spare(v), x, o.sum(i, v))
		}
	}
	if o.stream > 0 {
		a.op("PREFETCHT1", "(R12)")
		a.op("ADDQ", fmt.Sprintf("$%d", o.stream), "R12")
	}
	a.op("ADDQ", "$192", "SI")
	a.op("ADDQ", "R8", "DX")
	a.op("DECQ", "CX")
	a.op("JNZ", "loop")
	a.line("summed:")
}

func (a *asm) close() {
	a.op("VZEROUPPER")
	a.op("RET")
}
