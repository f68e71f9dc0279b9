package influence

import (
	"fmt"
	"math"
)

// Reference is the float64 oracle of the methods: τ (q×n) for queries ∇m and rows g_i, in plain loops, the curvature
// inverted explicitly. n is the denominator of the training objective and damping as in Run. Tests hold the scorers
// against it.
func Reference(method string, queries, rows [][]float64, n, damping float64) ([][]float64, error) {
	seen := queries
	switch method {
	case "dot", "cosine":
	case "influence":
		inverse := refInverse(refFisher(rows, damping))
		seen = make([][]float64, len(queries))
		for q := range queries {
			seen[q] = make([]float64, len(inverse))
			for i := range inverse {
				seen[q][i] = refDot(inverse[i], queries[q]) / n
			}
		}
	default:
		return nil, fmt.Errorf("no reference for method %q", method)
	}
	out := make([][]float64, len(queries))
	for q, m := range seen {
		for _, g := range rows {
			score := -refDot(m, g)
			if norms := math.Sqrt(refDot(m, m) * refDot(g, g)); method == "cosine" && norms > 0 {
				score /= norms
			}
			out[q] = append(out[q], score)
		}
	}
	return out, nil
}

func refDot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// refFisher is (1/n) Σ g gᵀ + λI with λ = damping × trace / width.
func refFisher(rows [][]float64, damping float64) [][]float64 {
	w := len(rows[0])
	f := make([][]float64, w)
	trace := 0.0
	for i := range f {
		f[i] = make([]float64, w)
		for j := range f[i] {
			for _, g := range rows {
				f[i][j] += g[i] * g[j] / float64(len(rows))
			}
		}
		trace += f[i][i]
	}
	for i := range f {
		f[i][i] += damping * trace / float64(w)
	}
	return f
}

// refInverse is the inverse by Gauss-Jordan elimination with row pivoting.
func refInverse(a [][]float64) [][]float64 {
	n := len(a)
	m := make([][]float64, n)
	for i := range m {
		m[i] = append(append([]float64{}, a[i]...), make([]float64, n)...)
		m[i][n+i] = 1
	}
	for c := range n {
		p := c
		for r := c; r < n; r++ {
			if math.Abs(m[r][c]) > math.Abs(m[p][c]) {
				p = r
			}
		}
		m[c], m[p] = m[p], m[c]
		pivot := m[c][c]
		for j := range m[c] {
			m[c][j] /= pivot
		}
		for r := range n {
			if factor := m[r][c]; r != c {
				for j := range m[r] {
					m[r][j] -= factor * m[c][j]
				}
			}
		}
	}
	for i := range m {
		m[i] = m[i][n:]
	}
	return m
}
