package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
)

// doctor runs attrib doctor --json, holds it against the schema, and demands the exit code.
func doctor(t *testing.T, code int, args ...string) DoctorResult {
	t.Helper()
	var out, errs bytes.Buffer
	if got := Run(context.Background(), append([]string{"doctor", "--json"}, args...), &out, &errs, nil); got != code {
		t.Fatalf("exit code %d, want %d: %s", got, code, errs.String())
	}
	if err := validJSON("doctor", out.String()); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	var r DoctorResult
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func startFake(t *testing.T, arch int, settings ...string) string {
	var sources []string
	for _, name := range []string{"rate.cu", "selftest.cu"} {
		source, err := filepath.Abs("../../../kernels/cuda/src/" + name)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, source)
	}
	return fake.Start(t, arch, sources, settings...)
}

// No GPU is a line, not a failure.
func TestDoctorWithoutGPU(t *testing.T) {
	t.Setenv(driver.LibraryVariable, "/no/such/libcuda.so.1")
	r := doctor(t, exitOK)
	if !strings.Contains(r.CUDA.Unused, "no CUDA driver") || strings.Contains(r.CUDA.Unused, "\n") || len(r.CUDA.Devices) != 0 {
		t.Errorf("%+v", r.CUDA)
	}
	if r.CPU.PeakGFLOPS <= 0 || r.CPU.ReadGBS <= 0 || r.CPU.Path == "" || r.Version.Go == "" || len(r.Tools) != 5 {
		t.Errorf("%+v", r)
	}
	var out, errs bytes.Buffer
	if code := Run(context.Background(), []string{"doctor"}, &out, &errs, nil); code != exitOK || !strings.Contains(out.String(), "No GPU is used: no CUDA driver") || !strings.Contains(out.String(), "GFLOP/s") {
		t.Errorf("exit code %d, %s%s", code, out.String(), errs.String())
	}
}

func TestDoctorSaysWhyNoGPU(t *testing.T) {
	for setting, want := range map[string]string{
		"driver=11080": "supports CUDA 11.8, which is older than driver 550",
		"devices=0":    "no CUDA device",
		"cc=70":        "compute capability 7.0, kernels need 7.5",
		"lost_copy=1":  "CUDA_ERROR_ILLEGAL_ADDRESS",
		"oom_at=1":     "out of memory",
	} {
		startFake(t, 80, setting)
		if r := doctor(t, exitOK); !strings.Contains(r.CUDA.Unused, want) {
			t.Errorf("%s: %q, want %q", setting, r.CUDA.Unused, want)
		}
	}
}

func TestDoctorWithGPUs(t *testing.T) {
	startFake(t, 90, "devices=2", "cc=90,70")
	r := doctor(t, exitOK, "--selftest")
	if !r.CUDA.Emulated || r.CUDA.Version != "12.4" || r.CUDA.Unused != "" || len(r.CUDA.Devices) != 2 {
		t.Fatalf("%+v", r.CUDA)
	}
	d := r.CUDA.Devices[0]
	if !strings.HasSuffix(d.Name, "(emulated)") || d.Capability != "9.0" || d.PTX != "sm_90a" || d.CopyGBS <= 0 || d.MatrixTFLOPS <= 0 || d.HostToDeviceGBS <= 0 || d.Free != d.Memory || len(d.SelfTests) != 12 {
		t.Errorf("%+v", d)
	}
	for _, k := range d.Kernels {
		if k.Proven {
			t.Errorf("%s is proven on an emulator", k.Name)
		}
	}
	if old := r.CUDA.Devices[1]; !strings.Contains(old.Unused, "7.0") || old.PTX != "" {
		t.Errorf("%+v", old)
	}
	var out, errs bytes.Buffer
	if code := Run(context.Background(), []string{"doctor", "--selftest"}, &out, &errs, nil); code != exitOK {
		t.Fatal(errs.String())
	}
	for _, want := range []string{"tma_swizzle", "lane 31:", "self-test wgmma_m64n64k16_bf16: 0 differences", "not used: the CUDA device is too old", "kernels for sm_90a"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in what is printed", want)
		}
	}
}

// A card that is not as documented is a mismatch.
func TestDoctorDifference(t *testing.T) {
	r := &DoctorResult{}
	if r.failed() != nil {
		t.Error("a failure without a card")
	}
	r.CUDA.Devices = []DoctorDevice{{Device: "cuda:0", SelfTests: []DoctorTest{{"m16n8k8_f16", nil}, {"ldmatrix_x4", []string{"A[0] of lane 1 is elsewhere"}}}}}
	err := r.failed()
	if code := (&env{err: &bytes.Buffer{}}).exit(context.Background(), err); code != exitMismatch || !strings.Contains(err.Error(), "ldmatrix_x4") {
		t.Errorf("exit code %d, %v", code, err)
	}
}
