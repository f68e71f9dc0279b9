package cuda

import (
	"bytes"
	"strings"
	"testing"
)

func TestPTXByCapability(t *testing.T) {
	cases := []struct {
		major, minor int
		target       string // empty: an error
	}{
		{0, 0, ""}, {7, 0, ""}, {7, 2, ""}, {7, 5, "sm_75"}, {8, 0, "sm_80"}, {8, 6, "sm_80"}, {8, 9, "sm_80"},
		{9, 0, "sm_90a"}, {10, 0, "sm_80"}, {12, 0, "sm_80"}, {12, 1, "sm_80"},
	}
	for _, c := range cases {
		text, target, err := PTX("selftest", c.major, c.minor)
		if target != c.target || (err == nil) != (c.target != "") {
			t.Errorf("%d.%d: %q, want %q: %v", c.major, c.minor, target, c.target, err)
		}
		if err == nil && !bytes.Contains(text, []byte(".target "+target+"\n")) {
			t.Errorf("%d.%d: the text is not for %s", c.major, c.minor, target)
		}
		if err != nil && !strings.Contains(err.Error(), "too old") {
			t.Errorf("%d.%d: %v", c.major, c.minor, err)
		}
	}
	if _, _, err := PTX("absent", 9, 0); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("an absent file: %v", err)
	}
}

// Text for newer cards than sm_80 would not run on them when a file has no sm_90a form.
func TestTargetsRunOnTheCard(t *testing.T) {
	for capability := 70; capability <= 130; capability++ {
		for _, target := range targetsFor(capability) {
			ok := target == "sm_75" && capability >= 75 || target == "sm_80" && capability >= 80 || target == "sm_90a" && capability == 90
			if !ok {
				t.Errorf("%s on %d", target, capability)
			}
		}
	}
}

// The committed PTX needs no driver newer than 550, and says nothing of the machine that made it.
func TestPTXText(t *testing.T) {
	files, err := ptxFiles.ReadDir("ptx")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := ptxFiles.ReadFile("ptx/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte("\n.version 8.4\n")) {
			t.Errorf("%s: not PTX 8.4, which driver 550 knows", f.Name())
		}
		if bytes.Contains(text, []byte(".file")) || bytes.Contains(text, []byte("/work")) || bytes.Contains(text, []byte("/home")) {
			t.Errorf("%s names files of a machine", f.Name())
		}
	}
}
