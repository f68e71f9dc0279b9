package cuda

import (
	"fmt"
	"io"
	"strings"
)

// SelfTest is a kernel of src/selftest.cu that finds where a card holds the elements of an operand. It runs as one
// block; its parameters are a tensor map where Map says so, then a pointer to Words zeroed 32-bit words.
type SelfTest struct {
	Form    string // as in LAYOUTS.md; the kernel is "selftest_" + Form
	Threads int
	Shared  int  // bytes of dynamic shared memory
	Words   int  // what it writes
	Map     bool // of a 64 x 64 matrix of 16-bit elements 64 row + column, in one box, swizzled by 128 bytes

	least   int // compute capability
	columns int // of a product that follows the table; 0: none
}

var selfTests = []SelfTest{
	{Form: "m16n8k8_f16", Threads: 32, least: 75},
	{Form: "m8n8k16_s8", Threads: 32, least: 75},
	{Form: "ldmatrix_x4", Threads: 32, Shared: 512, least: 75},
	{Form: "ldmatrix_x4_trans", Threads: 32, Shared: 512, least: 75},
	{Form: "m16n8k16_f16", Threads: 32, least: 80},
	{Form: "m16n8k16_bf16", Threads: 32, least: 80},
	{Form: "m16n8k8_tf32", Threads: 32, least: 80},
	{Form: "m16n8k32_s8", Threads: 32, least: 80},
	{Form: "tma_swizzle", Threads: 64, Shared: 9216, Map: true, least: 90},
	{Form: "wgmma_m64n64k16_bf16", Threads: 128, Shared: 8192 + 128*64, least: 90, columns: 64},
	{Form: "wgmma_m64n128k16_bf16", Threads: 128, Shared: 8192 + 128*128, least: 90, columns: 128},
	{Form: "wgmma_m64n256k16_bf16", Threads: 128, Shared: 8192 + 128*256, least: 90, columns: 256},
}

// SelfTests lists the self-tests for a card of a compute capability.
func SelfTests(major, minor int) ([]SelfTest, error) {
	capability := 10*major + minor
	var all []SelfTest
	for _, s := range selfTests {
		if capability < s.least || s.least == 90 && capability != 90 {
			continue
		}
		tables, err := layoutsOf(s.Form)
		if err != nil {
			return nil, err
		}
		for _, l := range tables {
			s.Words += l.lanes * l.elements
		}
		s.Words += 64 * s.columns
		all = append(all, s)
	}
	return all, nil
}

// Kernel is the name to launch.
func (s SelfTest) Kernel() string { return "selftest_" + s.Form }

// shownElement is one element: what the card shows and what is documented.
type shownElement struct {
	operand     string
	lane, i     int
	word        uint32 // row << 16 | column
	row, column int
}

func (f shownElement) ok() bool { return f.word == uint32(f.row)<<16|uint32(f.column) }

func (f shownElement) String() string {
	shown := fmt.Sprintf("(%d, %d)", f.word>>16, f.word&0xffff)
	if f.word == 0xffffffff {
		shown = "nothing"
	}
	return fmt.Sprintf("%s[%d] of lane %d is %s", f.operand, f.i, f.lane, shown)
}

// elements pairs the words with the tables: all elements of a lane's operands lie together.
func (s SelfTest) elements(words []uint32) ([]shownElement, error) {
	tables, err := layoutsOf(s.Form)
	if err != nil {
		return nil, err
	}
	if len(words) != s.Words {
		return nil, fmt.Errorf("%s: %d words, want %d", s.Kernel(), len(words), s.Words)
	}
	var all []shownElement
	for lane := range tables[0].lanes {
		for _, l := range tables {
			for i := range l.elements {
				f := shownElement{operand: l.operand, lane: lane, i: i, word: words[len(all)]}
				if f.row, f.column, err = l.place(lane, i); err != nil {
					return nil, err
				}
				all = append(all, f)
			}
		}
	}
	return all, nil
}

// Differences compares what the kernel wrote with LAYOUTS.md, and wgmma's product with the one computed here; empty
// when the card is as documented.
func (s SelfTest) Differences(words []uint32) ([]string, error) {
	all, err := s.elements(words)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range all {
		if !f.ok() {
			out = append(out, fmt.Sprintf("%s: %s, documented is (%d, %d)", s.Form, f, f.row, f.column))
		}
	}
	for j, word := range words[len(all):] {
		f := all[j]
		if want := productAt(f.row, f.column); int32(word) != want {
			out = append(out, fmt.Sprintf("%s: the product at (%d, %d) is %d, not %d", s.Form, f.row, f.column, int32(word), want))
		}
	}
	return out, nil
}

// productAt is an element of the product of small integers that the wgmma kernels make.
func productAt(row, column int) int32 {
	sum := 0
	for k := range 64 {
		sum += ((row*7+k*3)%11 - 5) * ((column*5+k*2)%13 - 6)
	}
	return int32(sum)
}

// Print writes the card's own table, a line for each lane and operand: row,column of each element.
func (s SelfTest) Print(w io.Writer, words []uint32) error {
	all, err := s.elements(words)
	if err != nil {
		return err
	}
	for from := 0; from < len(all); {
		to := from
		var line strings.Builder
		for ; to < len(all) && all[to].lane == all[from].lane && all[to].operand == all[from].operand; to++ {
			fmt.Fprintf(&line, " %d,%d", all[to].word>>16, all[to].word&0xffff)
		}
		if _, err := fmt.Fprintf(w, "%s %s lane %d:%s\n", s.Form, all[from].operand, all[from].lane, line.String()); err != nil {
			return err
		}
		from = to
	}
	return nil
}
