package emulib

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
)

// ErrNoCompiler says that there is no g++ on this machine, or that it is not Linux.
var ErrNoCompiler = errors.New("no g++ on Linux to build the emulator with")

// Archs are the values of ARCH that kernels have forms for.
var Archs = []int{75, 80, 90}

// Orders is the number of orders that Launch knows: forward, backward and six that are shuffled.
const Orders = 8

// Flags are g++'s for a library of kernels of the given architecture (75, 80 or 90). Multiplications and additions
// stay apart, as with NVRTC's --fmad=false.
func Flags(arch int) []string {
	flags := []string{"-std=c++17", "-O1", "-fPIC", "-shared", "-DEMU", fmt.Sprintf("-DARCH=%d", arch),
		"-ffp-contract=off", "-fno-strict-aliasing", "-fno-gnu-unique", "-fvisibility=hidden",
		"-Wall", "-Wno-unknown-pragmas", "-Wno-unused-function", "-x", "c++"}
	if runtime.GOARCH == "amd64" && hasFMA() {
		flags = append([]string{"-mfma"}, flags...)
	}
	return flags
}

// WatchFlags are added to Flags, for the compiler but not for the linker, to have a library that reports races
// and addresses that a card refuses (src/emu/watch.h).
func WatchFlags() []string {
	return []string{"-DEMU_WATCH", "-fsanitize=thread,bounds,alignment", "--param=tsan-distinguish-volatile=1"}
}

// Watch is Build for a library that reports races; see [Lib.Memory].
func Watch(dir, sourceDir string, arch int, sources ...string) (string, error) {
	var objects []string
	for i, s := range sources {
		object := filepath.Join(dir, fmt.Sprintf("watch%d-%d.o", arch, i))
		if err := compile(append(append([]string{"-c"}, WatchFlags()...), Flags(arch)...), sourceDir, object, s); err != nil {
			return "", err
		}
		objects = append(objects, object)
	}
	out := filepath.Join(dir, fmt.Sprintf("watch%d.so", arch))
	return out, compile([]string{"-shared"}, sourceDir, out, objects...)
}

// Build compiles the sources into dir/emu<arch>.so and returns its path; sourceDir is where device.cuh is.
func Build(dir, sourceDir string, arch int, sources ...string) (string, error) {
	out := filepath.Join(dir, fmt.Sprintf("emu%d.so", arch))
	return out, compile(Flags(arch), sourceDir, out, sources...)
}

func compile(flags []string, sourceDir, out string, sources ...string) error {
	compiler, err := exec.LookPath("g++")
	if err != nil || runtime.GOOS != "linux" {
		return ErrNoCompiler
	}
	args := append(slices.Clone(flags), "-I"+sourceDir, "-o", out)
	text, err := exec.Command(compiler, append(args, sources...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("building the emulator, %s: %w\n%s", filepath.Base(out), err, text)
	}
	return nil
}
