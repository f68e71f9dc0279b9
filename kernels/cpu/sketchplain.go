package cpu

import (
	"context"
	"unsafe"

	"attrib/kernels"
)

// plainSketch is the pass over the sketch in plain Go.
type plainSketch struct {
	plain
	whole  []int8 // queries × width
	scores [][]float32
}

func newPlainSketch(scan *kernels.Scan, n int64, workers int) *plainSketch {
	s := &plainSketch{plain: plain{scan: scan, n: n, workers: make([]*partial, workers)}, scores: make([][]float32, workers)}
	w := scan.Queries.Cols
	s.whole = make([]int8, scan.Queries.Rows*w)
	for q := range scan.Queries.Rows {
		quantise(s.whole[q*w:(q+1)*w], scan.Queries.Row(q), 127)
	}
	return s
}

func (s *plainSketch) tile(ctx context.Context, worker int, row0 int64, rows kernels.Matrix) error {
	if s.workers[worker] == nil {
		s.workers[worker], s.scores[worker] = newPartial(s.scan, s.n), make([]float32, panelRows)
	}
	bytes := unsafe.Slice((*int8)(unsafe.Pointer(&rows.Data[0])), len(rows.Data))
	for lo := 0; lo < rows.Rows; lo += panelRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		scores := s.scores[worker][:min(panelRows, rows.Rows-lo)]
		for q := range s.scan.Queries.Rows {
			for i := range scores {
				row := bytes[(lo+i)*rows.Stride:][:rows.Cols]
				scores[i] = float32(dotBytes(s.whole[q*rows.Cols:][:rows.Cols], row)) * rows.Scale[lo+i]
			}
			if err := s.workers[worker].fold(q, row0+int64(lo), scores); err != nil {
				return err
			}
		}
	}
	return nil
}

// dotBytes is exact.
func dotBytes(a, b []int8) (total int64) {
	for lo := 0; lo < len(a); lo += sketchRun {
		hi := min(lo+sketchRun, len(a))
		var s0, s1 int32
		x, y := a[lo:hi], b[lo:hi]
		y = y[:len(x)]
		for ; len(x) >= 2; x, y = x[2:], y[2:] {
			s0 += int32(x[0]) * int32(y[0])
			s1 += int32(x[1]) * int32(y[1])
		}
		if len(x) > 0 {
			s0 += int32(x[0]) * int32(y[0])
		}
		total += int64(s0) + int64(s1)
	}
	return total
}
