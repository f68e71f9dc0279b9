package nvrtc

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"attrib/internal/testneed"
)

func find(t *testing.T) (Toolchain, *Compiler) {
	t.Helper()
	tools, err := Find()
	if errors.Is(err, ErrNone) {
		testneed.Missing(t, "cuda", err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	c, err := tools.Compiler()
	if err != nil {
		t.Fatal(err)
	}
	return tools, c
}

func TestCompileAndAssemble(t *testing.T) {
	tools, c := find(t)
	source := []byte(`extern "C" __global__ void twice(float* p) {
  __shared__ float s[32];
  s[threadIdx.x] = p[threadIdx.x];
  __syncthreads();
  p[threadIdx.x] = s[31 - threadIdx.x] * 2;
}`)
	ptx, err := c.PTX("twice.cu", source, []string{"--gpu-architecture=compute_80"})
	if err != nil || !strings.Contains(string(ptx), ".entry twice(") {
		t.Fatalf("%s: %v", ptx, err)
	}
	got, err := tools.Assemble(ptx, "sm_80")
	if err != nil || len(got) != 1 {
		t.Fatalf("%v: %v", got, err)
	}
	r := got[0]
	if r.Kernel != "twice" || r.Arch != "sm_80" || r.Registers < 4 || r.Shared != 128 || r.SpillStores != 0 {
		t.Errorf("%+v", r)
	}
	if _, err := tools.Assemble(ptx, "sm_75"); err == nil || !strings.Contains(err.Error(), "ptxas for sm_75") {
		t.Errorf("PTX for sm_80 assembled for sm_75: %v", err)
	}
}

func TestCompileErrorHoldsTheLog(t *testing.T) {
	_, c := find(t)
	_, err := c.PTX("wrong.cu", []byte("__global__ void f() { undeclared = 1; }"), []string{"--gpu-architecture=compute_80"})
	if err == nil || !strings.Contains(err.Error(), "wrong.cu(1)") || !strings.Contains(err.Error(), "undeclared") {
		t.Error(err)
	}
}

func TestFind(t *testing.T) {
	t.Setenv("ATTRIB_CUDA", "")
	t.Setenv("ATTRIB_PYTHON3", "")
	if _, err := Find(); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
	dir := t.TempDir()
	t.Setenv("ATTRIB_CUDA", dir)
	if _, err := Find(); err == nil || errors.Is(err, ErrNone) || !strings.Contains(err.Error(), dir) {
		t.Errorf("a folder without a toolchain: %v", err)
	}
	for _, path := range []string{"nvidia/cuda_nvrtc/lib/libnvrtc.so.12", "nvidia/cuda_nvcc/bin/ptxas", "nvidia/cuda_runtime/include/cuda.h"} {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Find()
	if err != nil || got.Library != filepath.Join(dir, "nvidia/cuda_nvrtc/lib/libnvrtc.so.12") {
		t.Errorf("%+v: %v", got, err)
	}
}

func TestParse(t *testing.T) {
	text := `ptxas info    : 0 bytes gmem
ptxas info    : Compiling entry function 'one' for 'sm_90a'
ptxas info    : Function properties for one
    16 bytes stack frame, 8 bytes spill stores, 12 bytes spill loads
ptxas info    : Used 154 registers, used 1 barriers, 96 bytes smem, 400 bytes cmem[0]
ptxas info    : Compiling entry function 'two' for 'sm_90a'
ptxas info    : Function properties for two
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 12 registers
`
	want := []Resources{
		{Kernel: "one", Arch: "sm_90a", Registers: 154, Shared: 96, Stack: 16, SpillStores: 8, SpillLoads: 12},
		{Kernel: "two", Arch: "sm_90a", Registers: 12},
	}
	if got, err := parse(text); err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v: %v", got, err)
	}
	slow := "ptxas info    : (C7510) Potential Performance Loss: wgmma.mma_async instructions are serialized due to x\n"
	if _, err := parse(slow + text); err == nil {
		t.Error("serialised wgmma passes")
	}
}

func TestCanonical(t *testing.T) {
	text := "{ // callseq 7, 0\n} // callseq 7\n{ // callseq 3, 0\n} // callseq 3\n{ // callseq 37, 0\n"
	want := "{ // callseq 0, 0\n} // callseq 0\n{ // callseq 1, 0\n} // callseq 1\n{ // callseq 2, 0\n"
	if got := string(canonical([]byte(text))); got != want {
		t.Error(got)
	}
}
