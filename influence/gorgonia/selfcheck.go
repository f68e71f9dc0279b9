package gorgonia

import (
	"errors"
	"fmt"
	"math"

	"attrib/internal/philox"
	"attrib/train"
)

// selfCheck tries the graph in float64 on three random samples: their signals, summed, must give the directional
// derivative that finite differences give, and changing one sample must not change the signals of another.
func selfCheck(build Builder) error {
	const rows = 3
	e, err := newEngine[float64](build, rows)
	if err != nil {
		return err
	}
	defer e.close()
	draw := philox.New([32]byte{'c', 'h', 'e', 'c', 'k'}, 0)
	random := func(n int, bound float64) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = (2*draw.Float64() - 1) * bound
		}
		return v
	}
	var params, direction [][]float64
	for _, s := range (&Task{layers: e.layers}).Specs() {
		n := 1
		for _, d := range s.Shape {
			n *= d
		}
		params = append(params, random(n, 1/math.Sqrt(float64(s.FanIn))))
		direction = append(direction, random(n, 1))
	}
	x, seed := random(rows*e.input, 1), random(rows*e.classes, 1)
	first, err := trial(e, params, x, seed)
	if err != nil {
		return err
	}
	if err := derivative(e, first, params, direction, x, seed); err != nil {
		return err
	}
	copy(x[e.input:], random((rows-1)*e.input, 1))
	second, err := trial(e, params, x, seed)
	if err != nil {
		return err
	}
	return sameRow(e, first, second)
}

// tried holds what one run of the graph gave.
type tried struct {
	logits        []float64
	active, delta [][]float64
}

func trial(e *engine[float64], params [][]float64, x, seed []float64) (*tried, error) {
	if err := e.set(params); err != nil {
		return nil, err
	}
	z, err := e.logits(x)
	if err != nil {
		return nil, err
	}
	t := &tried{logits: convert[float64](z)}
	active, delta, err := e.signals(seed)
	if err != nil {
		return nil, err
	}
	for l := range active {
		t.active = append(t.active, convert[float64](active[l]))
		t.delta = append(t.delta, convert[float64](delta[l]))
	}
	return t, nil
}

// derivative compares Σ_i ⟨d_i ⊗ a_i, direction⟩ with the central difference of Σ logits·seed.
func derivative(e *engine[float64], at *tried, params, direction [][]float64, x, seed []float64) error {
	grad := make(train.Params, len(params))
	exact, scale := 0.0, 1e-12
	for k := range params {
		grad[k].Data = make([]float32, len(params[k]))
	}
	for i := range e.batch {
		addSample(e.layers, at.active, at.delta, i, grad)
	}
	for k := range grad {
		for j, g := range grad[k].Data {
			exact += float64(g) * direction[k][j]
			scale += math.Abs(float64(g) * direction[k][j])
		}
	}
	const h = 1e-5
	var side [2]float64
	for s, step := range []float64{h, -h} {
		moved := make([][]float64, len(params))
		for k := range params {
			moved[k] = convert[float64](params[k])
			for j := range moved[k] {
				moved[k][j] += step * direction[k][j]
			}
		}
		if err := e.set(moved); err != nil {
			return err
		}
		z, err := e.logits(x)
		if err != nil {
			return err
		}
		for j, v := range z {
			side[s] += v * seed[j]
		}
	}
	if diff := (side[0] - side[1]) / (2 * h); !(math.Abs(diff-exact) <= 1e-3*scale) {
		return fmt.Errorf("the graph's gradients do not agree with finite differences (%v and %v): is it made of dense layers only?", exact, diff)
	}
	return nil
}

var errRows = errors.New("a sample's logits or signals depend on other samples of the batch: per-sample gradients do not exist for this graph")

// sameRow compares the first sample of two runs.
func sameRow(e *engine[float64], a, b *tried) error {
	same := func(u, v []float64) bool {
		for i := range u {
			if !(math.Abs(u[i]-v[i]) <= 1e-9*(1+math.Abs(u[i]))) {
				return false
			}
		}
		return true
	}
	if !same(a.logits[:e.classes], b.logits[:e.classes]) {
		return errRows
	}
	for l, d := range e.layers {
		if !same(a.active[l][:d.in], b.active[l][:d.in]) || !same(a.delta[l][:d.out], b.delta[l][:d.out]) {
			return errRows
		}
	}
	return nil
}
