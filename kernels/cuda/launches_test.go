package cuda

import (
	"slices"
	"testing"

	"attrib/kernels"
)

// Launches of all cards are counted by name.
func TestLaunches(t *testing.T) {
	d := open(t, 80, small, "devices=2")
	if l := d.Launches(); len(l) != 0 {
		t.Errorf("before the first: %v", l)
	}
	s, scan := faultScan(kernels.InnerProduct)
	scanned(t, d, s, scan)
	first := d.Launches()
	scanned(t, d, s, scan)
	second := d.Launches()
	at := slices.IndexFunc(first, func(l kernels.Launch) bool { return l.Kernel == "scan_dot_128x8" })
	if at < 0 || first[at].Count < 2 || len(second) != len(first) || second[at].Count <= first[at].Count {
		t.Errorf("%v, then %v", first, second)
	}
	if !slices.IsSortedFunc(first, func(a, b kernels.Launch) int { return map[bool]int{true: -1, false: 1}[a.Kernel < b.Kernel] }) {
		t.Errorf("%v is not sorted", first)
	}
}
