package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"attrib/bench/speed"
	"attrib/internal/runfile"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/simd"
)

// DoctorResult is what attrib doctor prints.
type DoctorResult struct {
	Schema  string          `json:"schema"`
	Version runfile.Version `json:"version"`
	CPU     DoctorCPU       `json:"cpu"`
	CUDA    DoctorCUDA      `json:"cuda"`
	Tools   []DoctorTool    `json:"tools"`
}

// DoctorCPU is the processor, with its ceilings as measured.
type DoctorCPU struct {
	Name       string  `json:"name"`
	Path       string  `json:"path"` // avx512, avx2 or generic
	Workers    int     `json:"workers"`
	PeakGFLOPS float64 `json:"peak_gflops"` // float32 multiply-adds in registers; one counts two
	ReadGBS    float64 `json:"read_gbs"`    // memory that is only read
}

// DoctorCUDA is the driver and its devices.
type DoctorCUDA struct {
	Library  string         `json:"library,omitempty"`
	Version  string         `json:"version,omitempty"` // of CUDA, as the driver supports it
	Minimum  string         `json:"minimum"`
	Module   string         `json:"module,omitempty"` // of the kernel: 550.54.15
	Emulated bool           `json:"emulated"`
	Unused   string         `json:"unused,omitempty"` // why no GPU can be used; empty when one can
	Devices  []DoctorDevice `json:"devices"`
}

// DoctorDevice is a card. What was not measured, as the card cannot be used, is 0.
type DoctorDevice struct {
	Device          string         `json:"device"` // cuda:0
	Name            string         `json:"name"`
	PCI             string         `json:"pci"`
	Capability      string         `json:"capability"`
	Multiprocessors int            `json:"multiprocessors"`
	SharedPerBlock  int            `json:"shared_per_block"`
	Memory          uint64         `json:"memory"`
	Free            uint64         `json:"free"`
	HostToDeviceGBS float64        `json:"host_to_device_gbs"`
	CopyGBS         float64        `json:"copy_gbs"` // on the device, read and written
	MatrixTFLOPS    float64        `json:"matrix_tflops"`
	PTX             string         `json:"ptx,omitempty"`
	Kernels         []DoctorKernel `json:"kernels"`
	Unused          string         `json:"unused,omitempty"`
	SelfTests       []DoctorTest   `json:"selftests,omitempty"`
}

// DoctorKernel is a kernel of the program, and whether it has passed its tests on such a card.
type DoctorKernel struct {
	Name   string `json:"name"`
	Proven bool   `json:"proven"`
}

// DoctorTest is a self-test: where the card's layouts differ from those documented.
type DoctorTest struct {
	Form        string   `json:"form"`
	Differences []string `json:"differences"`
}

// DoctorTool is a program that some commands and tests need.
type DoctorTool struct {
	Name  string `json:"name"`
	Found string `json:"found,omitempty"` // path, and the version of a module
	Get   string `json:"get"`             // how to get it
}

func newDoctor(e *env) *cobra.Command {
	var selftest bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "What this machine has: processor, GPUs and their kernels, optional tools",
		Long: `Tells the program's version, the processor's path and its measured ceilings, each CUDA device with its driver, memory,
measured copy rates and kernels ("unproven": not yet tested on such a card), in one line why a GPU cannot be used, and
which optional tools are there. That there is no GPU is no failure. --selftest runs small kernels on each card, prints
where it keeps the elements of matrix operands, and compares that with what is documented; a difference is exit code 4.
ATTRIB_LIBCUDA names another library than libcuda.so.1.`,
		Example: `  attrib doctor --json
  attrib doctor --selftest`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var tables io.Writer
			if selftest && !e.json {
				tables = e.out
			}
			r, err := e.examine(selftest, tables)
			if err != nil {
				return err
			}
			if err := e.print(r, r.text); err != nil {
				return err
			}
			return r.failed()
		},
	}
	cmd.Flags().BoolVar(&selftest, "selftest", false, "run the self-test kernels on each card")
	return cmd
}

// within is how long each of the processor's ceilings is measured.
const within = 100 * time.Millisecond

func (e *env) examine(selftest bool, tables io.Writer) (*DoctorResult, error) {
	r := &DoctorResult{Schema: "attrib.doctor/1", Version: runfile.ThisVersion(), Tools: findTools()}
	r.CPU = DoctorCPU{Name: speed.Processor(), Path: simd.Active().String(), Workers: e.workers,
		PeakGFLOPS: simd.Peak(simd.Auto, e.workers, within) / 1e9, ReadGBS: simd.Bandwidth(simd.Auto, e.workers, within) / 1e9}
	var err error
	r.CUDA, err = examineCUDA(selftest, tables)
	return r, err
}

// failed is a self-test that differs.
func (r *DoctorResult) failed() error {
	for _, d := range r.CUDA.Devices {
		for _, t := range d.SelfTests {
			if len(t.Differences) > 0 {
				return mismatch{fmt.Errorf("%s (%s): self-test %s: %d elements are not where LAYOUTS.md has them, the first: %s", d.Device, d.Name, t.Form, len(t.Differences), t.Differences[0])}
			}
		}
	}
	return nil
}

func (r *DoctorResult) text(w io.Writer) {
	fmt.Fprintf(w, "attrib %s, %s, %s/%s\n", r.Version.Attrib, r.Version.Go, r.Version.OS, r.Version.Arch)
	fmt.Fprintf(w, "CPU: %s; path %s, %d workers; %.3g GFLOP/s float32, reads %.3g GB/s\n", r.CPU.Name, r.CPU.Path, r.CPU.Workers, r.CPU.PeakGFLOPS, r.CPU.ReadGBS)
	r.CUDA.text(w)
	lines := [][]string{{"TOOL", "FOUND", "HOW TO GET IT"}}
	for _, t := range r.Tools {
		lines = append(lines, []string{t.Name, orNone(t.Found), t.Get})
	}
	table(w, lines)
}

func (c DoctorCUDA) text(w io.Writer) {
	if c.Version != "" {
		fmt.Fprintf(w, "CUDA: %s, driver %s supports CUDA %s (needed: %s)\n", c.Library, orNone(c.Module), c.Version, c.Minimum)
	}
	for _, d := range c.Devices {
		d.text(w)
	}
	if c.Unused != "" {
		fmt.Fprintf(w, "No GPU is used: %s\n", c.Unused)
	}
}

func (d DoctorDevice) text(w io.Writer) {
	fmt.Fprintf(w, "%s: %s at %s, compute capability %s, %d multiprocessors, %.1f of %.1f GB free\n",
		d.Device, d.Name, d.PCI, d.Capability, d.Multiprocessors, float64(d.Free)/1e9, float64(d.Memory)/1e9)
	if d.Unused != "" {
		fmt.Fprintf(w, "  not used: %s\n", d.Unused)
		return
	}
	fmt.Fprintf(w, "  copies %.3g GB/s from the host, %.4g GB/s on the device (read and written); tensor cores %.3g TFLOP/s; kernels for %s\n", d.HostToDeviceGBS, d.CopyGBS, d.MatrixTFLOPS, d.PTX)
	var proven, unproven []string
	for _, k := range d.Kernels {
		if k.Proven {
			proven = append(proven, k.Name)
		} else {
			unproven = append(unproven, k.Name)
		}
	}
	fmt.Fprintf(w, "  proven on this card: %s\n  unproven: %s\n", orNone(strings.Join(proven, ", ")), orNone(strings.Join(unproven, ", ")))
	for _, t := range d.SelfTests {
		fmt.Fprintf(w, "  self-test %s: %d differences\n", t.Form, len(t.Differences))
	}
}

// minimumDriver is what the kernels' PTX asks for.
var minimumDriver = fmt.Sprintf("%s (CUDA %s)", driver.MinDriver, driver.MinVersion)
