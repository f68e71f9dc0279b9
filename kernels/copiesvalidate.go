package kernels

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

const (
	copyBatch = 1 << 28 // most samples of a batch, and
	copySize  = 1 << 28 // most parameters of a copy: places have 32 bits, of which some say what is there
)

// Validate reports everything that is wrong, together: what it takes to train is there, fits and is finite.
func (t CopyTraining) Validate() error {
	c := &copyCheck{CopyTraining: t}
	c.network()
	c.samples()
	c.schedule()
	c.weights()
	if t.Together < 0 || t.Deliver < 0 {
		c.bad("%d together and %d to deliver, want 0 or more", t.Together, t.Deliver)
	}
	if t.Done == nil {
		c.bad("nobody takes what is done")
	}
	return errors.Join(c.errs...)
}

// copyCheck gathers what is wrong.
type copyCheck struct {
	CopyTraining
	errs []error
}

func (c *copyCheck) bad(format string, a ...any) {
	c.errs = append(c.errs, fmt.Errorf("copies: "+format, a...))
}

func (c *copyCheck) network() {
	if c.Size < 1 || c.Size > copySize || len(c.Layers) == 0 {
		c.bad("%d layers of %d parameters, want at least 1 of 1 to %d", len(c.Layers), c.Size, copySize)
		return
	}
	for i, l := range c.Layers {
		switch {
		case l.In < 1 || l.Out < 1 || l.In > c.Size/l.Out || i > 0 && l.In != c.Layers[i-1].Out:
			c.bad("layer %d takes %d values and gives %d", i, l.In, l.Out)
		case l.Weight < 0 || l.Weight > c.Size-l.In*l.Out || l.Bias < -1 || l.Bias > c.Size-l.Out:
			c.bad("layer %d has its weight at %d and its bias at %d of %d parameters", i, l.Weight, l.Bias, c.Size)
		case l.Activation > CopyGELUTanh || i == len(c.Layers)-1 && l.Activation != CopyIdentity:
			c.bad("layer %d has activation %d", i, l.Activation)
		}
	}
	c.covered()
	if c.Loss > CopySquaredError || c.Rule > CopyAdamW {
		c.bad("loss %d and rule %d", c.Loss, c.Rule)
	}
	if len(c.Initial) != c.Size || !Finite(c.Initial) {
		c.bad("%d initial parameters, want %d that are finite", len(c.Initial), c.Size)
	}
}

// covered checks that every parameter belongs to one layer.
func (c *copyCheck) covered() {
	type piece struct{ at, n int }
	var all []piece
	for _, l := range c.Layers {
		all = append(all, piece{l.Weight, l.In * l.Out})
		if l.Bias >= 0 {
			all = append(all, piece{l.Bias, l.Out})
		}
	}
	slices.SortFunc(all, func(a, b piece) int { return a.at - b.at })
	end := 0
	for _, p := range all {
		if p.at != end {
			break
		}
		end += p.n
	}
	if len(c.errs) == 0 && end != c.Size {
		c.bad("the layers' parameters are not %d one behind the other", c.Size)
	}
}

func (c *copyCheck) samples() {
	if len(c.Layers) == 0 {
		return
	}
	classes := c.Layers[len(c.Layers)-1].Out
	if err := c.X.Validate(); err != nil || c.X.Type != TypeF32 || c.X.Rows < 1 || c.X.Rows > math.MaxInt32 || c.X.Cols != c.Layers[0].In {
		c.bad("samples are %d×%d of type %v, want rows of %d float32: %v", c.X.Rows, c.X.Cols, c.X.Type, c.Layers[0].In, err)
		return
	}
	if len(c.Y) != c.X.Rows {
		c.bad("%d labels for %d samples", len(c.Y), c.X.Rows)
	}
	for i, y := range c.Y {
		if y < 0 || int(y) >= classes {
			c.bad("sample %d has label %d of %d", i, y, classes)
			break
		}
	}
	for i := range c.X.Rows {
		if !Finite(c.X.Row(i)) {
			c.bad("sample %d is not finite", i)
			break
		}
	}
}

func (c *copyCheck) schedule() {
	if c.Batch < 1 || c.Tile < 1 {
		c.bad("batches of %d samples in tiles of %d", c.Batch, c.Tile)
		return
	}
	steps := 0
	for e, order := range c.Orders {
		steps += (len(order) + c.Batch - 1) / c.Batch
		if min(len(order), c.Batch) > copyBatch {
			c.bad("epoch %d has batches of more than %d samples", e, copyBatch)
		}
		for _, i := range order {
			if i < 0 || i >= c.X.Rows {
				c.bad("epoch %d visits sample %d of %d", e, i, c.X.Rows)
				break
			}
		}
	}
	if len(c.Steps) != steps {
		c.bad("what the rule takes is given for %d steps, there are %d", len(c.Steps), steps)
	}
}

func (c *copyCheck) weights() {
	width := c.X.Rows
	if c.Owner != nil {
		if width = 0; len(c.Owner) != c.X.Rows {
			c.bad("%d owners for %d samples", len(c.Owner), c.X.Rows)
		}
		for i, o := range c.Owner {
			if o < 0 || o > math.MaxInt32 {
				c.bad("sample %d has owner %d", i, o)
				return
			}
			width = max(width, o+1)
		}
	}
	for k, w := range c.Weights {
		if len(w) < width {
			c.bad("copy %d has %d weights, want %d", k, len(w), width)
			return
		}
		for i, v := range w {
			if !(v >= 0) || math.IsInf(float64(v), 1) {
				c.bad("copy %d has weight %v at %d", k, v, i)
				return
			}
		}
	}
}
