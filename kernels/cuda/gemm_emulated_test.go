//go:build linux

package cuda

import (
	"errors"
	"fmt"
	"math"

	"attrib/kernels/blas"
	"attrib/kernels/simd"
)

// vectorPath is the CPU's best path whose sums are fused, if the machine has one.
func vectorPath() (simd.Path, bool) {
	p := simd.Available()
	last := p[len(p)-1]
	return last, last != simd.Generic
}

// gemmCase is a batch of products.
type gemmCase struct {
	count, m, n, k int
	transA, transB bool
	alpha, beta    float32
	bias           bool
}

func (c gemmCase) operand(rows, cols int, trans bool, number uint64) blas.Batch {
	if trans {
		rows, cols = cols, rows
	}
	return blas.Batch{Matrix: blas.Matrix{Rows: rows, Cols: cols, Trans: trans, Data: randoms(c.count*rows*cols, number)}, Step: rows * cols}
}

// gemmWant is what the CPU gives, with operands changed by round.
func gemmWant(c gemmCase, a, b, out blas.Batch, bias []float32, round func(float32) float32) ([]float32, error) {
	x, y := a, b
	x.Data, y.Data = rounded(a.Data, round), rounded(b.Data, round)
	want := out
	want.Data = append([]float32(nil), out.Data...)
	path, _ := vectorPath()
	err := blas.GemmBatch(c.count, c.alpha, x, y, c.beta, want, blas.Options{Path: path, Bias: bias, BiasStep: c.n})
	return want.Data, err
}

func rounded(v []float32, round func(float32) float32) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = round(x)
	}
	return out
}

// gemmOn runs a batch in the emulator. Results are the CPU's of rounded operands, to within bits of the sums of magnitudes,
// or exactly for 0.
func gemmOn(e emulated, name string, c gemmCase, round func(float32) float32, within float64) error {
	a, b, out := c.operand(c.m, c.k, c.transA, 1), c.operand(c.k, c.n, c.transB, 2), c.operand(c.m, c.n, false, 3)
	bias := randoms(c.count*c.n, 4)
	if !c.bias {
		bias = nil
	}
	want, err := gemmWant(c, a, b, out, bias, round)
	if err != nil {
		return err
	}
	x, y, z, w := newMemory(a.Data), newMemory(b.Data), newMemory(out.Data), newMemory(bias)
	args := gemmArgs{A: x.p, B: y.p, C: z.p, StepA: int64(a.Step), StepB: int64(b.Step), StepC: int64(c.m * c.n), StepBias: int64(c.n),
		RowA: int64(a.Cols), ColA: 1, RowB: int64(b.Cols), ColB: 1, RowC: int64(c.n), M: int32(c.m), N: int32(c.n), K: int32(c.k), Count: int32(c.count), Alpha: c.alpha, Beta: c.beta}
	if c.bias {
		args.Bias = w.p
	}
	if c.transA {
		args.RowA, args.ColA = 1, int64(a.Cols)
	}
	if c.transB {
		args.RowB, args.ColB = 1, int64(b.Cols)
	}
	if c.beta == 0 {
		z = poisoned[float32](len(z.v))
		args.C = z.p
	}
	if err := launchGemm(e, name, args); err != nil {
		return err
	}
	for i, v := range z.v {
		if d := math.Abs(float64(v - want[i])); !(d <= within*float64(c.k+2)) {
			return fmt.Errorf("element %d is %v, want %v", i, v, want[i])
		}
	}
	return errors.Join(x.intact(), y.intact(), z.intact())
}

func toBF16(v float32) float32 {
	u := math.Float32bits(v)
	return math.Float32frombits((u + 0x7fff + u>>16&1) &^ 0xffff)
}

func toF16(v float32) float32 { // of numbers around 1
	if a := math.Abs(float64(v)); a < 6.2e-5 {
		return float32(math.RoundToEven(float64(v)*(1<<24)) / (1 << 24))
	}
	u := math.Float32bits(v)
	return math.Float32frombits((u + 0xfff + u>>13&1) &^ 0x1fff)
}

func gemmSuite(e emulated) error {
	plain := func(v float32) float32 { return v }
	exact := 0.0
	if _, ok := vectorPath(); !ok {
		exact = 1e-7
	}
	kernels := []struct {
		name   string
		round  func(float32) float32
		within float64
	}{{"gemm_f32_64", plain, exact}, {"gemm_f32_128", plain, exact}, {"gemm_f16", toF16, 1e-6}, {"gemm_tf32", plain, 4e-7}, {"gemm_bf16", toBF16, 1e-6}}
	if e.arch < 80 {
		kernels = kernels[:3]
	}
	cases := []gemmCase{
		{3, 5, 7, 19, false, false, 1, 0, false}, {2, 65, 63, 33, true, false, 0.5, 1, false}, {2, 17, 66, 40, false, true, 1, 0, true},
		{1, 1, 1, 0, false, false, 1, 0.5, false}, {1, 129, 3, 16, true, true, 2, -0.25, false}, {2, 4, 130, 1, false, false, 1, 0, true},
	}
	for _, k := range kernels {
		for _, c := range cases {
			if err := gemmOn(e, k.name, c, k.round, k.within); err != nil {
				return fmt.Errorf("%s, %+v: %w", k.name, c, err)
			}
		}
	}
	return nil
}
