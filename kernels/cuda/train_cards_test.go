//go:build linux

package cuda

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// Copies that cards train are the CPU's, whenever the card does its work and however many are together.
func TestTrainOnCards(t *testing.T) {
	if !apart(t) {
		return
	}
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
	}{{75, F16, "f16", 3e-4}, {80, F16, "f16", 3e-4}, {80, TF32x3, "tf32", 1e-6}, {80, BF16, "bf16", 2e-3}} {
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

// A card takes copies in shares that are alike, keep it busy, and end before all are through.
func TestTrainShares(t *testing.T) {
	anchor := []kernels.CopyLayer{{In: 64, Out: 64}, {In: 64, Out: 32}, {In: 32, Out: 10}}
	wide := []kernels.CopyLayer{{In: 1000, Out: 1000}, {In: 1000, Out: 10}}
	for _, c := range []struct {
		layers              []kernels.CopyLayer
		copies, cards, most int
		want                int64
	}{
		{anchor, 1024, 1, 0, 1024}, {anchor, 1024, 2, 0, 512}, {anchor, 1024, 3, 0, 342}, {anchor, 3000, 1, 0, 1000}, {anchor, 3000, 2, 0, 750},
		{anchor, 3000, 1, 7, 7}, {anchor, 9, 2, 7, 5}, {anchor, 1, 4, 0, 1}, {wide, 1000, 1, 0, 250}, {wide, 100, 1, 0, 100},
	} {
		r := &trainRun{device: &device{gpus: make([]*gpu, c.cards)}, name: trainProductName, tile: 200}
		r.Layers, r.Weights, r.Together = c.layers, make([][]float32, c.copies), c.most
		if got := r.share(); got != c.want {
			t.Errorf("%d copies on %d cards, at most %d: %d, want %d", c.copies, c.cards, c.most, got, c.want)
		}
	}
}

// What cannot be trained is refused, and no copies are no work.
func TestTrainRefuses(t *testing.T) {
	d := openFamilies(t, 80, Options{})
	if err := d.TrainCopies(context.Background(), kernels.CopyTraining{}); err == nil || !strings.Contains(err.Error(), "0 layers") || !strings.Contains(err.Error(), "nobody takes") {
		t.Errorf("error %v", err)
	}
	c := kernels.CopyTraining{Layers: []kernels.CopyLayer{{In: 1, Out: 2, Weight: 0, Bias: -1}}, Size: 2, Initial: make([]float32, 2),
		X: kernels.F32(1, 1, []float32{1}), Y: []int32{1}, Batch: 1, Tile: 1, Done: func(int, []float32, []*kernels.CopyFailure) error { return errors.New("nothing was asked for") }}
	if err := d.TrainCopies(context.Background(), c); err != nil || len(d.Launches()) != 0 {
		t.Errorf("%v, launches %v", err, d.Launches())
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

// refusing refuses launches from one on.
type refusing struct{ at, asked int }

func (r *refusing) launch(kernel, driver.Dim, ...any) error {
	r.asked++
	if r.asked >= r.at {
		return driver.ErrOutOfMemory
	}
	return nil
}

// After a launch that is refused there is no other: it would run on what was not written.
func TestTrainHalts(t *testing.T) {
	layers := []kernels.CopyLayer{{In: 2, Out: 3, Weight: 0, Bias: 6}, {In: 3, Out: 2, Weight: 9, Bias: -1}}
	r := (&device{}).trainRun(kernels.CopyTraining{Layers: layers, Size: 15, Steps: make([]kernels.CopyStep, 1), X: kernels.F32(3, 2, make([]float32, 6)),
		Orders: [][]int{{0, 1, 2}}, Batch: 3, Tile: 2})
	all := 2*(2+2+1+3+1) + 1
	for at := 1; at <= all+1; at++ {
		l := &refusing{at: at}
		err := r.places().step(l, 1, 0, 3)
		if l.asked != min(at, all) || errors.Is(err, driver.ErrOutOfMemory) != (at <= all) {
			t.Errorf("launch %d is refused: %d more, %v", at, l.asked-at, err)
		}
	}
}
