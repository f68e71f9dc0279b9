package lapack

import "math"

// iterate finds the eigenvalues of rows lo to hi−1 by the QL method with implicit shifts (Bowdler, Martin, Reinsch and
// Wilkinson, "The QR and QL algorithms for symmetric matrices", 1968) and sorts them.
func (s *divide) iterate(lo, hi int) bool {
	d, e := s.d, s.e
	coupled := e[hi-1]
	e[hi-1] = 0 // what follows is in another half
	defer func() { e[hi-1] = coupled }()
	for l := lo; l < hi; l++ {
		for tries := 0; ; tries++ {
			end := l
			for ; end < hi-1; end++ {
				if size := math.Abs(d[end]) + math.Abs(d[end+1]); math.Abs(e[end]) <= 0x1p-53*size {
					break
				}
			}
			if end == l {
				break
			}
			if tries == 60 {
				return false
			}
			s.sweep(l, end, lo, hi)
		}
	}
	for i := lo; i < hi; i++ { // few enough to select
		least := i
		for j := i + 1; j < hi; j++ {
			if d[j] < d[least] {
				least = j
			}
		}
		if least != i {
			d[i], d[least] = d[least], d[i]
			a, b := s.row(i, lo, hi), s.row(least, lo, hi)
			for k := range a {
				a[k], b[k] = b[k], a[k]
			}
		}
	}
	return true
}

// sweep is one step on rows l to end.
func (s *divide) sweep(l, end, lo, hi int) {
	d, e := s.d, s.e
	shift := (d[l+1] - d[l]) / (2 * e[l])
	shift = d[end] - d[l] + e[l]/(shift+math.Copysign(math.Hypot(shift, 1), shift))
	sine, cosine, moved := 1.0, 1.0, 0.0
	for i := end - 1; i >= l; i-- {
		f, b := sine*e[i], cosine*e[i]
		size := math.Hypot(f, shift)
		e[i+1] = size
		if size == 0 { // the rest is apart
			d[i+1] -= moved
			e[end] = 0
			return
		}
		sine, cosine = f/size, shift/size
		shift = d[i+1] - moved
		r := (d[i]-shift)*sine + 2*cosine*b
		moved = sine * r
		d[i+1] = shift + moved
		shift = cosine*r - b
		p, q := s.row(i, lo, hi), s.row(i+1, lo, hi)
		for k, x := range p {
			y := q[k]
			q[k], p[k] = float64(sine*x)+float64(cosine*y), float64(cosine*x)-float64(sine*y)
		}
	}
	d[l] -= moved
	e[l] = shift
	e[end] = 0
}
