package simd

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

// Path is a class of instructions that kernels are written for.
type Path uint8

// The paths, slowest first. Auto, the zero value, stands for [Active].
const (
	Auto    Path = iota
	Generic      // plain Go, every architecture
	AVX2         // amd64 with AVX2 and FMA
	AVX512       // amd64 with AVX-512 F, VL, BW and DQ
)

var names = [...]string{Auto: "auto", Generic: "generic", AVX2: "avx2", AVX512: "avx512"}

// String is the word that ATTRIB_CPU takes.
func (p Path) String() string {
	if int(p) < len(names) {
		return names[p]
	}
	return fmt.Sprintf("simd.Path(%d)", uint8(p))
}

// Available lists the paths this machine can run, slowest first.
func Available() []Path {
	var out []Path
	for p := Generic; p <= best(); p++ {
		out = append(out, p)
	}
	return out
}

// Active is the path of ATTRIB_CPU, or the best this machine can run. It is settled at the first call.
func Active() Path {
	p, _ := settled()
	return p
}

// Check is the error of ATTRIB_CPU, nil when it is not set or names a path this machine can run.
func Check() error {
	_, err := settled()
	return err
}

// Resolve is p itself, or [Active] for Auto. It is an error when this machine cannot run p or ATTRIB_CPU is wrong.
func Resolve(p Path) (Path, error) {
	if p == Auto {
		return settled()
	}
	if p > best() {
		return Generic, fmt.Errorf("simd: this machine cannot run path %s, its best is %s", p, best())
	}
	return p, nil
}

var settled = sync.OnceValues(func() (Path, error) { return choose(os.Getenv("ATTRIB_CPU"), best()) })

// choose is the path for a setting of ATTRIB_CPU on a machine whose best path is top.
func choose(setting string, top Path) (Path, error) {
	if setting == "" {
		return top, nil
	}
	for p := Generic; int(p) < len(names); p++ {
		if names[p] != setting {
			continue
		}
		if p > top {
			return top, fmt.Errorf("ATTRIB_CPU=%s: this machine cannot run it, its best is %s", setting, top)
		}
		return p, nil
	}
	return top, fmt.Errorf("ATTRIB_CPU=%q is none of %s", setting, strings.Join(names[Generic:], ", "))
}
