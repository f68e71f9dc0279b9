package cuda

import (
	"math"
	"runtime"
	"sync"

	"attrib/internal/half"
	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

const (
	panelQueries = 64 // queries of a panel (simt.cuh)
	panelColumns = 16 // columns are padded to a multiple
)

func roundUp[N int | int64](n, to N) N { return (n + to - 1) / to * to }

// eachRow calls do with every row's number, in several goroutines where there are many numbers: a card waits for its queries.
func eachRow(q kernels.Matrix, do func(i int)) {
	const few = 1 << 16 // numbers that are not worth a goroutine
	parts := min(8, runtime.GOMAXPROCS(0), q.Rows, 1+q.Rows*q.Cols/few)
	var wg sync.WaitGroup
	for p := range parts {
		wg.Go(func() {
			for i := p; i < q.Rows; i += parts {
				do(i)
			}
		})
	}
	wg.Wait()
}

// panels packs queries for the exact kernels: [panel][columns, padded][64].
func panels(q kernels.Matrix) (packed []float32, panelBytes int64) {
	depth := roundUp(q.Cols, panelColumns)
	size := depth * panelQueries
	packed = make([]float32, (q.Rows+panelQueries-1)/panelQueries*size)
	eachRow(q, func(i int) {
		at := i/panelQueries*size + i%panelQueries
		for k, v := range q.Row(i) {
			packed[at+k*panelQueries] = v
		}
	})
	return packed, int64(4 * size)
}

// unitRows is a copy without gaps, scaled to unit length as kernels/cpu does.
func unitRows(q kernels.Matrix) kernels.Matrix {
	out := kernels.F32(q.Rows, q.Cols, make([]float32, q.Rows*q.Cols))
	eachRow(q, func(i int) {
		scale := 0.0
		if norm := math.Sqrt(kernels.SquaredNorm(q.Row(i))); norm > 0 {
			scale = 1 / norm
		}
		for k, v := range q.Row(i) {
			out.Row(i)[k] = float32(float64(v) * scale)
		}
	})
	return out
}

const lineBytes = 128 // of a query that tensor cores take at once (mma.cuh)

// packTyped packs queries for tensor cores: rows of whole lines, rounded to the type, in whole blocks of 64.
func packTyped(kind kernels.DType, q kernels.Matrix) packed {
	p := packed{stride: roundUp(int64(q.Cols)*int64(kind.Size()), lineBytes)}
	p.bytes = kernels.Bytes(make([]uint64, p.stride/8*int64(roundUp(q.Rows, panelQueries))))
	if kind == kernels.TypeI8 {
		p.scale = make([]float32, q.Rows)
	}
	eachRow(q, func(i int) {
		row := p.bytes[p.stride*int64(i) : p.stride*int64(i+1)]
		switch kind {
		case kernels.TypeF32:
			copy(driver.Slice[float32](row), q.Row(i))
		case kernels.TypeBF16:
			convert(row, q.Row(i), half.ToBF16)
		case kernels.TypeF16:
			convert(row, q.Row(i), half.ToF16)
		case kernels.TypeI8:
			p.scale[i] = quantise(driver.Slice[int8](row), q.Row(i))
		}
	})
	return p
}

func convert(dst []byte, v []float32, to func(float32) uint16) {
	out := driver.Slice[uint16](dst)
	for k, x := range v {
		out[k] = to(x)
	}
}

// quantise rounds v to whole multiples of what it returns, max|v|/127, half to even.
func quantise(dst []int8, v []float32) (scale float32) {
	largest := 0.0
	for _, x := range v {
		largest = max(largest, math.Abs(float64(x)))
	}
	if largest == 0 {
		return 0
	}
	for k, x := range v {
		dst[k] = int8(math.RoundToEven(float64(x) / largest * 127))
	}
	return float32(largest / 127)
}
