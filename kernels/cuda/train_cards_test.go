//go:build linux

package cuda

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"attrib/kernels"
)

// Copies that cards train are the CPU's, whenever the card does its work and however many are together.
func TestTrainOnCards(t *testing.T) {
	eachCard(t, Options{}, func(t *testing.T, d *device) {
		for i, c := range trainCases {
			for _, batch := range c.batches {
				if err := c.exact(batch, d); err != nil {
					t.Errorf("case %d, batch %d: %v", i, batch, err)
				}
			}
		}
	})
}

// With tensor cores the products have their errors, and kernels of their own.
func TestTrainOnTensorCores(t *testing.T) {
	for _, c := range []struct {
		arch      int
		precision Precision
		kernel    string
		within    float64
	}{{75, F16, "f16", 3e-3}, {80, F16, "f16", 3e-3}, {80, TF32x3, "tf32", 2e-5}, {80, BF16, "bf16", 2e-2}} {
		t.Run(fmt.Sprintf("sm_%d/%s", c.arch, c.precision), func(t *testing.T) {
			d := openFamilies(t, c.arch, Options{Precision: c.precision})
			if err := trainCases[0].near(trainCases[0].batches[0], d, c.within); err != nil {
				t.Error(err)
			}
			if d.launched("train_product_"+c.kernel) == 0 || d.launched("train_product_64x64") != 0 {
				t.Errorf("launches %v", d.Launches())
			}
		})
	}
}

// The kernels that an exact step takes are those for the widths of its layers, 13 launches for three layers.
func TestTrainLaunches(t *testing.T) {
	for _, c := range []struct {
		p         Precision
		m, n, all int
		want      string
	}{
		{Exact, 200, 10, 1024, "64x16"}, {Exact, 200, 32, 1024, "64x32"}, {Exact, 200, 64, 1024, "64x64"}, {Int8, 64, 33, 1, "64x64"},
		{Exact, 256, 512, 1024, "128x128"}, {Exact, 256, 512, 2, "64x64"}, {TF32x3, 200, 10, 3, "tf32"}, {BF16, 200, 10, 3, "bf16"}, {F16, 999, 999, 3, "f16"},
	} {
		if got := trainProductName(c.p, c.m, c.n, c.all); got != "train_product_"+c.want {
			t.Errorf("%+v: %s", c, got)
		}
		if _, known := trainTiles[trainProductName(c.p, c.m, c.n, c.all)]; !known {
			t.Errorf("%+v: not a kernel", c)
		}
	}
	d := openFamilies(t, 80, Options{})
	c := trainCases[0]
	c.last = 9 // a batch an epoch, two epochs, in two groups
	if _, err := c.run(9, d); err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, l := range d.Launches() {
		total += l.Count
	}
	if total != 2*(1+2*13) {
		t.Errorf("%d launches: %v", total, d.Launches())
	}
}

// What cannot be trained is refused with all that is wrong.
func TestTrainRefuses(t *testing.T) {
	d := openFamilies(t, 80, Options{})
	good := func() kernels.CopyTraining {
		return kernels.CopyTraining{Layers: []kernels.CopyLayer{{In: 2, Out: 3, Weight: 0, Bias: 6}}, Size: 9, Steps: make([]kernels.CopyStep, 2), Initial: make([]float32, 9),
			X: kernels.F32(3, 2, make([]float32, 6)), Y: []int32{0, 1, 2}, Orders: [][]int{{0, 1, 2}}, Batch: 2, Tile: 2, Weights: [][]float32{{1, 1, 1}},
			Done: func(int, []float32, []*kernels.CopyFailure) error { return nil }}
	}
	for want, spoil := range map[string]func(c *kernels.CopyTraining){
		"0 layers":         func(c *kernels.CopyTraining) { c.Layers = nil },
		"takes 2 values":   func(c *kernels.CopyTraining) { c.Layers[0].Out = 99 },
		"not 9 one behind": func(c *kernels.CopyTraining) { c.Layers[0].Bias = 5 },
		"activation 7":     func(c *kernels.CopyTraining) { c.Layers[0].Activation = 7 },
		"rule 9":           func(c *kernels.CopyTraining) { c.Rule = 9 },
		"initial":          func(c *kernels.CopyTraining) { c.Initial[3] = nan },
		"samples are 3×2":  func(c *kernels.CopyTraining) { c.X.Type = kernels.TypeBF16 },
		"sample 1 is not":  func(c *kernels.CopyTraining) { c.X.Row(1)[0] = inf },
		"label 3 of 3":     func(c *kernels.CopyTraining) { c.Y[2] = 3 },
		"2 labels":         func(c *kernels.CopyTraining) { c.Y = c.Y[:2] },
		"visits sample 3":  func(c *kernels.CopyTraining) { c.Orders[0][1] = 3 },
		"there are 2":      func(c *kernels.CopyTraining) { c.Steps = c.Steps[:1] },
		"tiles of 0":       func(c *kernels.CopyTraining) { c.Tile = 0 },
		"has 2 weights":    func(c *kernels.CopyTraining) { c.Weights[0] = c.Weights[0][:2] },
		"weight -1 at 1":   func(c *kernels.CopyTraining) { c.Weights[0][1] = -1 },
		"weight +Inf":      func(c *kernels.CopyTraining) { c.Weights[0][0] = inf },
		"owner -2":         func(c *kernels.CopyTraining) { c.Owner = []int{0, 0, -2} },
		"2 owners":         func(c *kernels.CopyTraining) { c.Owner = []int{0, 0} },
		"nobody takes":     func(c *kernels.CopyTraining) { c.Done = nil },
		"-1 together":      func(c *kernels.CopyTraining) { c.Together = -1 },
	} {
		c := good()
		spoil(&c)
		if err := d.TrainCopies(context.Background(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v", want, err)
		}
	}
	c := good()
	c.Batch, c.Done = 0, nil
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "batches of 0") || !strings.Contains(err.Error(), "nobody takes") {
		t.Errorf("two faults: %v", err)
	}
	c = good()
	c.Weights = nil
	if err := errors.Join(good().Validate(), d.TrainCopies(context.Background(), good()), d.TrainCopies(context.Background(), c)); err != nil {
		t.Error(err)
	}
}

// What Done answers ends the call: the answer for the lowest copies is told, and later ones are not begun.
func TestTrainDone(t *testing.T) {
	d := openFamilies(t, 80, Options{}, "devices=2")
	full, seen := errors.New("disk full"), map[int]int{}
	c := kernels.CopyTraining{Layers: []kernels.CopyLayer{{In: 1, Out: 2, Weight: 0, Bias: -1}}, Size: 2, Steps: make([]kernels.CopyStep, 1), Initial: []float32{3, 4},
		X: kernels.F32(1, 1, []float32{1}), Y: []int32{1}, Orders: [][]int{{0}}, Batch: 1, Tile: 1, Weights: make([][]float32, 12), Together: 4, Deliver: 3}
	for k := range c.Weights {
		c.Weights[k] = []float32{1}
	}
	c.Done = func(first int, theta []float32, failed []*kernels.CopyFailure) error {
		for k := range failed {
			seen[first+k]++
			if theta[2*k] != 3 || theta[2*k+1] != 4 {
				t.Errorf("copy %d: %v", first+k, theta)
			}
		}
		return nil
	}
	if err := d.TrainCopies(context.Background(), c); err != nil || len(seen) != 12 {
		t.Errorf("%d copies, %v", len(seen), err)
	}
	for k, n := range seen {
		if n != 1 {
			t.Errorf("copy %d is handed out %d times", k, n)
		}
	}
	c.Done = func(first int, _ []float32, _ []*kernels.CopyFailure) error {
		if first < 4 {
			return nil
		}
		return fmt.Errorf("%w: %d", full, first)
	}
	if err := d.TrainCopies(context.Background(), c); !errors.Is(err, full) || err.Error() != "disk full: 4" {
		t.Errorf("%v, want that of copy 4", err)
	}
}
