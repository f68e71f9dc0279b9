package kernels

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// good is a training of one copy on three samples.
func good() CopyTraining {
	return CopyTraining{Layers: []CopyLayer{{In: 2, Out: 3, Weight: 0, Bias: 6}}, Size: 9, Steps: make([]CopyStep, 2), Initial: make([]float32, 9),
		X: F32(3, 2, make([]float32, 6)), Y: []int32{0, 1, 2}, Orders: [][]int{{0, 1, 2}}, Batch: 2, Tile: 2, Weights: [][]float32{{1, 1, 1}},
		Done: func(int, []float32, []*CopyFailure) error { return nil }}
}

// What cannot be trained is refused with all that is wrong.
func TestCopyTrainingRefuses(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for want, spoil := range map[string]func(c *CopyTraining){
		"0 layers":         func(c *CopyTraining) { c.Layers = nil },
		"takes 2 values":   func(c *CopyTraining) { c.Layers[0].Out = 99 },
		"not 9 one behind": func(c *CopyTraining) { c.Layers[0].Bias = 5 },
		"activation 7":     func(c *CopyTraining) { c.Layers[0].Activation = 7 },
		"rule 9":           func(c *CopyTraining) { c.Rule = 9 },
		"initial":          func(c *CopyTraining) { c.Initial[3] = nan },
		"samples are 3×2":  func(c *CopyTraining) { c.X.Type = TypeBF16 },
		"sample 1 is not":  func(c *CopyTraining) { c.X.Row(1)[0] = inf },
		"label 3 of 3":     func(c *CopyTraining) { c.Y[2] = 3 },
		"2 labels":         func(c *CopyTraining) { c.Y = c.Y[:2] },
		"visits sample 3":  func(c *CopyTraining) { c.Orders[0][1] = 3 },
		"there are 2":      func(c *CopyTraining) { c.Steps = c.Steps[:1] },
		"tiles of 0":       func(c *CopyTraining) { c.Tile = 0 },
		"has 2 weights":    func(c *CopyTraining) { c.Weights[0] = c.Weights[0][:2] },
		"weight -1 at 1":   func(c *CopyTraining) { c.Weights[0][1] = -1 },
		"weight +Inf":      func(c *CopyTraining) { c.Weights[0][0] = inf },
		"owner -2":         func(c *CopyTraining) { c.Owner = []int{0, 0, -2} },
		"2 owners":         func(c *CopyTraining) { c.Owner = []int{0, 0} },
		"nobody takes":     func(c *CopyTraining) { c.Done = nil },
		"-1 together":      func(c *CopyTraining) { c.Together = -1 },
	} {
		c := good()
		spoil(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
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
	if err := errors.Join(good().Validate(), c.Validate()); err != nil {
		t.Error(err)
	}
}

// Work counts samples that have a weight, each as often as it is visited.
func TestCopyTrainingWork(t *testing.T) {
	c := good()
	c.Orders, c.Weights = [][]int{{0, 1, 2}, {0, 0}}, [][]float32{{1, .5, 1}, {0, 1, 1}}
	if ops, bytes := c.Work(); ops != (5+2)*2*2*6 || bytes != 4*(5+9+2*(3+9)) {
		t.Errorf("%d operations, %d bytes", ops, bytes)
	}
	c.Owner, c.Weights = []int{1, 0, 1}, [][]float32{{0, 2}}
	if ops, _ := c.Work(); ops != 4*2*2*6 || c.Width() != 2 {
		t.Errorf("%d operations of owners, width %d", ops, c.Width())
	}
	c.Layers = append(c.Layers, CopyLayer{In: 3, Out: 1, Weight: 9, Bias: -1})
	if ops, _ := c.Work(); ops != 4*(2*2*6+3*2*3) {
		t.Errorf("%d operations of two layers", ops)
	}
}
