package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"attrib/bench/report"
	"attrib/bench/speed"
	"attrib/internal/atomicfile"
	"attrib/internal/runfile"
	"attrib/internal/strictjson"
	"attrib/kernels"
)

// SpeedResult is what attrib bench speed prints and writes.
type SpeedResult struct {
	Schema string `json:"schema"`
	Device string `json:"device"`
	speed.Report

	device kernels.Device
}

type speedOptions struct {
	stage
	Peers  string
	Rounds int
	Shapes string
	Small  bool
}

// The files of attrib bench speed --out.
const (
	speedFile       = "speed.json"
	speedReportFile = "report.html"
)

func newSpeed(e *env) *cobra.Command {
	var o speedOptions
	cmd := &cobra.Command{
		Use:   "speed",
		Short: "How fast the kernels are, beside the machine's ceilings and other libraries",
		Long: `Times scans, products, Gram matrices, factors and functions on the device at hand. Each is stated as time, rate, and
fraction of the ceiling of the machine (multiply-adds that never leave the registers, or memory that is only read) that was
measured in the same moments. --peers names a Python whose NumPy, PyTorch and faiss do the same work on the same numbers by
turns; gonum takes part without it. ATTRIB_CPU=avx2|generic times the other classes of instructions.`,
		Example: `  attrib bench speed --small --rounds 1
  attrib bench speed --small --rounds 1 --shapes scan,gemm --out out/speed`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.stage = o.outFlags.stage(cmd)
			r, err := runSpeed(cmd.Context(), e, o)
			if err != nil {
				return err
			}
			return e.print(r, r.text)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Out, "out", "", "folder for speed.json, report.html and run.json (default: none)")
	f.BoolVar(&o.Force, "force", false, "replace a finished run in the output folder")
	f.StringVar(&o.Peers, "peers", "", "a Python interpreter with numpy and, if wanted, torch and faiss (default: none)")
	f.IntVar(&o.Rounds, "rounds", 5, "times that everybody does every shape")
	f.StringVar(&o.Shapes, "shapes", "", "comma-separated beginnings of the names of shapes (default: all)")
	f.BoolVar(&o.Small, "small", false, "sizes that take a second; their figures say little")
	return cmd
}

func (o speedOptions) works() ([]speed.Work, error) {
	works := speed.Shapes(o.Small)
	if o.Shapes == "" {
		return works, nil
	}
	wanted := strings.Split(o.Shapes, ",")
	for _, w := range wanted {
		if !slices.ContainsFunc(works, func(work speed.Work) bool { return strings.HasPrefix(work.Shape, w) }) {
			var names []string
			for _, work := range works {
				names = append(names, work.Shape)
			}
			return nil, usage(fmt.Errorf("--shapes: no shape begins with %q; there are: %s", w, strings.Join(names, "; ")))
		}
	}
	return slices.DeleteFunc(works, func(work speed.Work) bool {
		return !slices.ContainsFunc(wanted, func(w string) bool { return strings.HasPrefix(work.Shape, w) })
	}), nil
}

func runSpeed(ctx context.Context, e *env, o speedOptions) (*SpeedResult, error) {
	switch {
	case o.Rounds < 1:
		return nil, usage(fmt.Errorf("--rounds is %d, want at least 1", o.Rounds))
	case o.Out == "" && o.Force:
		return nil, usage(errors.New("--force goes with --out"))
	}
	works, err := o.works()
	if err != nil {
		return nil, err
	}
	if o.Out == "" {
		return o.measure(ctx, e, works)
	}
	var r *SpeedResult
	return r, o.write(nil, func(f *runfile.Folder) (err error) {
		if f.Resumed { // what was timed at another time is not to be mixed
			if err := f.Restart(); err != nil {
				return err
			}
		}
		if r, err = o.measure(ctx, e, works); err != nil {
			return err
		}
		return r.save(f)
	})
}

func (o speedOptions) measure(ctx context.Context, e *env, works []speed.Work) (*SpeedResult, error) {
	device, err := e.openDevice()
	if err != nil {
		return nil, err
	}
	defer device.Close()
	s := speed.Options{Machine: speed.Machine{Device: device, Workers: e.workers}, Rounds: o.Rounds}
	s.Progress = func(shape string) { e.log.Info("timing", "shape", shape) }
	if o.Peers != "" {
		peers, err := speed.Start(o.Peers, e.workers)
		if err != nil {
			return nil, fmt.Errorf("--peers: %w", err)
		}
		defer peers.Close()
		s.Peers = peers
		for _, m := range peers.Missing {
			e.log.Warn("peer left out: " + m)
		}
	}
	found, err := speed.Run(ctx, works, s)
	if err != nil {
		return nil, err
	}
	return &SpeedResult{Schema: "attrib.speed/1", Device: deviceName(device), Report: *found, device: device}, nil
}

func (r *SpeedResult) save(f *runfile.Folder) error {
	f.Varies(speedFile, speedReportFile)
	noteDevice(f, r.device)
	f.Stage("measure")
	if err := strictjson.WriteFile(f.Path(speedFile), r); err != nil {
		return err
	}
	return atomicfile.Write(f.Path(speedReportFile), func(w io.Writer) error { return report.Write(w, r.page()) })
}

// rate is in the unit of the ceiling.
func rate(row speed.Row) string {
	if row.Ceiling == speed.Read || row.GFLOPS == 0 {
		return fmt.Sprintf("%.3g GB/s", row.GBS)
	}
	return fmt.Sprintf("%.3g GFLOP/s", row.GFLOPS)
}

func notes(row speed.Row) string {
	var parts []string
	for _, name := range sortedKeys(row.Notes) {
		parts = append(parts, fmt.Sprintf("%s %.5g", name, row.Notes[name]))
	}
	return strings.Join(parts, ", ")
}

func (r *SpeedResult) page() report.Page {
	p := report.Page{Title: "How fast the kernels are", Lead: fmt.Sprintf("Medians of %d rounds on %s with %d threads, all contestants by turns on the same numbers.", r.Rounds, r.Machine, r.Workers)}
	p.Facts = []report.Fact{{Label: "processor", Value: r.Machine}, {Label: "device", Value: r.Device}, {Label: "others", Value: orNone(strings.Join(r.Report.Peers, ", ")), Note: strings.Join(r.Missing, "; ")}}
	s := &report.Speed{About: "Fractions are of what the machine can do at all, measured in the same rounds: multiply-adds or products of bytes in registers, or memory that is only read. Gram matrices count the symmetric half of their operations."}
	for _, row := range r.Rows {
		t := report.Timed{Shape: row.Shape, Rate: rate(row), Ceiling: row.Ceiling, Fraction: row.CeilingFraction, Notes: notes(row)}
		t.Contestants = []report.Contestant{{Name: "attrib, " + row.Path, Seconds: row.Seconds}}
		for _, name := range sortedKeys(row.Peers) {
			t.Contestants = append(t.Contestants, report.Contestant{Name: name, Seconds: row.Peers[name]})
		}
		s.Shapes = append(s.Shapes, t)
	}
	p.Speed = s
	p.Commands = []string{"attrib bench speed --peers python3 --out speed"}
	p.Notes = []string{"The machine may have had other work: ratios within a row mean more than seconds.", "Libraries run as they are installed, with as many threads; settings from outside that choose OpenBLAS's kernels are dropped."}
	return p
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (r *SpeedResult) text(w io.Writer) {
	lines := [][]string{{"SHAPE", "PATH", "TIME", "RATE", "OF CEILING", "OTHERS (THEIR TIME / OURS)"}}
	for _, row := range r.Rows {
		var others []string
		for _, name := range sortedKeys(row.Peers) {
			others = append(others, fmt.Sprintf("%s %s (%.2f)", name, report.Duration(row.Peers[name]), row.Peers[name]/row.Seconds))
		}
		part := "–"
		if row.Ceiling != "" {
			part = fmt.Sprintf("%.1f %%", 100*row.CeilingFraction)
		}
		lines = append(lines, []string{row.Shape, row.Path, report.Duration(row.Seconds), rate(row), part, strings.Join(append(others, notes(row)), ", ")})
	}
	table(w, lines)
	fmt.Fprintf(w, "%s, %d threads; %s\n", r.Machine, r.Workers, orNone(strings.Join(r.Report.Peers, ", ")))
}
