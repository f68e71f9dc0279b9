package walk

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"attrib/kernels/simd"
)

// table is g(x) = ⌊√x·2¹⁵⌋ at the knots.
func table() []int64 {
	out := make([]int64, Knots)
	for k := range out {
		e := max(k>>Mantissa-1, 0)
		x := uint64(k-e<<Mantissa) << e
		square := new(big.Int).Lsh(new(big.Int).SetUint64(x), 30)
		out[k] = square.Sqrt(square).Int64()
	}
	return out
}

// state is what a walk is in, with a value on either side that nobody may touch.
type state struct {
	n                        int
	omega, had, credit, sums []int64
	x                        []int32
}

const sentinel = 0x5e9713e15e9713e1

func newState(r *rand.Rand, n int, signed bool) *state {
	s := &state{n: n, x: make([]int32, n+2)}
	for _, v := range []*[]int64{&s.omega, &s.had, &s.credit, &s.sums} {
		*v = make([]int64, n+2)
		(*v)[0], (*v)[n+1] = sentinel, sentinel
	}
	for q := 1; q <= n; q++ {
		s.omega[q] = r.Int64N(1 << (1 + r.IntN(30)))
		s.draw(r, q, signed)
	}
	return s
}

// draw gives output q another score, such that its total stays below 2³¹.
func (s *state) draw(r *rand.Rand, q int, signed bool) {
	left := min(1<<31-1-s.had[q], int64(1)<<r.IntN(31))
	s.x[q] = int32(r.Int64N(left + 1))
	if signed && r.IntN(2) == 0 {
		s.x[q] = -s.x[q]
	}
}

func (s *state) clone() *state {
	return &state{s.n, slices.Clone(s.omega), slices.Clone(s.had), slices.Clone(s.credit), slices.Clone(s.sums), slices.Clone(s.x)}
}

func (s *state) in(v []int64) []int64 { return v[1 : s.n+1 : s.n+1] }

func (s *state) step(u *unit, what string, knots []int64) int64 {
	x := s.x[1 : s.n+1 : s.n+1]
	switch what {
	case "sum":
		return u.doSum(s.in(s.omega), x, s.in(s.sums))
	case "best":
		return u.doBest(s.in(s.omega), x, s.in(s.had), s.in(s.sums))
	}
	return u.doCurve(s.in(s.omega), x, s.in(s.had), s.in(s.credit), s.in(s.sums), knots)
}

// Every path gives what the plain one does, over walks of several players and numbers of outputs around the lanes.
func TestPathsAgree(t *testing.T) {
	knots := table()
	for _, path := range simd.Available() {
		for _, what := range []string{"sum", "best", "curve"} {
			t.Run(fmt.Sprint(path, "/", what), func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 2))
				for n := range 70 {
					want := newState(r, n, what != "curve")
					got := want.clone()
					for range 6 {
						a, b := got.step(&units[path], what, knots), want.step(&units[simd.Generic], what, knots)
						if a != b {
							t.Fatalf("%d outputs: gain %d, want %d", n, a, b)
						}
						for i, v := range [][2][]int64{{got.omega, want.omega}, {got.had, want.had}, {got.credit, want.credit}, {got.sums, want.sums}} {
							if !slices.Equal(v[0], v[1]) || v[0][0] != sentinel || v[0][n+1] != sentinel {
								t.Fatalf("%d outputs: slice %d is %v, want %v", n, i, v[0], v[1])
							}
						}
						for q := 1; q <= n; q++ {
							want.draw(r, q, what != "curve")
							got.x[q] = want.x[q]
						}
					}
				}
			})
		}
	}
}

// The plain path is what the definitions say, in numbers of any size.
func TestDefinitions(t *testing.T) {
	knots, r := table(), rand.New(rand.NewPCG(3, 4))
	for _, what := range []string{"sum", "best", "curve"} {
		s := newState(r, 33, what != "curve")
		before := s.clone()
		gain, want := s.step(&units[simd.Generic], what, knots), new(big.Int)
		for q := 1; q <= s.n; q++ {
			x, had := int64(s.x[q]), before.had[q]
			rise := x
			switch what {
			case "best":
				rise = max(had, x) - had
			case "curve":
				rise = At(knots, had+x) - before.credit[q]
			}
			if s.sums[q] != before.sums[q]+rise {
				t.Errorf("%s: output %d rises by %d, want %d", what, q, s.sums[q]-before.sums[q], rise)
			}
			want.Add(want, new(big.Int).Mul(big.NewInt(s.omega[q]), big.NewInt(rise)))
		}
		if want.Cmp(big.NewInt(gain)) != 0 {
			t.Errorf("%s: gain %d, want %d", what, gain, want)
		}
	}
}

// Every octave and both sides of its borders are read rightly.
func TestOctaves(t *testing.T) {
	knots := table()
	var x []int32
	for e := range 31 {
		for d := int64(-2); d <= 2; d++ {
			if v := int64(1)<<e + d; v >= 0 && v < 1<<31 {
				x = append(x, int32(v))
			}
		}
	}
	x = append(x, 1<<31-1, 0)
	n := len(x)
	for _, path := range simd.Available() {
		omega, had, credit, sums := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
		units[path].doCurve(omega, x, had, credit, sums, knots)
		for q, v := range x {
			if credit[q] != At(knots, int64(v)) || sums[q] != credit[q] || had[q] != int64(v) {
				t.Errorf("%v: g(%d) = %d, want %d", path, v, credit[q], At(knots, int64(v)))
			}
		}
	}
}

func TestRefused(t *testing.T) {
	for name, f := range map[string]func(){
		"lengths": func() { Sum(make([]int64, 3), make([]int32, 2), make([]int64, 3)) },
		"table":   func() { Curve(nil, nil, nil, nil, nil, make([]int64, 5)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was not refused")
				}
			}()
			f()
		})
	}
}

func BenchmarkWalk(b *testing.B) {
	knots := table()
	for _, path := range simd.Available() {
		for _, what := range []string{"sum", "best", "curve"} {
			b.Run(fmt.Sprint(path, "/", what), func(b *testing.B) {
				s := newState(rand.New(rand.NewPCG(1, 2)), 1000, false)
				clear(s.x)
				for b.Loop() {
					s.step(&units[path], what, knots)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/output")
			})
		}
	}
}
