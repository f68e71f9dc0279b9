package speed

import (
	"context"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"attrib/internal/testneed"
	"attrib/kernels/cpu"
	"attrib/kernels/simd"
)

func small() Options {
	return Options{Machine: Machine{Device: cpu.New(cpu.Options{Workers: 2}), Workers: 2}, Rounds: 2, Pause: time.Microsecond}
}

// Every shape runs in a small size, beside the peers, and everybody finds the same.
func TestShapes(t *testing.T) {
	o := small()
	python := testneed.Tool(t, "python3")
	if out, err := exec.Command(python, "-c", "import numpy, torch").CombinedOutput(); err != nil {
		testneed.Missing(t, "torch", "python3 cannot import numpy and torch: "+string(out))
	}
	peers, err := Start(python, 2)
	if err != nil {
		t.Fatal(err)
	}
	o.Peers = peers
	r, err := Run(context.Background(), Shapes(true), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != len(Shapes(true)) || r.Machine == "" || len(r.Peers) < 2 {
		t.Errorf("%+v", r)
	}
	for i, row := range r.Rows {
		w := Shapes(true)[i]
		if row.Seconds <= 0 || row.Path == "" || row.Shape != w.Shape {
			t.Errorf("%+v", row)
		}
		if none := w.Ceiling == Bytes8 && simd.Active() == simd.Generic; !none && !(row.CeilingFraction > 0 && row.CeilingFraction < 1.3) {
			t.Errorf("%s: %.2f of the ceiling", row.Shape, row.CeilingFraction)
		}
		if strings.HasPrefix(row.Shape, "int8") && !(row.Notes["recall"] >= .99 && row.Notes["recall"] <= 1) {
			t.Errorf("%s: %v", row.Shape, row.Notes)
		}
		for name, s := range row.Peers {
			if s <= 0 {
				t.Errorf("%s: %s took %g s", row.Shape, name, s)
			}
		}
	}
	if r.Rows[0].Peers["torch mm + topk"] <= 0 {
		t.Errorf("PyTorch did not take part: %+v", r.Rows[0])
	}
	dir := peers.dir
	if err := peers.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("the peers' files are still there")
	}
}

// Without Python the shapes are timed alone.
func TestShapesAlone(t *testing.T) {
	r, err := Run(context.Background(), Shapes(true)[:2], small())
	if err != nil {
		t.Fatal(err)
	}
	if r.Rows[0].Peers["gonum, product only"] <= 0 || r.Rows[1].Peers["without the sums"] <= 0 {
		t.Errorf("%+v", r.Rows)
	}
}

// A contestant that finds something else is an error; so is an interpreter that is none, and a cancelled run.
func TestDisagreement(t *testing.T) {
	if _, err := agreed(2, 2.1, 1e-3); err == nil {
		t.Error("2 and 2.1 agree")
	}
	if v, err := agreed(math.NaN(), 2.1, 1e-3); err != nil || v != 2.1 {
		t.Errorf("%g, %v", v, err)
	}
	if v, err := agreed(2, math.NaN(), 0); err != nil || v != 2 {
		t.Errorf("%g, %v", v, err)
	}
	if _, err := Start("/bin/false", 1); err == nil {
		t.Error("/bin/false is no interpreter")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, Shapes(true)[:1], small()); err == nil {
		t.Error("a cancelled run went on")
	}
}

func TestPeersDropForeignSettings(t *testing.T) {
	got := foreignSettings([]string{"A=1", "OPENBLAS_CORETYPE=Haswell", "OPENBLAS_L2_SIZE=1", "B=2"})
	if strings.Join(got, " ") != "A=1 B=2" {
		t.Errorf("%v", got)
	}
}
