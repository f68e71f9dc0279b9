package asmgen

// transpose is the transposition of whole blocks of 8×8 values, for packing. It needs AVX only.
func transpose() string {
	a := &asm{unit: avx2}
	a.WriteString(header)
	a.line("\n// func transpose8(dst, src *float32, dstStride, srcStride, rows, cols int)")
	a.line("// rows and cols of src are in blocks of 8, strides in values.")
	a.text("transpose8", 48)
	for _, arg := range [][2]string{{"dst+0", "DI"}, {"src+8", "SI"}, {"dstStride+16", "R8"}, {"srcStride+24", "R9"}, {"rows+32", "BX"}} {
		a.op("MOVQ", arg[0]+"(FP)", arg[1])
	}
	a.op("SHLQ", "$2", "R8")
	a.op("SHLQ", "$2", "R9")
	a.op("LEAQ", "(R8)(R8*2)", "R12")
	a.op("LEAQ", "(R9)(R9*2)", "R10")
	a.line("rows:")
	a.op("MOVQ", "cols+40(FP)", "CX")
	a.op("MOVQ", "SI", "AX")
	a.op("MOVQ", "DI", "DX")
	a.op("PCALIGN", "$32")
	a.line("cols:")
	a.op("LEAQ", "(AX)(R9*4)", "R11")
	a.quarter("(AX)", "(AX)(R9*1)", "(AX)(R9*2)", "(AX)(R10*1)", "(R11)", "(R11)(R9*1)", "(R11)(R9*2)", "(R11)(R10*1)")
	a.quarter("16(AX)", "16(AX)(R9*1)", "16(AX)(R9*2)", "16(AX)(R10*1)", "16(R11)", "16(R11)(R9*1)", "16(R11)(R9*2)", "16(R11)(R10*1)")
	a.op("ADDQ", "$32", "AX")
	a.op("DECQ", "CX")
	a.op("JNZ", "cols")
	a.op("LEAQ", "(SI)(R9*8)", "SI")
	a.op("ADDQ", "$32", "DI")
	a.op("DECQ", "BX")
	a.op("JNZ", "rows")
	a.op("VZEROUPPER")
	a.op("RET")
	return a.String()
}

// quarter turns four columns of eight rows into four rows of eight at DX and steps DX past them.
func (a *asm) quarter(row ...string) {
	for i := range 4 {
		a.op("VMOVUPS", row[i], []string{"X0", "X1", "X2", "X3"}[i])
		a.op("VINSERTF128", "$1", row[i+4], a.unit.v(i), a.unit.v(i))
	}
	a.op("VUNPCKLPS", "Y1", "Y0", "Y4")
	a.op("VUNPCKHPS", "Y1", "Y0", "Y5")
	a.op("VUNPCKLPS", "Y3", "Y2", "Y6")
	a.op("VUNPCKHPS", "Y3", "Y2", "Y7")
	a.op("VUNPCKLPD", "Y6", "Y4", "Y8")
	a.op("VUNPCKHPD", "Y6", "Y4", "Y9")
	a.op("VUNPCKLPD", "Y7", "Y5", "Y10")
	a.op("VUNPCKHPD", "Y7", "Y5", "Y11")
	a.op("VMOVUPS", "Y8", "(DX)")
	a.op("VMOVUPS", "Y9", "(DX)(R8*1)")
	a.op("VMOVUPS", "Y10", "(DX)(R8*2)")
	a.op("VMOVUPS", "Y11", "(DX)(R12*1)")
	a.op("LEAQ", "(DX)(R8*4)", "DX")
}
