//go:build linux

package cuda

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"attrib/kernels"
	"attrib/kernels/blas"
	"attrib/kernels/cpu"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/kernelstest"
	"attrib/kernels/lapack"
	"attrib/kernels/project"
)

var familySources = []string{"src/gram.cu", "src/project.cu", "src/walks.cu", "src/cholesky.cu", "src/gemm.cu", "src/train.cu"}

var (
	_ kernels.PermutationWalker = (*device)(nil)
	_ kernels.RidgeSolver       = (*device)(nil)
	_ project.Device            = (*device)(nil)
	_ blas.Device               = (*device)(nil)
	_ lapack.Device             = (*device)(nil)
	_ kernels.CopyTrainer       = (*device)(nil)
)

// openFamilies gives a device on emulated cards with the kernels of these tests.
func openFamilies(t testing.TB, arch int, o Options, settings ...string) *device {
	t.Helper()
	if onCard {
		return openCard(t, arch, o, settings)
	}
	return openFile(t, fake.Start(t, arch, familySources, append([]string{fmt.Sprintf("cc=%d", arch)}, settings...)...), o)
}

// eachCard runs a test on cards that do their work at different times.
func eachCard(t *testing.T, o Options, f func(t *testing.T, d *device)) {
	for _, c := range []struct {
		arch     int
		schedule string
	}{{75, "schedule=0"}, {80, "schedule=1"}, {80, "schedule=7"}} {
		t.Run(fmt.Sprintf("sm_%d/%s", c.arch, c.schedule), func(t *testing.T) { f(t, openFamilies(t, c.arch, o, c.schedule, "order=3")) })
	}
}

// Gram has the bits of the CPU over many tiles, for every type of rows.
func TestGramOnCards(t *testing.T) {
	ctx := context.Background()
	_, vectors := vectorPath()
	eachCard(t, Options{TileBytes: 4 * 50 * 300}, func(t *testing.T, d *device) {
		rows := gramRows(700, 50, true)
		for _, dtype := range []kernels.DType{kernels.TypeF32, kernels.TypeBF16, kernels.TypeI8} {
			m, err := kernels.Encode(dtype, rows)
			if err != nil {
				t.Fatal(err)
			}
			want, err := cpu.New(cpu.Options{}).Gram(ctx, kernels.MatrixSource(m))
			if err != nil {
				t.Fatal(err)
			}
			got, err := d.Gram(ctx, kernels.MatrixSource(m))
			if err != nil {
				t.Fatal(err)
			}
			if vectors && !slices.Equal(got.Data, want.Data) {
				t.Errorf("%v: other bits than the CPU's", dtype)
			}
		}
	})
}

// failingRows is a source whose reads fail from a row on.
type failingRows struct {
	kernels.Source
	from int64
}

func (f failingRows) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	if row0+int64(t.Rows) > f.from {
		return fmt.Errorf("rows from %d fail", f.from)
	}
	return f.Source.Read(ctx, row0, t)
}

// What is wrong with rows is said of the lowest one, as the CPU does.
func TestGramErrorsOnCards(t *testing.T) {
	d := openFamilies(t, 80, Options{TileBytes: 4 * 6 * 128})
	rows := kernelstest.Random(700, 6, 8)
	rows.Row(250)[1] = float32(math.NaN())
	rows.Row(520)[0] = float32(math.Inf(1))
	var row *kernels.RowError
	if _, err := d.Gram(context.Background(), kernels.MatrixSource(rows)); !errors.As(err, &row) || row.Row != 250 {
		t.Errorf("%v, want row 250", err)
	}
	if _, err := d.Gram(context.Background(), failingRows{kernels.MatrixSource(rows), 600}); !errors.As(err, &row) || row.Row != 250 {
		t.Errorf("%v, want row 250 before the rows that fail", err)
	}
	if _, err := d.Gram(context.Background(), failingRows{kernels.MatrixSource(rows), 130}); err == nil || !strings.Contains(err.Error(), "rows from 130 fail") {
		t.Errorf("%v, want the read error", err)
	}
	if _, err := d.Gram(context.Background(), kernels.MatrixSource(kernels.F32(0, 3, nil))); !errors.Is(err, kernels.ErrEmptySource) {
		t.Errorf("no rows: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := d.Gram(ctx, kernels.MatrixSource(rows)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// Without memory for a tile, pieces are smaller and the bits the same.
func TestFamiliesOutOfMemory(t *testing.T) {
	rows := kernelstest.Random(900, 33, 3)
	want, _ := cpu.New(cpu.Options{}).Gram(context.Background(), kernels.MatrixSource(rows))
	for at := 1; at <= 8; at++ { // two tiles on either side and four more pieces
		t.Run(fmt.Sprint("allocation ", at), func(t *testing.T) {
			d := openFamilies(t, 80, Options{TileBytes: 4 * 36 * 640}, fmt.Sprintf("oom_once=%d", at))
			got, err := d.Gram(context.Background(), kernels.MatrixSource(rows))
			if err != nil {
				t.Fatal(err)
			}
			if _, vectors := vectorPath(); vectors && !slices.Equal(got.Data, want.Data) {
				t.Error("other bits")
			}
			if len(d.Notes()) == 0 {
				t.Error("nothing is noted")
			}
		})
	}
	t.Run("none", func(t *testing.T) {
		d := openFamilies(t, 80, Options{}, "oom_after=4096")
		if _, err := d.Gram(context.Background(), kernels.MatrixSource(rows)); !errors.Is(err, driver.ErrOutOfMemory) {
			t.Errorf("a card without memory: %v", err)
		}
	})
}

// A limit of memory makes pieces smaller, without another result.
func TestFamiliesMemoryLimit(t *testing.T) {
	ctx, d := context.Background(), openFamilies(t, 80, Options{MemoryLimit: 60_000})
	path, vectors := vectorPath()
	m, x := project.New([32]byte{1}, 7), kernels.F32(2, 9000, randoms(2*9000, 1))
	want, _ := m.Project(x, 3, project.Options{Path: path})
	if got, err := d.Project(ctx, m, x, 3, project.Options{}); err != nil || vectors && !slices.Equal(got.Floats(), want.Floats()) {
		t.Errorf("projection: %v", err)
	}
	p := walkCase(kernels.WalkBest, 20, 30, 400, false)
	gain, sums := refWalks(p)
	if err := d.WalkPermutations(ctx, p); err != nil || !slices.Equal(p.Gain, gain) || !slices.Equal(p.Sums, sums) {
		t.Errorf("walks: %v", err)
	}
	a, b, c := blas.Batch{Matrix: blas.Dense(20, 20, randoms(100*400, 1)), Step: 400}, blas.Batch{Matrix: blas.Dense(20, 20, randoms(400, 2))}, blas.Batch{Matrix: blas.Dense(20, 20, make([]float32, 100*400)), Step: 400}
	product := slices.Clone(c.Data)
	if err := d.GemmBatch(ctx, 100, 1, a, b, 0, c, blas.Options{}); err != nil {
		t.Error(err)
	}
	c.Data, product = product, c.Data
	_ = blas.GemmBatch(100, 1, a, b, 0, c, blas.Options{Path: path})
	if vectors && !slices.Equal(product, c.Data) {
		t.Error("other products")
	}
	if len(d.Notes()) < 3 {
		t.Errorf("notes: %q", d.Notes())
	}
	if err := d.Cholesky(ctx, lapack.Dense(100, 100, spd(100, 1))); !errors.Is(err, driver.ErrOutOfMemory) {
		t.Errorf("Cholesky: %v", err)
	}
}

// A lost card ends every call with that error.
func TestFamiliesLostDevice(t *testing.T) {
	d := openFamilies(t, 80, Options{}, "lost_launch=2")
	if _, err := d.Gram(context.Background(), kernels.MatrixSource(kernelstest.Random(40, 4, 1))); !errors.Is(err, driver.ErrDeviceLost) {
		t.Errorf("%v", err)
	}
	p, x, out := walkCase(kernels.WalkCurve, 11, 70, 8, false), randoms(400, 1), make([]float32, 400)
	a := blas.Batch{Matrix: blas.Dense(20, 20, x)}
	_, projected := d.Project(context.Background(), project.New([32]byte{1}, 7), kernels.F32(20, 20, x), 5, project.Options{})
	for what, err := range map[string]error{
		"cholesky": d.Cholesky(context.Background(), lapack.Dense(3, 3, spd(3, 1))),
		"walks":    d.WalkPermutations(context.Background(), p),
		"product":  d.GemmBatch(context.Background(), 1, 1, a, a, 0, blas.Batch{Matrix: blas.Dense(20, 20, out)}, blas.Options{}),
		"project":  projected,
	} { // in one line: every call on a lost card answers the same
		if !errors.Is(err, driver.ErrDeviceLost) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// Projections have the CPU's bits, tile after tile, and both sides of a layer.
func TestProjectOnCards(t *testing.T) {
	ctx := context.Background()
	path, vectors := vectorPath()
	eachCard(t, Options{TileBytes: 4 * 2048 * 2}, func(t *testing.T, d *device) {
		m, x := project.New([32]byte{1}, 7), kernels.F32(5, 2500, randoms(5*2500, 1))
		for _, kind := range []project.Kind{project.Sign, project.Gaussian, project.Sparse} {
			want, err := m.Project(x, 6, project.Options{Kind: kind, Path: path})
			if err != nil {
				t.Fatal(err)
			}
			got, err := d.Project(ctx, m, x, 6, project.Options{Kind: kind})
			if err != nil {
				t.Fatal(err)
			}
			if (vectors || kind == project.Sparse) && !slices.Equal(got.Floats(), want.Floats()) {
				t.Errorf("%v: other bits than the CPU's", kind)
			}
		}
		a, g := kernels.F32(3, 40, randoms(120, 2)), kernels.F32(3, 4, randoms(12, 3))
		wa, wg, _ := project.TwoSided([32]byte{4}, 3, a, g, 5, 6, project.Options{Path: path})
		pa, pg, err := d.ProjectTwoSided(ctx, [32]byte{4}, 3, a, g, 5, 6, project.Options{})
		if err != nil || vectors && !slices.Equal(pa.Floats(), wa.Floats()) || !slices.Equal(pg.Floats(), wg.Floats()) {
			t.Errorf("two-sided: %v", err)
		}
	})
}

// Lines on the card have the projections of lines of the host, read where they lie or not, by any precision.
func TestProjectPlacedLines(t *testing.T) {
	if !apart(t) {
		return
	}
	ctx, m := context.Background(), project.New([32]byte{1}, 7)
	for _, c := range []struct {
		arch      int
		precision Precision
	}{{75, Exact}, {75, F16}, {80, BF16}, {80, TF32x3}} {
		for _, cols := range []int{1044, 33} { // whole sixteens of bytes or not
			t.Run(fmt.Sprintf("sm_%d/%s/%d", c.arch, c.precision, cols), func(t *testing.T) {
				d := openFamilies(t, c.arch, Options{Precision: c.precision, TileBytes: 4 * 5000}, "schedule=7")
				x := kernels.F32(5, cols, randoms(5*cols, 1))
				projectPlaced(t, d, x)
				x.Row(3)[cols/2] = float32(math.NaN())
				onEmulated(t, d, x, func(s CardSource) {
					var row *kernels.RowError
					if _, err := ProjectOnCard(ctx, d, m, s, 6, project.Options{}); !errors.As(err, &row) || row.Row != 3 || !strings.Contains(err.Error(), "NaN") {
						t.Errorf("%v, want row 3", err)
					}
				})
				if _, err := ProjectOnCard(ctx, d, m, nil, 6, project.Options{}); err == nil {
					t.Error("no lines")
				}
			})
		}
	}
}

func projectPlaced(t *testing.T, d *device, x kernels.Matrix) {
	t.Helper()
	ctx, m := context.Background(), project.New([32]byte{1}, 7)
	kinds := []project.Kind{project.Sign, project.Gaussian, project.Sparse}
	if d.Precision != Exact {
		kinds = kinds[:1] // slow in the emulator
	}
	for _, kind := range kinds {
		want, err := d.Project(ctx, m, x, 6, project.Options{Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		onEmulated(t, d, x, func(s CardSource) {
			if s.InPlace() != (x.Cols%4 == 0) {
				t.Errorf("in place %v", s.InPlace())
			}
			got, err := ProjectOnCard(ctx, d, m, s, 6, project.Options{Kind: kind})
			if err != nil || !slices.Equal(got.Floats(), want.Floats()) {
				t.Errorf("%v: other numbers than from the host; %v", kind, err)
			}
		})
	}
}

// onEmulated puts rows on the first card.
func onEmulated(t *testing.T, d *device, m kernels.Matrix, use func(s CardSource)) {
	t.Helper()
	p := placing{d, 32}
	if err := p.put(kernels.MatrixSource(m), func(s kernels.Source) error {
		use(s.(CardSource))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestProjectErrorsOnCards(t *testing.T) {
	d := openFamilies(t, 80, Options{})
	ctx, m := context.Background(), project.New([32]byte{1}, 7)
	x := kernels.F32(2, 3, []float32{1, 2, 3, 3e38, 3e38, float32(math.Inf(1))})
	var row *kernels.RowError
	if _, err := d.Project(ctx, m, x, 4, project.Options{}); !errors.As(err, &row) || row.Row != 1 {
		t.Errorf("an infinite number: %v", err)
	}
	x.Row(1)[2] = 3e38
	if _, err := d.Project(ctx, m, x, 1, project.Options{Kind: project.Gaussian}); !errors.As(err, &row) || row.Row != 1 {
		t.Errorf("an overflow: %v", err)
	}
	if _, err := d.Project(ctx, m, x, 0, project.Options{}); err == nil {
		t.Error("to no numbers")
	}
	if y, err := d.Project(ctx, m, kernels.F32(0, 3, nil), 4, project.Options{}); err != nil || y.Rows != 0 {
		t.Errorf("no lines: %v", err)
	}
}

// Walks have the CPU's bits over many pieces, and add to what is there.
func TestWalksOnCards(t *testing.T) {
	eachCard(t, Options{TileBytes: 8 * 11 * 3}, func(t *testing.T, d *device) {
		for game := kernels.WalkSum; game <= kernels.WalkPoints; game++ {
			p := walkCase(game, 11, 70, 8, game%2 == 0)
			gain, sums := refWalks(p)
			p.Gain[5], p.Sums[9] = p.Gain[5]+100, p.Sums[9]-50
			gain[5], sums[9] = gain[5]+100, sums[9]-50
			if err := d.WalkPermutations(context.Background(), p); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(p.Gain, gain) || !slices.Equal(p.Sums, sums) {
				t.Errorf("game %d: other numbers than the CPU's", game)
			}
		}
	})
}

func TestWalkErrors(t *testing.T) {
	for name, spoil := range map[string]func(p *kernels.PermutationWalk){
		"player 11 of 11":      func(p *kernels.PermutationWalk) { p.Orders[3] = 11 },
		"weight -1":            func(p *kernels.PermutationWalk) { p.Omega[2] = -1 },
		"add up to more":       func(p *kernels.PermutationWalk) { p.X[0], p.X[70] = math.MaxInt32, 1 },
		"are negative":         func(p *kernels.PermutationWalk) { p.X[4] = -1 },
		"knots":                func(p *kernels.PermutationWalk) { p.Table = p.Table[:100] },
		"scores, want":         func(p *kernels.PermutationWalk) { p.X = p.X[1:] },
		"gains, want":          func(p *kernels.PermutationWalk) { p.Gain = nil },
		"sums, want":           func(p *kernels.PermutationWalk) { p.Sums = p.Sums[1:] },
		"unknown game":         func(p *kernels.PermutationWalk) { p.Game = 9 },
		"orders of 12 numbers": func(p *kernels.PermutationWalk) { p.Orders = append(p.Orders, 1) },
	} {
		p := walkCase(kernels.WalkCurve, 11, 70, 1, false)
		spoil(&p)
		if err := checkWalk(p); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Factors, solutions and failures are the CPU's to within float64.
func TestCholeskyOnCards(t *testing.T) {
	if !apart(t) {
		return
	}
	ctx := context.Background()
	eachCard(t, Options{}, func(t *testing.T, d *device) {
		const n, m, stride = 130, 5, 140
		a, b := lapack.Matrix{Rows: n, Cols: n, Stride: stride, Data: make([]float64, n*stride)}, lapack.Dense(n, m, converted[float64](randoms(n*m, 2)))
		for i := range n {
			copy(a.Data[i*stride:], spd(n, 3)[i*n:(i+1)*n])
		}
		l, x := lapack.Dense(n, n, spd(n, 3)), lapack.Dense(n, m, slices.Clone(b.Data))
		if err := errors.Join(d.Cholesky(ctx, a), d.CholeskySolve(ctx, a, b), lapack.Cholesky(lapack.Lower, l, lapack.Options{}), lapack.Solve(lapack.Lower, l, x, lapack.Options{})); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if err := close64("L", a.Data[i*stride:i*stride+n], l.Data[i*n:(i+1)*n], 1e-11); err != nil {
				t.Fatal(err)
			}
		}
		if err := close64("X", b.Data, x.Data, 1e-9); err != nil {
			t.Error(err)
		}
		bad := lapack.Dense(n, n, spd(n, 3))
		bad.Data[77*n+77] = -3
		var pivot *lapack.PivotError
		if err := d.Cholesky(ctx, bad); !errors.As(err, &pivot) || pivot.Row != 77 {
			t.Errorf("%v, want row 77", err)
		}
		if err := d.CholeskySolve(ctx, a, lapack.Dense(3, 1, make([]float64, 3))); err == nil {
			t.Error("other rows")
		}
	})
}

// Coalitions are solved alike in shared and in global memory, over many pieces; those that fail are named.
func TestRidgeOnCards(t *testing.T) {
	ctx := context.Background()
	eachCard(t, Options{TileBytes: 6000}, func(t *testing.T, d *device) {
		for _, c := range []smallCase{{n: 20, m: 2, players: 5, count: 12}, {n: 130, m: 1, players: 2, count: 3}} {
			var gram []float64
			for p := range c.players {
				gram = append(gram, spd(c.n, uint64(p))...)
			}
			if c.n == 20 {
				gram[4*400+7*21] = -1e6
			}
			cross, sets := converted[float64](randoms(c.players*c.m*c.n, 1)), coalitions(c.count, c.players)
			r := kernels.Ridge[float64]{N: c.n, M: c.m, Players: c.players, Gram: gram, Cross: cross, Ridge: 0.25, Count: c.count, Coalitions: sets,
				Solution: make([]float64, c.count*c.m*c.n), Factor: make([]float64, c.count*c.n*c.n)}
			info, err := d.RidgeCoalitions64(ctx, r)
			if err != nil {
				t.Fatal(err)
			}
			for i := range c.count {
				l, x, row := refRidge(c, gram, cross, sets[i:i+1], 0.25)
				if int(info[i]) != row+1 {
					t.Errorf("coalition %d fails at row %d, want %d", i, info[i]-1, row)
				} else if err := smallSame(c, l, x, r.Factor[i*c.n*c.n:], r.Solution[i*c.m*c.n:], 1e-11); err != nil {
					t.Errorf("coalition %d: %v", i, err)
				}
			}
		}
	})
	r := kernels.Ridge[float32]{N: 2, M: 1, Players: 3, Gram: make([]float32, 12), Cross: make([]float32, 6), Count: 1, Coalitions: []uint64{8}, Solution: make([]float32, 2)}
	if err := checkRidge(r); err == nil || !strings.Contains(err.Error(), "a player beyond 3") {
		t.Errorf("a player too many: %v", err)
	}
	r.Ridge, r.Gram = math.NaN(), nil
	if err := checkRidge(r); err == nil || !strings.Contains(err.Error(), "ridge NaN") || !strings.Contains(err.Error(), "Gram") {
		t.Errorf("two faults: %v", err)
	}
}

// Products have the CPU's bits with gaps, shared operands, biases and parts of a batch.
func TestGemmOnCards(t *testing.T) {
	path, vectors := vectorPath()
	eachCard(t, Options{TileBytes: 9000}, func(t *testing.T, d *device) {
		const count, m, n, k = 7, 9, 21, 30
		a := blas.Batch{Matrix: blas.Matrix{Rows: k, Cols: m, Stride: m + 2, Trans: true, Data: randoms(count*k*(m+2), 1)}, Step: k * (m + 2)}
		b := blas.Batch{Matrix: blas.Dense(k, n, randoms(k*n, 2))}
		for _, bias := range [][]float32{nil, randoms(count*n, 3)} {
			c := blas.Batch{Matrix: blas.Matrix{Rows: m, Cols: n, Stride: n + 3, Data: randoms(count*m*(n+3), 4)}, Step: m * (n + 3)}
			w := c
			w.Data = slices.Clone(c.Data)
			beta := float32(0.5)
			if bias != nil {
				beta = 0
			}
			o := blas.Options{Bias: bias, BiasStep: n, Path: path}
			if err := errors.Join(d.GemmBatch(context.Background(), count, 2, a, b, beta, c, o), blas.GemmBatch(count, 2, a, b, beta, w, o)); err != nil {
				t.Fatal(err)
			}
			if vectors && !slices.Equal(c.Data, w.Data) {
				t.Error("other bits than the CPU's, or something written between")
			}
		}
		if err := d.GemmBatch(context.Background(), 2, 1, a, b, 0, blas.Batch{Matrix: blas.Dense(m, n+1, nil)}, blas.Options{}); err == nil {
			t.Error("shapes that do not match")
		}
	})
}

// With tensor cores the results are float32's; precisions have kernels of their own.
func TestFamiliesOnTensorCores(t *testing.T) {
	for _, c := range []struct {
		arch      int
		precision Precision
	}{{75, F16}, {80, TF32x3}, {80, BF16}} {
		t.Run(string(c.precision), func(t *testing.T) { onTensorCores(t, c.arch, c.precision) })
	}
}

func onTensorCores(t *testing.T, arch int, precision Precision) {
	ctx, d := context.Background(), openFamilies(t, arch, Options{Precision: precision})
	rows := gramRows(140, 9, false)
	want, _ := cpu.New(cpu.Options{}).Gram(ctx, kernels.MatrixSource(rows))
	got, err := d.Gram(ctx, kernels.MatrixSource(rows))
	if err != nil {
		t.Fatal(err)
	}
	if err := close64("gram", got.Data, want.Data, 3e-6); err != nil { // sums are cut off, not rounded
		t.Error(err)
	}
	m := project.New([32]byte{1}, 7)
	p, _ := m.Project(rows, 5, project.Options{})
	q, err := d.Project(ctx, m, rows, 5, project.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := close64("projection", converted[float64](q.Floats()), converted[float64](p.Floats()), map[Precision]float64{BF16: 0x1p-8}[precision]+1e-6); err != nil {
		t.Error(err)
	}
	out := make([]float32, 81)
	x := blas.Batch{Matrix: blas.Dense(140, 9, rows.Floats())}
	y := x
	y.Matrix = x.T()
	if err := d.GemmBatch(ctx, 1, 1, y, x, 0, blas.Batch{Matrix: blas.Dense(9, 9, out)}, blas.Options{}); err != nil {
		t.Fatal(err)
	}
	within := map[Precision]float64{F16: 2e-4, TF32x3: 3e-6, BF16: 2e-3}[precision]
	if err := close64("product", converted[float64](out), want.Data, within); err != nil {
		t.Error(err)
	}
}
