package cu_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"attrib/internal/testneed"
	"attrib/kernels/cuda/fake"
)

// headers is the folder of cuda.h 12.4, which .ci/run puts below ATTRIB_CUDA.
func headers(t *testing.T) string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("gorgonia.org/cu is built on Linux only")
	}
	testneed.Tool(t, "gcc")
	dir := filepath.Join(os.Getenv("ATTRIB_CUDA"), "nvidia", "cuda_runtime", "include")
	if _, err := os.Stat(filepath.Join(dir, "cuda.h")); os.Getenv("ATTRIB_CUDA") == "" || err != nil {
		testneed.Missing(t, "cuda", "ATTRIB_CUDA names no folder with nvidia/cuda_runtime/include/cuda.h, from the wheel nvidia-cuda-runtime-cu12")
	}
	return dir
}

func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// stub makes libcuda.so in a folder, of the functions that a cuda.h has but for some, and what else is to be linked.
func stub(t *testing.T, include, dir string, except []string, link ...string) {
	t.Helper()
	names := filepath.Join(dir, "except")
	if err := os.WriteFile(names, []byte(strings.Join(except, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("go", "run", "./internal/stub", "-header", filepath.Join(include, "cuda.h"), "-except", names)
	var errs bytes.Buffer
	c.Stderr = &errs
	source, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	if err := os.WriteFile(filepath.Join(dir, "stub.c"), source, 0o644); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", "-o", filepath.Join(dir, "libcuda.so"), filepath.Join(dir, "stub.c")}, link...)
	run(t, nil, "gcc", args...)
	if err := os.Symlink("libcuda.so", filepath.Join(dir, "libcuda.so.1")); err != nil {
		t.Fatal(err)
	}
}

// tagged is the environment to build with the tag, with the library in dir.
func tagged(include, dir string) []string {
	return []string{"CGO_ENABLED=1", "CGO_CFLAGS=-I" + include, "CGO_LDFLAGS=-L" + dir, "LD_LIBRARY_PATH=" + dir}
}

// The package is vetted and links; without a driver the program ends at once, as the package's text says.
func TestWithoutDriver(t *testing.T) {
	include, dir := headers(t), t.TempDir()
	stub(t, include, dir, nil)
	env := tagged(include, dir)
	run(t, env, "go", "vet", "-tags", "cu", ".")
	program := filepath.Join(dir, "cu.test")
	run(t, env, "go", "test", "-c", "-tags", "cu", "-o", program, ".")
	c := exec.Command(program, "-test.run", "^$")
	c.Env = append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(out), "Error in initialization") {
		t.Errorf("the program ends with %v and says %q, want status 1 and an error in initialization", err, out)
	}
}

// The suite with the tag runs on the emulated card: gorgonia's calls and the kernels' go to one library.
func TestOnEmulator(t *testing.T) {
	include, dir := headers(t), t.TempDir()
	sources, err := filepath.Glob("../cuda/src/*.cu")
	if err != nil {
		t.Fatal(err)
	}
	library := fake.Build(t, 80, sources...)
	shim := filepath.Join("testdata", "program.c")
	has := append(exported(t, library), "cuCtxCreate_v2", "cuCtxDestroy_v2", "cuMemcpyHtoD_v2")
	stub(t, include, dir, has, shim, library)
	env := append(tagged(include, dir), "CGO_LDFLAGS=-L"+dir+" "+library, "ATTRIB_LIBCUDA="+library)
	out := run(t, env, "go", "test", "-count=1", "-tags", "cu", "-run", "^(TestConformance|TestRows|TestHandles)$", "-v", ".")
	for _, name := range []string{"TestConformance", "TestRows", "TestHandles"} {
		if !strings.Contains(out, "--- PASS: "+name+" ") {
			t.Errorf("%s did not pass:\n%s", name, out)
		}
	}
}

// exported are the functions that a library has.
func exported(t *testing.T, library string) []string {
	t.Helper()
	var names []string
	for line := range strings.Lines(run(t, nil, "nm", "-D", "--defined-only", library)) {
		if f := strings.Fields(line); len(f) > 0 {
			names = append(names, f[len(f)-1])
		}
	}
	return names
}
