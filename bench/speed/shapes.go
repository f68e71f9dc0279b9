package speed

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	ours32 "attrib/kernels/blas"

	"attrib/internal/hugepages"
	"attrib/kernels"
	"attrib/kernels/lapack"
	"attrib/kernels/project"
	"attrib/kernels/vec"
	"attrib/kernels/walk"
)

// Shapes are those that this project states its speed by, in their full size or in one that a test can afford.
func Shapes(small bool) []Work {
	part := 1
	if small {
		part = 64
	}
	return []Work{
		scanShape(64, 200_000/part, 512/min(part, 8), 10, 0),
		scanShape(64, 200_000/part, 512/min(part, 8), 10, 1000/min(part, 8)),
		scanShape(64, 25_000/part, 4096/min(part, 16), 10, 0),
		scanShape(1, 200_000/part, 512/min(part, 8), 10, 0),
		sketchShape(64, 200_000/part, 512/min(part, 8), 10),
		factoredShape(64, 20_000/part, 4, 512/min(part, 16)),
		gemmShape(1024 / min(part, 8)),
		gramShape(20_000/part, 4096/min(part, 32)),
		choleskyShape(4096 / min(part, 32)),
		eigenShape(1024 / min(part, 16)),
		projectShape(1024/min(part, 16), 4096/min(part, 8), 512/min(part, 8)),
		functionShape("tanh", vec.Tanh, (1<<22)/part),
		functionShape("exp", vec.Exp, (1<<22)/part),
		walkShape(1000, 1000/min(part, 8)),
	}
}

// random is a matrix of numbers in −1 … 1, in large pages as NumPy has its arrays.
func random(rows, cols int, stream uint64) kernels.Matrix {
	r, v := rand.New(rand.NewPCG(1, stream)), make([]float32, rows*cols)
	hugepages.Advise(v)
	for i := range v {
		v[i] = 2*r.Float32() - 1
	}
	return kernels.F32(rows, cols, v)
}

// scanShape finds the k best of n rows for q queries, and the sums of groups of rows when there are any.
func scanShape(q, n, w, k, groups int) Work {
	work := Work{
		Shape: fmt.Sprintf("scan q=%d n=%d w=%d top-%d", q, n, w, k), Ceiling: Multiply,
		Ops: 2 * float64(q) * float64(n) * float64(w), Bytes: 4 * float64(n) * float64(w),
	}
	if q < 8 {
		work.Ceiling = Read
	}
	if groups > 0 {
		work.Shape += fmt.Sprintf(" and sums of %d groups", groups)
	}
	work.Prepare = func(_ context.Context, m *Machine) (*Ready, error) {
		rows, queries := random(n, w, 1), random(q, w, 2)
		source, scan := kernels.MatrixSource(rows), kernels.Scan{Queries: queries, K: k}
		ready := &Ready{Agree: 1e-5, Data: map[string]kernels.Matrix{"rows": rows, "queries": queries}, Ours: scanned(m, source, &scan)}
		if groups > 0 {
			plain := scan
			ready.Data = nil
			ready.Others = []Other{{"without the sums", func(ctx context.Context) error { _, err := m.Device.Scan(ctx, source, plain); return err }, 0}}
			scan.Group, scan.Groups, scan.Reduce = make([]int32, n), groups, []kernels.Reduce{kernels.Sum}
			r := rand.New(rand.NewPCG(3, 4))
			for i := range scan.Group {
				scan.Group[i] = int32(r.IntN(groups))
			}
			scan.Unit = kernels.UnitFor(float64(w), int64(n))
			return ready, nil
		}
		ready.Peers = []Peer{{"torch mm + topk", "torch.scan", k, 0}, {"faiss IndexFlatIP", "faiss.scan", k, 0}, {"numpy, product only", "numpy.product", 0, 0}}
		if q > 1 {
			ready.Others = []Other{{"gonum, product only", gonumProduct(queries, rows), 1}}
		}
		return ready, nil
	}
	return work
}

func scanned(m *Machine, source kernels.Source, scan *kernels.Scan) func(context.Context) (float64, error) {
	return func(ctx context.Context) (float64, error) {
		r, err := m.Device.Scan(ctx, source, *scan)
		if err != nil {
			return 0, err
		}
		return sumOf(r.Score), nil
	}
}

// gonumProduct is the whole matrix of scores, in gonum's own assembly.
func gonumProduct(queries, rows kernels.Matrix) func(context.Context) error {
	return func(context.Context) error {
		out := make([]float32, queries.Rows*rows.Rows)
		gonum.Implementation{}.Sgemm(blas.NoTrans, blas.Trans, queries.Rows, rows.Rows, rows.Cols, 1, queries.Floats(), queries.Stride, rows.Floats(), rows.Stride, 0, out, rows.Rows)
		return nil
	}
}

// sketchShape is scanShape by way of an int8 sketch; the plain scan takes part, and finds the rows that recall is of.
func sketchShape(q, n, w, k int) Work {
	return Work{
		Shape: fmt.Sprintf("int8 sketch and rescoring q=%d n=%d w=%d top-%d", q, n, w, k), Ceiling: Bytes8,
		Ops: 2 * float64(q) * float64(n) * float64(w), Bytes: float64(n) * float64(w),
		Prepare: func(ctx context.Context, m *Machine) (*Ready, error) {
			d, ok := m.Device.(kernels.SketchScanner)
			if !ok {
				return nil, fmt.Errorf("device %q has no sketch", m.Device.Info().Name)
			}
			rows, scan := random(n, w, 1), kernels.Scan{Queries: random(q, w, 2), K: k}
			bytes, err := kernels.Encode(kernels.TypeI8, rows)
			if err != nil {
				return nil, err
			}
			exact, sketch := kernels.MatrixSource(rows), kernels.MatrixSource(bytes)
			want, err := m.Device.Scan(ctx, exact, scan)
			if err != nil {
				return nil, err
			}
			ready := &Ready{Notes: map[string]float64{}}
			ready.Ours = func(ctx context.Context) (float64, error) {
				r, err := d.ScanSketch(ctx, sketch, exact, scan, kernels.SketchOptions{})
				if err == nil {
					ready.Notes["recall"] = recall(r.ID, want.ID, k)
				}
				return math.NaN(), err
			}
			ready.Others = []Other{{"attrib, float32 scan", func(ctx context.Context) error { _, err := m.Device.Scan(ctx, exact, scan); return err }, 0}}
			return ready, nil
		},
	}
}

// recall is the part of the wanted rows, k a query, that was found.
func recall(got, want []int64, k int) float64 {
	found := 0
	for i, id := range want {
		if slices.Contains(got[i/k*k:(i/k+1)*k], id) {
			found++
		}
	}
	return float64(found) / float64(len(want))
}

// factoredShape compares gradients of so many square layers by their factors, beside multiplying them out.
func factoredShape(q, n, layers, width int) Work {
	work := Work{Shape: fmt.Sprintf("factored scan q=%d n=%d of %d layers %d×%d top-10", q, n, layers, width, width), Ceiling: Multiply,
		Ops: 4 * float64(q) * float64(n) * float64(layers*width), Bytes: 8 * float64(n) * float64(layers*width)}
	work.Prepare = func(_ context.Context, m *Machine) (*Ready, error) {
		d, ok := m.Device.(kernels.FactoredScanner)
		if !ok {
			return nil, fmt.Errorf("device %q does not compare factors", m.Device.Info().Name)
		}
		s, queries := &factors{n: n}, kernels.FactoredQueries{Rows: q}
		for l := range layers {
			s.a, s.d = append(s.a, random(n, width, uint64(4*l))), append(s.d, random(n, width, uint64(4*l+1)))
			queries.A, queries.D = append(queries.A, random(q, width, uint64(4*l+2))), append(queries.D, random(q, width, uint64(4*l+3)))
			queries.Factors = append(queries.Factors, kernels.FactorDims{In: width, Out: width, Positions: 1})
		}
		s.layout = kernels.Layout{Factors: queries.Factors, Width: layers * width * width}
		few := kernels.Section(s, 0, int64(max(1, n/50)))
		flat := kernels.Scan{Queries: random(q, layers*width*width, 99), K: min(10, int(few.Len()))}
		return &Ready{
			Ours: func(ctx context.Context) (float64, error) {
				_, err := d.ScanFactored(ctx, s, queries, kernels.Scan{K: min(10, n)})
				return math.NaN(), err
			},
			Others: []Other{{"attrib, a 50th of the rows multiplied out", func(ctx context.Context) error { _, err := m.Device.Scan(ctx, few, flat); return err }, 2}},
		}, nil
	}
	return work
}

// factors are factored rows in memory.
type factors struct {
	n      int
	layout kernels.Layout
	a, d   []kernels.Matrix
}

func (f *factors) Len() int64             { return int64(f.n) }
func (f *factors) Layout() kernels.Layout { return f.layout }

func (f *factors) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	t.Flat, t.A, t.D = kernels.Matrix{}, t.A[:0], t.D[:0]
	for l := range f.a {
		t.A, t.D = append(t.A, f.a[l].Slice(int(row0), int(row0)+t.Rows)), append(t.D, f.d[l].Slice(int(row0), int(row0)+t.Rows))
	}
	return ctx.Err()
}

func gemmShape(n int) Work {
	return Work{Shape: fmt.Sprintf("gemm %d³", n), CPU: true, Ceiling: Multiply, Ops: 2 * math.Pow(float64(n), 3), Bytes: 12 * float64(n) * float64(n),
		Prepare: func(_ context.Context, m *Machine) (*Ready, error) {
			a, b, c := random(n, n, 1), random(n, n, 2), make([]float32, n*n)
			return &Ready{
				Ours: func(context.Context) (float64, error) {
					err := ours32.Gemm(1, ours32.Dense(n, n, a.Floats()), ours32.Dense(n, n, b.Floats()), 0, ours32.Dense(n, n, c), ours32.Options{Workers: m.Workers})
					return float64(c[0]), err
				},
				Agree: 1e-3, Data: map[string]kernels.Matrix{"a": a, "b": b},
				Peers: []Peer{{"numpy", "numpy.gemm", 0, 0}, {"torch", "torch.gemm", 0, 0}},
				Others: []Other{{"gonum", func(context.Context) error {
					gonum.Implementation{}.Sgemm(blas.NoTrans, blas.NoTrans, n, n, n, 1, a.Floats(), n, b.Floats(), n, 0, make([]float32, n*n), n)
					return nil
				}, 1}},
			}, nil
		}}
}

// gramShape counts the symmetric half; the peers make all of it.
func gramShape(n, w int) Work {
	return Work{Shape: fmt.Sprintf("gram n=%d w=%d", n, w), Ceiling: Multiply, Ops: float64(n) * float64(w) * float64(w), Bytes: 4 * float64(n) * float64(w),
		Prepare: func(_ context.Context, m *Machine) (*Ready, error) {
			rows := random(n, w, 1)
			return &Ready{
				Ours: func(ctx context.Context) (float64, error) {
					g, err := m.Device.Gram(ctx, kernels.MatrixSource(rows))
					if err != nil {
						return 0, err
					}
					return g.At(0, 0), nil
				},
				Agree: 1e-4, Data: map[string]kernels.Matrix{"rows": rows}, Peers: []Peer{{"numpy", "numpy.gram", 0, 3}, {"torch", "torch.gram", 0, 3}},
			}, nil
		}}
}

// definite is a symmetric matrix with a heavy diagonal: positive definite.
func definite(n int) kernels.Matrix {
	m := random(n, n, 1)
	for i := range n {
		row := m.Row(i)
		for j := range i {
			row[j] = m.Row(j)[i]
		}
		row[i] = float32(n)
	}
	return m
}

func choleskyShape(n int) Work {
	return Work{Shape: fmt.Sprintf("cholesky %d", n), CPU: true, Ceiling: Multiply64, Ops: math.Pow(float64(n), 3) / 3, Bytes: 8 * float64(n) * float64(n),
		Prepare: func(_ context.Context, m *Machine) (*Ready, error) {
			a := definite(n)
			work := make([]float64, n*n)
			fresh := doubled(a)
			return &Ready{
				Ours: func(context.Context) (float64, error) {
					copy(work, fresh) // the peers keep their matrix too
					if err := lapack.Cholesky(lapack.Lower, lapack.Dense(n, n, work), lapack.Options{Workers: m.Workers}); err != nil {
						return 0, err
					}
					trace := 0.0
					for i := range n {
						trace += work[i*n+i]
					}
					return trace, nil
				},
				Agree: 1e-9, Data: map[string]kernels.Matrix{"a": a}, Peers: []Peer{{"numpy", "numpy.cholesky", 0, 3}, {"torch", "torch.cholesky", 0, 3}},
			}, nil
		}}
}

// doubled are the numbers of a in double precision.
func doubled(a kernels.Matrix) []float64 {
	out := make([]float64, a.Rows*a.Cols)
	for i, v := range a.Floats() {
		out[i] = float64(v)
	}
	return out
}

// eigenShape finds all eigenvalues and eigenvectors. Its operations are counted as is usual for them, 9n³, whatever is done.
func eigenShape(n int) Work {
	return Work{Shape: fmt.Sprintf("eigen %d", n), CPU: true, Ceiling: Multiply64, Ops: 9 * math.Pow(float64(n), 3), Bytes: 8 * float64(n) * float64(n),
		Prepare: func(_ context.Context, m *Machine) (*Ready, error) {
			a := definite(n)
			fresh := doubled(a)
			return &Ready{
				Ours: func(context.Context) (float64, error) {
					values, _, err := lapack.EigenSym(lapack.Lower, lapack.Dense(n, n, fresh), lapack.Options{Workers: m.Workers})
					sum := 0.0
					for _, v := range values {
						sum += math.Abs(v)
					}
					return sum, err
				},
				Agree: 1e-9, Data: map[string]kernels.Matrix{"a": a}, Peers: []Peer{{"numpy eigh", "numpy.eigh", 0, 3}, {"torch eigh", "torch.eigh", 0, 3}},
			}, nil
		}}
}

// projectShape projects lines by random signs, which the peer is given ready made.
func projectShape(n, w, k int) Work {
	return Work{Shape: fmt.Sprintf("project n=%d w=%d to %d by random signs", n, w, k), CPU: true, Ceiling: Multiply, Ops: 2 * float64(n) * float64(w) * float64(k), Bytes: 4 * float64(n) * float64(w+k),
		Prepare: func(_ context.Context, m *Machine) (*Ready, error) {
			x, signs := random(n, w, 1), kernels.F32(k, w, make([]float32, k*w))
			matrix := project.New([32]byte{1}, 1)
			for r := range k {
				matrix.Signs(uint32(r), signs.Row(r))
			}
			return &Ready{
				Ours: func(context.Context) (float64, error) {
					y, err := matrix.Project(x, k, project.Options{Workers: m.Workers})
					if err != nil {
						return 0, err
					}
					return float64(y.Row(0)[0]) * math.Sqrt(float64(k)), nil
				},
				Agree: 1e-3, Data: map[string]kernels.Matrix{"rows": x, "signs": signs},
				Peers: []Peer{{"torch, matrix kept", "torch.project", 0, 0}},
			}, nil
		}}
}

func functionShape(name string, f func(dst, x []float32), n int) Work {
	return Work{Shape: fmt.Sprintf("%s of %d values, one thread", name, n), CPU: true, Ceiling: Read, Single: true, Bytes: 8 * float64(n),
		Prepare: func(context.Context, *Machine) (*Ready, error) {
			x, y := random(1, n, 1), make([]float32, n)
			return &Ready{
				Ours:  func(context.Context) (float64, error) { f(y, x.Floats()); return float64(y[0]), nil },
				Agree: 1e-6, Data: map[string]kernels.Matrix{"x": x}, Peers: []Peer{{"numpy", "numpy." + name, 0, 0}, {"torch, all threads", "torch." + name, 0, 0}},
			}, nil
		}}
}

// walkShape adds players to a coalition one after another, in a game that saturates.
func walkShape(players, outputs int) Work {
	return Work{Shape: fmt.Sprintf("permutation of %d players, %d outputs, one thread", players, outputs), CPU: true, Ceiling: Read, Single: true, Bytes: 4 * float64(players) * float64(outputs),
		Prepare: func(context.Context, *Machine) (*Ready, error) {
			r := rand.New(rand.NewPCG(5, 6))
			x, omega, knots := make([]int32, players*outputs), make([]int64, outputs), make([]int64, walk.Knots)
			for i := range x {
				x[i] = r.Int32N(1 << 20)
			}
			for q := range omega {
				omega[q] = 1 << 10
			}
			for k := range knots {
				knots[k] = int64(1e6 * math.Log1p(float64(k)))
			}
			had, credit, sums := make([]int64, outputs), make([]int64, outputs), make([]int64, outputs)
			return &Ready{Ours: func(context.Context) (float64, error) {
				clear(had)
				clear(credit)
				gain := int64(0)
				for _, i := range r.Perm(players) {
					gain += walk.Curve(omega, x[i*outputs:(i+1)*outputs], had, credit, sums, knots)
				}
				return float64(gain), nil
			}}, nil
		}}
}
