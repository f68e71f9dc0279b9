package nvrtc

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// Resources is what a kernel takes of a card: registers and stack bytes of a thread, static shared bytes of a block,
// bytes that the assembler moves between registers and memory because there are too few registers.
type Resources struct {
	Kernel      string `json:"kernel"`
	File        string `json:"file"`
	Arch        string `json:"arch"`
	Registers   int    `json:"registers"`
	Shared      int    `json:"shared"`
	Stack       int    `json:"stack"`
	SpillStores int    `json:"spill_stores"`
	SpillLoads  int    `json:"spill_loads"`
}

// Assemble runs ptxas -v on a PTX text for an architecture such as "sm_80" and returns what it says of each kernel. Notes
// that wgmma instructions are serialised, or setmaxnreg is ignored, are errors: they cost most of a kernel's speed.
func (t Toolchain) Assemble(ptx []byte, arch string) ([]Resources, error) {
	f, err := os.CreateTemp("", "attrib-*.ptx")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	if _, err = f.Write(ptx); err == nil {
		err = f.Close()
	}
	if err != nil {
		return nil, err
	}
	out, err := exec.Command(t.Ptxas, "-v", "-arch="+arch, "-o", os.DevNull, f.Name()).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("ptxas for %s: %w\n%s", arch, err, out)
	}
	return parse(string(out))
}

var (
	entryLine = regexp.MustCompile(`Compiling entry function '(\w+)' for '(\w+)'`)
	stackLine = regexp.MustCompile(`(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads`)
	usedLine  = regexp.MustCompile(`Used (\d+) registers`)
	smemPart  = regexp.MustCompile(`(\d+) bytes smem`)
)

func parse(text string) ([]Resources, error) {
	var all []Resources
	var r Resources
	for line := range strings.Lines(text) {
		switch {
		case strings.Contains(line, "Potential Performance Loss"), strings.Contains(line, "setmaxnreg ignored"):
			return nil, fmt.Errorf("ptxas: %s", strings.TrimSpace(line))
		case entryLine.MatchString(line):
			m := entryLine.FindStringSubmatch(line)
			r = Resources{Kernel: m[1], Arch: m[2]}
		case stackLine.MatchString(line):
			m := stackLine.FindStringSubmatch(line)
			r.Stack, r.SpillStores, r.SpillLoads = number(m[1]), number(m[2]), number(m[3])
		case usedLine.MatchString(line) && r.Kernel != "":
			r.Registers = number(usedLine.FindStringSubmatch(line)[1])
			if m := smemPart.FindStringSubmatch(line); m != nil {
				r.Shared = number(m[1])
			}
			all = append(all, r)
			r = Resources{}
		}
	}
	return all, nil
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
