package cuda

import (
	"context"
	"fmt"

	"attrib/kernels/blas"
	"attrib/kernels/cuda/driver"
)

// gemmArgs is GemmArgs of gemm.cu.
type gemmArgs struct {
	A, B, C, Bias                 driver.Pointer
	StepA, StepB, StepC, StepBias int64
	RowA, ColA, RowB, ColB, RowC  int64
	M, N, K, Count                int32
	Alpha, Beta                   float32
}

// gemmTiles are the kernels: rows and columns of a block, threads, bytes of shared memory.
var gemmTiles = map[string]struct{ tile, threads, shared int }{
	"gemm_f32_128": {128, 256, 2 * 16 * 2 * (128 + 4) * 4},
	"gemm_f32_64":  {64, 256, 2 * 16 * 2 * (64 + 4) * 4},
	"gemm_tf32":    {64, 128, 2 * 2 * 16 * (64 + 8) * 4},
	"gemm_bf16":    {64, 128, 2 * 2 * 64 * 20 * 4},
	"gemm_f16":     {64, 128, 2 * 2 * 64 * 20 * 4},
}

func launchGemm(l launcher, name string, a gemmArgs) error {
	k := gemmTiles[name]
	grid := driver.Dim{X: blocks(int(a.M), k.tile) * blocks(int(a.N), k.tile), Y: uint32(min(a.Count, 65535))}
	return l.launch(kernel{"gemm", name, k.threads, k.shared}, grid, a)
}

// gemmName is the kernel for a product.
func gemmName(p Precision, m, n, count int) string {
	switch p {
	case TF32x3, BF16, F16:
		return map[Precision]string{TF32x3: "gemm_tf32", BF16: "gemm_bf16", F16: "gemm_f16"}[p]
	}
	if int(blocks(m, 128)*blocks(n, 128))*count >= 132 && m > 64 && n > 64 {
		return "gemm_f32_128"
	}
	return "gemm_f32_64"
}

// GemmBatch is [blas.GemmBatch] on the first card, with the bits of its vector paths where the precision is Exact (or Int8,
// which is for scans). TF32x3 is float32 to about max(2⁻²¹, k·2⁻²⁴)·Σ|aᵢbᵢ|, since tensor cores cut their sums off; BF16 and
// F16 round the operands, and F16 overflows beyond 65,504. Bias and its step are those of o; workers and path are of no matter.
//
// Operands are sent to the card and C comes back: results stay there for nobody (TrainCopies is for networks). Products are
// done a part of the batch at a time where they do not fit.
func (d *device) GemmBatch(ctx context.Context, count int, alpha float32, a, b blas.Batch, beta float32, c blas.Batch, o blas.Options) error {
	if err := blas.CheckBatch(count, alpha, a, b, beta, c, o); err != nil {
		return err
	}
	m, k := a.Dims()
	_, n := b.Dims()
	if count == 0 || m == 0 || n == 0 {
		return nil
	}
	if alpha == 0 {
		k = 0
	}
	if int64(m) > 1<<30 || int64(n) > 1<<30 || int64(k) > 1<<30 {
		return fmt.Errorf("cuda: a product of %d×%d by %d×%d is too large", m, k, k, n)
	}
	g := &gemmWork{device: d, count: count, m: m, n: n, k: k, a: a, b: b, c: c, o: o, alpha: alpha, beta: beta}
	each := int64(m)*int64(k)*4*g.once(a) + int64(k)*int64(n)*4*g.once(b) + int64(m)*int64(n)*4
	return d.smaller(d.gpus[0], "products", max(1, min(int64(count), d.TileBytes/max(1, each))), 1, func(part int64) error {
		return g.parts(ctx, int(part))
	})
}

// gemmWork is a checked batch.
type gemmWork struct {
	*device
	count, m, n, k int
	a, b, c        blas.Batch
	o              blas.Options
	alpha, beta    float32
}

// once is 0 for an operand that all products share.
func (g *gemmWork) once(b blas.Batch) int64 {
	if b.Step == 0 {
		return 0
	}
	return 1
}

// parts does so many products at a time. C is written when all are done, so that a second try begins with what was there.
func (g *gemmWork) parts(ctx context.Context, part int) (err error) {
	out := make([]float32, g.count*g.m*g.n)
	for at := 0; at < g.count; at += part {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(part, g.count-at)
		if err := g.part(at, n, out[at*g.m*g.n:(at+n)*g.m*g.n]); err != nil {
			return err
		}
	}
	for i := range g.count * g.m {
		p, row := i/g.m, i%g.m
		copy(g.c.Data[p*g.c.Step+row*strideOfBatch(g.c):][:g.n], out[i*g.n:])
	}
	return nil
}

func strideOfBatch(b blas.Batch) int {
	if b.Stride == 0 {
		return b.Cols
	}
	return b.Stride
}

// part does products at … at+n−1.
func (g *gemmWork) part(at, n int, out []float32) (err error) {
	w := g.gpus[0].work()
	defer func() { err = first(err, w.close()) }()
	q, err := w.queue()
	if err != nil {
		return err
	}
	x := gemmArgs{M: int32(g.m), N: int32(g.n), K: int32(g.k), Count: int32(n), Alpha: g.alpha, Beta: g.beta, RowC: int64(g.n), StepC: int64(g.m * g.n)}
	left, err1 := g.send(q, g.a, at, n, g.k > 0)
	right, err2 := g.send(q, g.b, at, n, g.k > 0)
	result, err3 := g.send(q, g.c, at, n, g.beta != 0)
	if err := first(err1, err2, err3, g.within(w)); err != nil {
		return err
	}
	x.A, x.B, x.C = left.memory.Pointer(), right.memory.Pointer(), result.memory.Pointer()
	x.StepA, x.RowA, x.ColA = left.step, left.row, left.col
	x.StepB, x.RowB, x.ColB = right.step, right.row, right.col
	if g.o.Bias != nil {
		bias, err := upload(w, q.stream, g.o.Bias[at*g.o.BiasStep:(at+n-1)*g.o.BiasStep+g.n])
		if err != nil {
			return err
		}
		x.Bias, x.StepBias = bias.Pointer(), int64(g.o.BiasStep)
	}
	if err := launchGemm(q, gemmName(g.Precision, g.m, g.n, n), x); err != nil {
		return err
	}
	return q.stream.CopyOut(driver.Bytes(out), result.memory, 0)
}

// sent is an operand on the card: numbers between products, and between rows and columns after transposition.
type sent struct {
	memory         *driver.Memory
	step, row, col int64
}

// send uploads an operand without its gaps, or only makes room for it.
func (g *gemmWork) send(q queue, b blas.Batch, at, n int, read bool) (sent, error) {
	if b.Step == 0 {
		at, n = 0, 1
	}
	size := b.Rows * b.Cols
	m, err := q.alloc(max(16, int64(4*size*n)))
	if err != nil {
		return sent{}, err
	}
	s := sent{m, int64(size) * g.once(b), int64(b.Cols), 1}
	if b.Trans {
		s.row, s.col = s.col, s.row
	}
	if !read || size == 0 {
		return s, nil
	}
	v := make([]float32, 0, size*n)
	for i := range n * b.Rows {
		from := (at+i/b.Rows)*b.Step + i%b.Rows*strideOfBatch(b)
		v = append(v, b.Data[from:from+b.Cols]...)
	}
	return s, q.stream.CopyIn(m, 0, driver.Bytes(v))
}
