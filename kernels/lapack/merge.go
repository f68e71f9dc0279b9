package lapack

import (
	"math"
	"slices"
)

// merge is the eigenproblem diag(d) + rho·z·zᵀ in the basis of the rows of q.
type merge struct {
	*divide
	lo, hi int
	rho    float64
	z      []float64
	keep   []int     // rows, by rising d, that are not deflated
	values []float64 // their new values
}

func (m *merge) run() {
	m.deflate()
	if len(m.keep) > 0 {
		m.roots()
		m.vectors()
	}
	m.sort()
}

// deflate finds the rows whose value and vector stay: those with a z of nearly 0, and one of two with nearly equal
// values after a rotation.
func (m *merge) deflate() {
	d := m.d[m.lo:m.hi]
	order := make([]int, len(d))
	largest, top := 0.0, 0.0
	for i := range order {
		order[i] = i
		largest, top = max(largest, math.Abs(d[i])), max(top, math.Abs(m.z[i]))
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(d[a], d[b]) })
	tolerance := 8 * 0x1p-53 * max(largest, top)
	last := -1
	for _, i := range order {
		if m.rho*math.Abs(m.z[i]) <= tolerance {
			continue
		}
		if last >= 0 && !m.rotate(last, i, tolerance) {
			m.keep = append(m.keep, last)
		}
		last = i
	}
	if last >= 0 {
		m.keep = append(m.keep, last)
	}
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// rotate makes z of row p 0 where that changes the matrix by no more than the tolerance.
func (m *merge) rotate(p, i int, tolerance float64) bool {
	d := m.d[m.lo:m.hi]
	size := math.Hypot(m.z[p], m.z[i])
	c, s := m.z[i]/size, -m.z[p]/size
	if math.Abs((d[i]-d[p])*c*s) > tolerance {
		return false
	}
	m.z[i], m.z[p] = size, 0
	a, b := m.row(m.lo+p, m.lo, m.hi), m.row(m.lo+i, m.lo, m.hi)
	for k, x := range a {
		y := b[k]
		a[k], b[k] = float64(c*x)+float64(s*y), float64(c*y)-float64(s*x)
	}
	d[p], d[i] = float64(d[p]*c*c)+float64(d[i]*s*s), float64(d[p]*s*s)+float64(d[i]*c*c)
	return true
}

// roots finds the new values, and in row j of ratio the distances of all old values from new value j.
func (m *merge) roots() {
	k := len(m.keep)
	s := secular{d: make([]float64, k), z: make([]float64, k), rho: m.rho}
	for at, i := range m.keep {
		s.d[at], s.z[at] = m.d[m.lo+i], m.z[i]
	}
	m.values = make([]float64, k)
	const few = 8
	parallel(m.workers, (k+few-1)/few, func(_, unit int) {
		for j := unit * few; j < min(k, (unit+1)*few); j++ {
			m.values[j] = s.root(j, m.ratio[j*k:(j+1)*k])
		}
	})
	exact := m.weights(s)
	parallel(m.workers, (k+few-1)/few, func(_, unit int) {
		for j := unit * few; j < min(k, (unit+1)*few); j++ {
			m.vector(m.ratio[j*k:(j+1)*k], exact)
		}
	})
}

// weights are the z for which the new values are exact, so that vectors made from them are orthogonal.
func (m *merge) weights(s secular) []float64 {
	k := len(s.d)
	exact := make([]float64, k)
	const few = 64
	parallel(m.workers, (k+few-1)/few, func(_, unit int) {
		lo, hi := unit*few, min(k, (unit+1)*few)
		for i := lo; i < hi; i++ {
			exact[i] = 1
		}
		for j := range k {
			row := m.ratio[j*k : (j+1)*k]
			for i := lo; i < hi; i++ {
				if i == j {
					exact[i] *= row[i]
				} else {
					exact[i] *= row[i] / (s.d[i] - s.d[j])
				}
			}
		}
		for i := lo; i < hi; i++ {
			exact[i] = math.Copysign(math.Sqrt(math.Abs(exact[i])), s.z[i])
		}
	})
	return exact
}

// vector turns the distances of a new value into minus its unit vector.
func (m *merge) vector(delta, exact []float64) {
	sum := 0.0
	for i, d := range delta {
		delta[i] = exact[i] / d
		sum += float64(delta[i] * delta[i])
	}
	scale := -1 / math.Sqrt(sum)
	for i := range delta {
		delta[i] *= scale
	}
}

// vectors turns the kept rows of q into the new vectors, in out.
func (m *merge) vectors() {
	k, n := len(m.keep), m.hi-m.lo
	for at, i := range m.keep {
		copy(m.kept[at*n:(at+1)*n], m.row(m.lo+i, m.lo, m.hi))
	}
	out := Dense(k, n, m.out[:k*n])
	clear(out.Data)
	m.product.subtract(out, view{m.ratio, 0, 1, k}, view{m.kept, 0, n, 1}, k)
}

// sort puts values and vectors in rising order: new ones from out, deflated ones from q.
func (m *merge) sort() {
	n, k := m.hi-m.lo, len(m.keep)
	values := append(slices.Clone(m.values), m.d[m.lo:m.hi]...)
	order := make([]int, 0, n)
	for j := range k {
		order = append(order, j)
	}
	kept := make([]bool, n)
	for _, i := range m.keep {
		kept[i] = true
	}
	for i := range n {
		if !kept[i] {
			order = append(order, k+i)
			copy(m.kept[i*n:(i+1)*n], m.row(m.lo+i, m.lo, m.hi))
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(values[a], values[b]) })
	for at, from := range order {
		m.d[m.lo+at] = values[from]
		rows, row := m.out, from
		if from >= k {
			rows, row = m.kept, from-k
		}
		copy(m.row(m.lo+at, m.lo, m.hi), rows[row*n:])
	}
}
