//go:build linux

package cuda

import (
	"bytes"
	"go/ast"
	"go/parser"
	"strings"
	"testing"
	"unsafe"

	"attrib/kernels/cuda/internal/emulib"
)

// selfTestLib opens src/selftest.cu for an architecture.
func selfTestLib(t *testing.T, arch int) *emulib.Lib {
	t.Helper()
	return openBuilt(t, emulib.Build, arch, "src", []string{"selftest.cu"})
}

// launchSelfTest runs a self-test on the emulator.
func launchSelfTest(t *testing.T, l *emulib.Lib, s SelfTest, order int) []uint32 {
	t.Helper()
	words := make([]uint32, s.Words+1)
	words[s.Words] = 0x5e471e1 // nothing is written behind
	p := unsafe.Pointer(&words[0])
	params := []unsafe.Pointer{unsafe.Pointer(&p)}
	if s.Map {
		matrix := make([]uint16, 64*64)
		for i := range matrix {
			matrix[i] = uint16(i)
		}
		m, err := l.EncodeMap(emulib.Matrix{Base: unsafe.Pointer(&matrix[0]), Columns: 64, Rows: 64, Stride: 128,
			BoxColumns: 64, BoxRows: 64, ElementSize: 2, SwizzleBytes: 128})
		if err != nil {
			t.Fatal(err)
		}
		params = append([]unsafe.Pointer{unsafe.Pointer(m)}, params...)
	}
	err := l.Launch(s.Kernel(), [3]uint32{1, 1, 1}, [3]uint32{uint32(s.Threads), 1, 1}, s.Shared, order, params...)
	if err != nil || words[s.Words] != 0x5e471e1 {
		t.Fatalf("%s: %v, sentinel %x", s.Form, err, words[s.Words])
	}
	return words[:s.Words]
}

// The emulator's layouts are those of the document, and no test of it is left out.
func TestEmulatorFollowsLayouts(t *testing.T) {
	for arch, major := range map[int]int{75: 7, 80: 8, 90: 9} {
		l := selfTestLib(t, arch)
		tests, err := SelfTests(major, arch%10)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[int]int{75: 4, 80: 8, 90: 12}[arch]; len(tests) != want {
			t.Errorf("sm_%d: %d self-tests, want %d", arch, len(tests), want)
		}
		for _, s := range tests {
			for order := range emulib.Orders {
				differences, err := s.Differences(launchSelfTest(t, l, s, order))
				if err != nil || len(differences) > 0 {
					t.Fatalf("sm_%d, order %d: %v: %v", arch, order, differences[:min(5, len(differences))], err)
				}
			}
		}
	}
}

// A card that differs in one element is noticed, and the message says where.
func TestDifferencesSayWhere(t *testing.T) {
	l := selfTestLib(t, 90)
	tests, err := SelfTests(9, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range tests {
		words := launchSelfTest(t, l, s, 0)
		for _, at := range []int{0, len(words) / 3, len(words) - 1} {
			words[at] ^= 1
			differences, err := s.Differences(words)
			if err != nil || len(differences) != 1 || !strings.HasPrefix(differences[0], s.Form+": ") {
				t.Errorf("%s, word %d: %v: %v", s.Form, at, differences, err)
			}
			words[at] ^= 1
		}
		if _, err := s.Differences(words[1:]); err == nil {
			t.Errorf("%s: too few words pass", s.Form)
		}
		var text bytes.Buffer
		if err := s.Print(&text, words); err != nil || !strings.HasPrefix(text.String(), s.Form+" ") {
			t.Errorf("%s: %v", text.String(), err)
		}
	}
}

// Every form of the document is tested, and each table covers its matrix once.
func TestLayoutsCoverTheirMatrices(t *testing.T) {
	tested := map[string]bool{}
	for _, s := range selfTests {
		tested[s.Form] = true
	}
	for _, m := range layoutLine.FindAllStringSubmatch(layoutsText, -1) {
		if !tested[m[1]] {
			t.Errorf("%s has a table and no self-test", m[1])
		}
	}
	for form := range tested {
		tables, err := layoutsOf(form)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range tables {
			seen, rows, columns := map[[2]int]bool{}, 0, 0
			for lane := range l.lanes {
				for i := range l.elements {
					row, column, err := l.place(lane, i)
					if err != nil {
						t.Fatal(err)
					}
					seen[[2]int{row, column}] = true
					rows, columns = max(rows, row+1), max(columns, column+1)
				}
			}
			if len(seen) != l.lanes*l.elements || rows*columns != len(seen) {
				t.Errorf("%s %s: %d places in %d x %d", form, l.operand, len(seen), rows, columns)
			}
		}
	}
}

func parseExpression(t *testing.T, text string) ast.Expr {
	t.Helper()
	e, err := parser.ParseExpr(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestLayoutExpressions(t *testing.T) {
	for _, text := range []string{"lane + x", "i - 1", "1/0", "lane.i", "f(i)"} {
		l := layout{row: parseExpression(t, text), column: parseExpression(t, "i")}
		if _, _, err := l.place(1, 2); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
	if _, err := layoutsOf("absent"); err == nil {
		t.Error("a form without a table")
	}
}
