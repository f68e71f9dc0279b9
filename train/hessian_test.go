package train

import (
	"strings"
	"testing"

	"attrib/kernels"
)

// TestProductsAreDifferencesOfGradients holds the products against float64 differences of the reference gradient.
func TestProductsAreDifferencesOfGradients(t *testing.T) {
	m, d := mlp(), blobs(20, 5, 3, 1)
	h := must[*Hessian](t)(NewHessian(m, 2))
	p := InitialParams(h.net.Specs(), 3)
	scale := make([]float32, 20)
	for i := range scale {
		scale[i] = float32(i%3) / 20
	}
	const vectors = 300 // more than are held at a time
	v := make([]float32, vectors*p.Count())
	for i := range v {
		v[i] = float32((i*7919)%101)/50 - 1
	}
	hv, slopes, err := h.Products(p, d.X, d.Y, scale, kernels.F32(vectors, p.Count(), v))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []int{0, 7, 299} {
		row := v[r*p.Count() : (r+1)*p.Count()]
		const step = 1e-4
		up, _ := moved(m, p, d, scale, row, step)
		down, _ := moved(m, p, d, scale, row, -step)
		for i := range up {
			up[i] = (up[i] - down[i]) / (2 * step)
		}
		if off := relative(floats(hv.Row(r)), up); off > 1e-5 {
			t.Errorf("vector %d: product differs by %g", r, off)
		}
		if _, s := moved(m, p, d, scale, row, 0); relative(floats(slopes.Row(r)), s) > 1e-5 {
			t.Errorf("vector %d: slopes differ", r)
		}
	}
}

// moved is the reference gradient of the scaled batch at p + h·v, and the slopes of its losses along v.
func moved(m Model, p Params, d Data, scale, v []float32, h float64) (grad, slopes []float64) {
	q, at := p.Doubles(), 0
	for _, t := range q {
		for i := range t {
			t[i] += h * float64(v[at])
			at++
		}
	}
	grad = make([]float64, len(v))
	for i := range d.Len() {
		_, g := Reference(m, q, floats(d.row(i)), ReferenceLoss(m.Loss, int(d.Y[i])))
		sum, at := 0.0, 0
		for _, t := range g {
			for _, x := range t {
				grad[at] += float64(scale[i]) * x
				sum += x * float64(v[at])
				at++
			}
		}
		slopes = append(slopes, sum)
	}
	return grad, slopes
}

func floats(v []float32) []float64 {
	out := make([]float64, len(v))
	for i := range v {
		out[i] = float64(v[i])
	}
	return out
}

func TestProductsRefuse(t *testing.T) {
	m, d := mlp(), blobs(4, 5, 3, 1)
	h := must[*Hessian](t)(NewHessian(m, 1))
	p := InitialParams(h.net.Specs(), 3)
	bad := blobs(4, 5, 3, 1)
	bad.Y[2] = 3
	v := kernels.F32(1, p.Count(), make([]float32, p.Count()))
	for _, c := range []struct {
		d     Data
		scale int
		v     kernels.Matrix
		want  string
	}{
		{d, 3, v, "3 scales for 4 samples"},
		{bad, 4, v, "row 2: label 3"},
		{d, 4, kernels.F32(1, 5, make([]float32, 5)), "vectors have 5 values"},
		{Data{X: kernels.F32(0, 5, nil)}, 0, v, "empty"},
	} {
		if _, _, err := h.Products(p, c.d.X, c.d.Y, make([]float32, c.scale), c.v); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}
