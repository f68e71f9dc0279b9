package cpu_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/kernelstest"
	"attrib/kernels/simd"
)

// formed is a device that uses one form of products of bytes.
type formed struct {
	kernels.Device
	form string
}

func (f formed) ScanSketch(ctx context.Context, sketch, exact kernels.Source, scan kernels.Scan, o kernels.SketchOptions) (*kernels.Result, error) {
	return cpu.SketchWith(ctx, f.Device, f.form, sketch, exact, scan, o)
}

func eachSketchForm(t *testing.T, run func(t *testing.T, p simd.Path, form string)) {
	for _, p := range simd.Available() {
		for _, form := range cpu.SketchForms(p) {
			t.Run(fmt.Sprintf("%v/%s", p, form), func(t *testing.T) { run(t, p, form) })
		}
	}
}

func TestSketches(t *testing.T) {
	for _, o := range options[:3] {
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			kernelstest.Sketches(t, func(*testing.T) kernelstest.SketchDevice { return cpu.New(o).(kernelstest.SketchDevice) })
		})
	}
	eachSketchForm(t, func(t *testing.T, p simd.Path, form string) {
		kernelstest.Sketches(t, func(*testing.T) kernelstest.SketchDevice { return formed{cpu.New(cpu.Options{Path: p}), form} })
	})
}

// TestSketchSameBits: workers and tiles do not change a row or a bit, nor do other runs.
func TestSketchSameBits(t *testing.T) {
	rows, queries := kernelstest.Random(2003, 70, 1), kernelstest.Random(40, 70, 2)
	small, err := kernels.Encode(kernels.TypeI8, rows)
	if err != nil {
		t.Fatal(err)
	}
	eachSketchForm(t, func(t *testing.T, p simd.Path, form string) {
		var first *kernels.Result
		for _, o := range append(options, options...) {
			o.Path = p
			scan := kernels.Scan{Queries: queries, K: 9, Worst: 3}
			r, err := formed{cpu.New(o), form}.ScanSketch(context.Background(), kernels.MatrixSource(small), kernels.MatrixSource(rows), scan, kernels.SketchOptions{Candidates: 9})
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = r
			}
			if !slices.Equal(r.ID, first.ID) || !slices.Equal(r.Score, first.Score) || !slices.Equal(r.WorstID, first.WorstID) || r.Bytes != first.Bytes {
				t.Errorf("%+v gives other rows", o)
			}
		}
	})
}

// TestSketchGradients: on real gradients the default finds all but one in a thousand of the ten best rows.
func TestSketchGradients(t *testing.T) {
	rows, queries := gradients(t, 8000, 40)
	small, err := kernels.Encode(kernels.TypeI8, rows)
	if err != nil {
		t.Fatal(err)
	}
	eachSketchForm(t, func(t *testing.T, p simd.Path, form string) {
		d, scan := cpu.New(cpu.Options{Path: p}), kernels.Scan{Queries: queries, K: 10, Worst: 10}
		want, err := d.Scan(context.Background(), kernels.MatrixSource(rows), scan)
		if err != nil {
			t.Fatal(err)
		}
		got, err := formed{d, form}.ScanSketch(context.Background(), kernels.MatrixSource(small), kernels.MatrixSource(rows), scan, kernels.SketchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if best, worst := recall(got.ID, want.ID, 10), recall(got.WorstID, want.WorstID, 10); best < .999 || worst < .999 {
			t.Errorf("recall is %g of the best and %g of the worst", best, worst)
		}
	})
}
