package nn

import (
	"math"

	"attrib/kernels/vec"
)

// activate applies the activation to z in place.
func activate(name string, z []float32) {
	switch name {
	case Tanh:
		vec.Tanh(z, z)
	case ReLU:
		for j, v := range z {
			if v < 0 {
				z[j] = 0
			}
		}
	case GELU, GELUTanh:
		eachBlock(name, z, func(at int, g *geluBlock) { copy(z[at:], g.value[:g.n]) })
	}
}

// activateKeeping is activate for gelu and gelu-tanh, and sets slope to φ′(z).
func activateKeeping(name string, z, slope []float32) {
	eachBlock(name, z, func(at int, g *geluBlock) {
		copy(z[at:], g.value[:g.n])
		copy(slope[at:], g.slope[:g.n])
	})
}

// derivatives sets slope and bend to φ′ and φ″, given the values y after the activation and, for gelu, z before it.
func derivatives(name string, y, z, slope, bend []float32) {
	switch name {
	case Tanh:
		for j, v := range y {
			d := 1 - float32(v*v)
			slope[j], bend[j] = d, -2*v*d
		}
	case ReLU:
		for j, v := range y {
			slope[j], bend[j] = 0, 0
			if v > 0 {
				slope[j] = 1
			}
		}
	case GELU, GELUTanh:
		eachBlock(name, z[:len(y)], func(at int, g *geluBlock) {
			copy(slope[at:], g.slope[:g.n])
			copy(bend[at:], g.bend[:g.n])
		})
	default:
		for j := range y {
			slope[j], bend[j] = 1, 0
		}
	}
}

// geluBlock is gelu or gelu-tanh of some values, with slope and second derivative.
type geluBlock struct {
	n                  int
	value, slope, bend [256]float32
	a, b               [256]float32
}

// eachBlock calls do for one block of z after another; at is where it begins.
func eachBlock(name string, z []float32, do func(at int, g *geluBlock)) {
	var g geluBlock
	for at := 0; at < len(z); at += len(g.value) {
		part := z[at:min(at+len(g.value), len(z))]
		g.n = len(part)
		if name == GELUTanh {
			g.tanh(part)
		} else {
			g.exact(part)
		}
		do(at, &g)
	}
}

// beyond is where gelu is 0 or z to the last place; what its parts are computed from is held within.
const beyond = 20

// exact is z·Φ(z). Φ(−|z|) is half of erfc(|z|/√2), by the Chebyshev fit of Press et al., "Numerical Recipes" (erfcc), of
// relative error 1.2e-7; so nothing cancels far below 0.
func (g *geluBlock) exact(z []float32) {
	for j, v := range z {
		x := min(math.Abs(float64(v)), beyond) / math.Sqrt2
		t := 1 / (1 + x/2)
		p := 0.17087277
		for _, c := range [...]float64{-0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223} {
			p = float64(p*t) + c
		}
		g.value[j] = float32(t / 2)
		g.a[j], g.b[j] = float32(p-float64(x*x)), float32(-x*x)
	}
	vec.Exp(g.a[:g.n], g.a[:g.n])
	vec.Exp(g.b[:g.n], g.b[:g.n])
	for j, v := range z {
		below := float64(g.value[j]) * float64(g.a[j]) // Φ(−|z|)
		density := float64(g.b[j]) / math.Sqrt(2*math.Pi)
		x := max(-beyond, min(float64(v), beyond))
		cdf := below
		if v > 0 {
			cdf = 1 - below
		}
		g.value[j] = float32(float64(v) * cdf)
		g.slope[j] = float32(cdf + float64(x*density))
		g.bend[j] = float32(density * (2 - float64(x*x)))
	}
}

// tanh is ½z(1 + tanh u) with u = √(2/π)(z + 0.044715z³), from e = e^(−2|u|): 1 − tanh|u| = 2e/(1+e) and tanh′ =
// 4e/(1+e)², where nothing cancels.
func (g *geluBlock) tanh(z []float32) {
	const cubic = 0.044715
	k := math.Sqrt(2 / math.Pi)
	for j, v := range z {
		x := min(math.Abs(float64(v)), beyond)
		g.a[j] = float32(-2 * k * x * (1 + float64(cubic*float64(x*x))))
	}
	vec.Exp(g.a[:g.n], g.a[:g.n])
	for j, v := range z {
		x, e := max(-beyond, min(float64(v), beyond)), float64(g.a[j])
		below, s := e/(1+e), 4*e/float64((1+e)*(1+e)) // (1 − tanh|u|)/2 and tanh′
		part, t := below, 2*below-1
		if v > 0 {
			part, t = 1-below, 1-2*below
		}
		du, ddu := k*(1+float64(3*cubic*float64(x*x))), 6*k*cubic*x
		g.value[j] = float32(float64(v) * part)
		g.slope[j] = float32(part + float64(x/2*float64(s*du)))
		g.bend[j] = float32(float64(s*du) + float64(x/2*float64(float64(s*ddu)-float64(2*t*float64(s*float64(du*du))))))
	}
}
