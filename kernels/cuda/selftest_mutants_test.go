//go:build linux

package cuda

import (
	"testing"

	"attrib/kernels/cuda/internal/emulib"
)

// Cards whose fragments, swizzle or descriptors are other than documented.
var layoutMutants = []emulib.Mutant{
	{File: "emu/mma.h", Old: "row % 8 * 4 + k / parts % 4, row / 8 +", New: "row / 2 * 4 + k / parts % 4, row % 2 +", Why: "rows of A in pairs"},
	{File: "emu/mma.h", Old: "k / (4 * parts) * row_regs, k % parts}", New: "k / (4 * parts) * row_regs, parts - 1 - k % parts}", Why: "A's parts of a register from the top"},
	{File: "emu/mma.h", Old: "return {column * 4 + k / parts % 4,", New: "return {(7 - column) * 4 + k / parts % 4,", Why: "columns of B backwards"},
	{File: "emu/mma.h", Old: "k / (4 * parts), k % parts}", New: "k / (4 * parts), (k ^ 1) % parts}", Why: "neighbours along k in B swapped"},
	{File: "emu/mma.h", Old: "return lane_id() / 4 + i / 2 * 8;", New: "return lane_id() / 4 + i % 2 * 8;", Why: "D's rows and columns of registers swapped"},
	{File: "emu/mma.h", Old: "return lane_id() % 4 * 2 + i % 2;", New: "return lane_id() % 4 + i % 2 * 4;", Why: "D's columns apart"},
	{File: "emu/mma.h", Old: "const void* p = rows[8 * m + y];", New: "const void* p = rows[4 * y + m];", Why: "ldmatrix takes rows of all matrices in turn"},
	{File: "emu/mma.h", Old: "transposed ? l % 4 * 2 + i : l / 4,", New: "l / 4,", Why: "ldmatrix.trans does not transpose"},
	{File: "emu/async.h", Old: "return lin ^ (lin >> 7 & mask) << 4;", New: "return lin ^ (lin >> 8 & mask) << 4;", Why: "swizzle by pairs of rows"},
	{File: "emu/wgmma.h", Old: "row / 8 * group", New: "row / 8 * 512", Why: "the descriptor's stride is not used"},
	{File: "emu/wgmma.h", Old: "M.self / 32 % 4 * 16 + lane_id() / 4", New: "M.self / 32 % 4 * 8 + lane_id() / 4", Why: "warps of wgmma overlap"},
	{File: "emu/wgmma.h", Old: "j / 4 * 8 + lane_id() % 4 * 2 + c", New: "j / 4 * 8 + lane_id() % 4 + 4 * c", Why: "wgmma's columns apart"},
}

func TestLayoutMutantsAreNoticed(t *testing.T) {
	tests, err := SelfTests(9, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range layoutMutants {
		t.Run(m.Why, func(t *testing.T) {
			dir, err := m.Plant("src", t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			l := openBuilt(t, emulib.Build, 90, dir, []string{"selftest.cu"})
			for _, s := range tests {
				differences, err := s.Differences(launchSelfTest(t, l, s, 0))
				if err != nil {
					t.Fatal(err)
				}
				if len(differences) > 0 {
					return
				}
			}
			t.Error("not noticed")
		})
	}
}
