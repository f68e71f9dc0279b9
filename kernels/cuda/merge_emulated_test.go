//go:build linux

package cuda

import (
	"fmt"
	"slices"
	"testing"

	"attrib/kernels/cuda/driver"
)

// Blocks of scan_merge run at once on a card, so that no two of them may use the same part of the spare memory, whatever
// the lengths of the two lists. The emulator runs one block after the other: what all of them have left there tells.
func TestMergesAreApart(t *testing.T) {
	const queries, capacity = 3, 20
	for _, arch := range []int{75, 80} {
		lib := emulator(t, arch, "src", []string{"scan.cu"})
		for _, k := range [][2]int{{5, 2}, {2, 5}, {4, 4}, {6, 0}, {0, 6}} {
			t.Run(fmt.Sprintf("sm_%d/%v", arch, k), func(t *testing.T) {
				spare := newMemory(make([]uint64, 2*queries*max(k[0], k[1])))
				above, below := newMemory(make([]float32, queries)), newMemory(make([]float32, queries))
				a := mergeArgs{Spare: spare.p, Above: above.p, Below: below.p, K: [2]int32{int32(k[0]), int32(k[1])}, Capacity: capacity, Queries: queries}
				var lists [2]*memory[uint64]
				for l := range 2 {
					found, count := newMemory(make([]uint64, queries*capacity)), newMemory(slices.Repeat([]uint32{capacity}, queries))
					for i := range found.v {
						found.v[i] = uint64(1+l)<<40 | uint64(i*7919%1000003)<<8 | 1
					}
					length := newMemory(make([]uint32, queries))
					lists[l] = newMemory(make([]uint64, queries*k[l]))
					a.Found[l], a.Count[l], a.Length[l], a.List[l] = found.p, count.p, length.p, lists[l].p
				}
				e := emulated{lib: lib, arch: arch, order: 3}
				if err := e.launch(kernel{"scan", "scan_merge", 256, 0}, driver.Dim{X: queries, Y: 2}, a); err != nil {
					t.Fatal(err)
				}
				if err := spare.intact(); err != nil {
					t.Error(err)
				}
				for l, list := range lists {
					for i, key := range list.v {
						if key == 0 || !slices.Contains(spare.v, key) {
							t.Errorf("list %d: key %d, %#x, was overwritten in the spare memory", l, i, key)
						}
					}
				}
			})
		}
	}
}
