package cuda

import (
	"slices"
	"testing"
)

// Every target has kernels of the same names, as far as its architecture has the form.
func TestKernels(t *testing.T) {
	for _, target := range []string{"sm_75", "sm_80", "sm_90a"} {
		for _, k := range Kernels(target) {
			if k == "" || len(k) > 8 && k[:9] == "selftest_" {
				t.Errorf("%s: %q", target, k)
			}
		}
	}
	if len(Kernels("sm_10")) != 0 || !slices.IsSorted(Kernels("sm_80")) {
		t.Error("kernels of no target, or in no order")
	}
	if m := entryLine.FindSubmatch([]byte("\n.visible .entry scan_f32(\n\t.param .u64 p")); m == nil || string(m[1]) != "scan_f32" {
		t.Errorf("%q", m)
	}
}
