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
	case GELU:
		for j, v := range z {
			z[j] = float32(float64(v) * normalCDF(float64(v)))
		}
	case GELUTanh:
		for j, v := range z {
			f, _, _ := geluTanh(float64(v))
			z[j] = float32(f)
		}
	}
}

// geluBack multiplies delta with φ′(z).
func geluBack(name string, delta, z []float32) {
	for j, v := range z[:len(delta)] {
		_, slope, _ := gelu(name, float64(v))
		delta[j] = float32(float64(delta[j]) * slope)
	}
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
		for j := range y {
			_, d, b := gelu(name, float64(z[j]))
			slope[j], bend[j] = float32(d), float32(b)
		}
	default:
		for j := range y {
			slope[j], bend[j] = 1, 0
		}
	}
}

// gelu is the activation's value, slope and second derivative at z.
func gelu(name string, z float64) (value, slope, bend float64) {
	if name == GELUTanh {
		return geluTanh(z)
	}
	cdf, density := normalCDF(z), math.Exp(-z*z/2)/math.Sqrt(2*math.Pi)
	return z * cdf, cdf + float64(z*density), density * (2 - float64(z*z))
}

// normalCDF is Φ(z), without cancellation for z far below 0.
func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

func geluTanh(z float64) (value, slope, bend float64) {
	const cubic = 0.044715
	k := math.Sqrt(2 / math.Pi)
	zz := float64(z * z)
	t := math.Tanh(k * z * (1 + float64(cubic*zz)))
	du, ddu := k*(1+float64(3*cubic*zz)), 6*k*cubic*z
	s := 1 - float64(t*t) // tanh′
	value = z / 2 * (1 + t)
	slope = (1+t)/2 + float64(z/2*s*du)
	bend = s*du + float64(z/2*float64(float64(s*ddu)-float64(2*t*s*du*du)))
	return value, slope, bend
}
