package cuda

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"attrib/kernels/cuda/driver"
)

// With ATTRIB_TEST_DEVICE=card the tests that open a device do so on the machine's card, with every architecture that it
// can run; those that need the emulator are skipped. ATTRIB_CUDA_TRACE names a file to which the kernels that run are
// appended: name, target and the hash of the PTX. bench/gpu sets both.
var onCard = os.Getenv("ATTRIB_TEST_DEVICE") == "card"

func init() {
	if path := os.Getenv("ATTRIB_CUDA_TRACE"); path != "" {
		trace = tracer(path)
	}
}

func tracer(path string) func(source, name string, arch int) {
	var mu sync.Mutex
	seen := map[string]bool{}
	return func(source, name string, arch int) {
		text, target, err := PTX(source, arch/10, arch%10)
		if err != nil {
			panic(err) // it has just been loaded
		}
		line := fmt.Sprintln(name, target, PTXHash(text))
		mu.Lock()
		defer mu.Unlock()
		if seen[line] {
			return
		}
		seen[line] = true
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err == nil {
			_, err = f.WriteString(line)
			f.Close()
		}
		if err != nil {
			panic(err)
		}
	}
}

// openCard gives the machine's first card with kernels of that architecture.
func openCard(t testing.TB, arch int, o Options, settings []string) *device {
	t.Helper()
	for _, s := range settings { // orders and sizes of the emulator are the card's own affair
		if name, _, _ := strings.Cut(s, "="); name != "order" && name != "sms" && name != "schedule" {
			t.Skip("needs the emulator: ", s)
		}
	}
	lib, err := driver.Open()
	if err != nil {
		t.Fatal(err)
	}
	card, err := lib.Device(0)
	if err != nil {
		t.Fatal(err)
	}
	if c := int(card.Info().Capability); c < arch || arch == 90 && c != 90 {
		t.Skipf("%s has compute capability %d and cannot run sm_%d", card, c, arch)
	}
	if i := card.Info(); i.Emulated && arch != archFor(int(i.Capability)) {
		t.Skipf("the emulator has the kernels of one architecture, not those of sm_%d", arch)
	}
	o.Arch, o.Devices = arch, []int{0}
	d, err := newDevice(lib, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// What bench/gpu reads of a trace is what was loaded.
func TestTrace(t *testing.T) {
	path := t.TempDir() + "/trace"
	record := tracer(path)
	record("selftest", "selftest_ldmatrix_x4", 80)
	record("selftest", "selftest_ldmatrix_x4", 80)
	text, _, err := PTX("selftest", 8, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if want := "selftest_ldmatrix_x4 sm_80 " + PTXHash(text) + "\n"; err != nil || string(got) != want {
		t.Errorf("%q, want %q; %v", got, want, err)
	}
}

// A kernel is proven by its own text for its own target, and by nothing else.
func TestProvenByText(t *testing.T) {
	text, _, err := PTX("selftest", 8, 0)
	if err != nil {
		t.Fatal(err)
	}
	proof := driver.Proof{Card: "x", Kernel: "k", PTX: PTXHash(text)}
	if !provenBy([]driver.Proof{proof}, "sm_80", "k") {
		t.Error("the text is not recognised")
	}
	if provenBy([]driver.Proof{proof}, "sm_75", "k") || provenBy([]driver.Proof{proof}, "sm_80", "j") || provenBy(nil, "sm_80", "k") {
		t.Error("another target, another kernel or nothing proves it")
	}
	proof.PTX = PTXHash(append(text, ' '))
	if provenBy([]driver.Proof{proof}, "sm_80", "k") || Proven("NVIDIA Nothing", "sm_80", "k") {
		t.Error("another text proves it")
	}
}

// A card takes of every source the newest form that there is for it.
func TestForms(t *testing.T) {
	for capability, allowed := range map[int][]string{75: {"sm_75"}, 86: {"sm_80", "sm_75"}, 90: {"sm_90a", "sm_80", "sm_75"}, 120: {"sm_80", "sm_75"}, 70: nil} {
		all := Forms(capability)
		if (len(all) == 0) != (allowed == nil) {
			t.Errorf("%d: %d kernels", capability, len(all))
		}
		seen := map[string]bool{}
		for _, f := range all {
			if !slices.Contains(allowed, f.Target) || seen[f.Kernel] {
				t.Errorf("%d: %+v", capability, f)
			}
			seen[f.Kernel] = true
		}
		if allowed != nil && !seen["scan_merge"] {
			t.Errorf("%d: scan_merge is not among %v", capability, all)
		}
		if seen["scan_wgmma_128x64"] != (capability == 90) {
			t.Errorf("%d: wgmma %v", capability, seen["scan_wgmma_128x64"])
		}
	}
}
