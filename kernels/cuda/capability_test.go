package cuda

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"attrib/kernels"
	"attrib/kernels/blas"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/project"
)

// capable gives a device with every kernel, on the emulator or the card.
func capable(t *testing.T, arch int, o Options) *device {
	t.Helper()
	if onCard {
		return openCard(t, arch, o, nil)
	}
	return openFile(t, fake.Start(t, arch, nil, fmt.Sprintf("cc=%d", arch)), o)
}

// eachArch runs a test for every architecture.
func eachArch(t *testing.T, run func(t *testing.T, arch int)) {
	for _, arch := range archList {
		t.Run(fmt.Sprintf("sm_%d", arch), func(t *testing.T) { run(t, arch) })
	}
}

// Projections through the device have the CPU's bits, in the precision that promises them.
func TestDeviceProjects(t *testing.T) {
	path, ok := vectorPath()
	eachArch(t, func(t *testing.T, arch int) {
		d := capable(t, arch, Options{})
		m := project.New([32]byte{7}, 3)
		x := kernels.F32(9, 1500, randoms(9*1500, 4))
		for _, kind := range []project.Kind{project.Sign, project.Gaussian, project.Sparse} {
			if !ok && kind != project.Sparse {
				continue
			}
			o := project.Options{Kind: kind, Path: path}
			got, err := d.Project(context.Background(), m, x, 150, o)
			if err != nil {
				t.Fatal(err)
			}
			want, err := m.Project(x, 150, o)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Floats(), want.Floats()) {
				t.Errorf("%v differs", kind)
			}
		}
	})
}

// Products of a batch are near the reference in every precision.
func TestDeviceMultiplies(t *testing.T) {
	limits := map[Precision]float64{Exact: 1e-5, TF32x3: 1e-5, BF16: 2e-2, F16: 2e-3}
	eachArch(t, func(t *testing.T, arch int) {
		for p, limit := range limits {
			if arch < 80 && (p == BF16 || p == TF32x3) {
				continue
			}
			t.Run("precision "+string(p), func(t *testing.T) {
				d := capable(t, arch, Options{Precision: p})
				multiplies(t, d, limit)
			})
		}
	})
}

func multiplies(t *testing.T, d *device, limit float64) {
	t.Helper()
	for _, s := range [][4]int{{1, 1, 1, 1}, {3, 65, 33, 70}, {40, 16, 17, 18}, {2, 130, 129, 40}} {
		c := gemmCase{count: s[0], m: s[1], n: s[2], k: s[3], alpha: 1}
		a, b := c.operand(c.m, c.k, false, 1), c.operand(c.k, c.n, false, 2)
		out := c.operand(c.m, c.n, false, 3)
		want := blas.Reference(c.count, 1, a, b, 0, out, blas.Options{})
		if err := d.GemmBatch(context.Background(), c.count, 1, a, b, 0, out, blas.Options{}); err != nil {
			t.Fatal(err)
		}
		for i, v := range out.Data {
			if off := math.Abs(float64(v) - want[i]); !(off <= limit*math.Sqrt(float64(c.k))) {
				t.Fatalf("%v: element %d is %g, reference %g", s, i, v, want[i])
			}
		}
	}
}

// Walks have the CPU's integers.
func TestDeviceWalks(t *testing.T) {
	eachArch(t, func(t *testing.T, arch int) {
		d := capable(t, arch, Options{})
		const players, outputs, orders = 23, 70, 5
		for game, table := range map[kernels.WalkGame][]int64{kernels.WalkSum: nil, kernels.WalkBest: nil, kernels.WalkCurve: rootKnots, kernels.WalkPoints: somePoint} {
			p := kernels.PermutationWalk{Game: game, Players: players, Outputs: outputs, Table: table, X: make([]int32, players*outputs),
				Omega: make([]int64, outputs), Gain: make([]int64, players*orders), Sums: make([]int64, players*outputs)}
			for i := range p.X {
				p.X[i] = int32(i * 7919 % 1000)
			}
			for q := range p.Omega {
				p.Omega[q] = int64(q*31%97 + 1)
			}
			for i := range orders {
				for j := range players {
					p.Orders = append(p.Orders, int32((j*(i+1)+i)%players))
				}
			}
			gain, sums := make([]int64, players*orders), make([]int64, players*outputs)
			for i := range orders {
				refWalk(p, p.Orders[i*players:(i+1)*players], gain[i*players:(i+1)*players], sums)
			}
			if err := d.WalkPermutations(context.Background(), p); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(p.Gain, gain) || !slices.Equal(p.Sums, sums) {
				t.Errorf("game %v differs", game)
			}
		}
	})
}

// The regressions of coalitions solve their equations.
func TestDeviceSolvesRidge(t *testing.T) {
	eachArch(t, func(t *testing.T, arch int) {
		d := capable(t, arch, Options{})
		for _, n := range []int{1, 16, 33, 128} {
			r := kernels.Ridge[float32]{N: n, M: 2, Players: 3, Ridge: 1, Count: 7, Coalitions: []uint64{0, 1, 2, 3, 5, 6, 7},
				Gram: make([]float32, 3*n*n), Cross: randoms(3*2*n, 5), Solution: make([]float32, 7*2*n)}
			for p := range 3 { // v·vᵀ of a vector is positive semi-definite
				v := randoms(n, uint64(10+p))
				for i := range n {
					for j := range n {
						r.Gram[(p*n+i)*n+j] = v[i] * v[j]
					}
				}
			}
			info, err := d.RidgeCoalitions(context.Background(), r)
			if err != nil || slices.Max(info) > 0 {
				t.Fatalf("n=%d: %v, %v", n, info, err)
			}
			for c := range r.Count {
				solved(t, r, c)
			}
		}
	})
}

// solved holds A·x against the right-hand side.
func solved(t *testing.T, r kernels.Ridge[float32], c int) {
	t.Helper()
	for m := range r.M {
		x := r.Solution[(c*r.M+m)*r.N:][:r.N]
		for i := range r.N {
			left, right, scale := r.Ridge*float64(x[i]), 0.0, math.Abs(float64(x[i]))
			for p := range r.Players {
				if r.Coalitions[c]>>p&1 == 0 {
					continue
				}
				right += float64(r.Cross[(p*r.M+m)*r.N+i])
				for j := range r.N {
					term := float64(r.Gram[(p*r.N+i)*r.N+j]) * float64(x[j])
					left, scale = left+term, scale+math.Abs(term)
				}
			}
			if !(math.Abs(left-right) <= 1e-4*(1+scale)) {
				t.Fatalf("n=%d, coalition %d: row %d of A·x is %g, want %g", r.N, c, i, left, right)
			}
		}
	}
}
