package cpu

import (
	"context"
	"math/bits"
	"unsafe"

	"attrib/kernels"
)

// vectorSketch is the pass over the sketch with the kernels of a form. Lists and thresholds are those of a scan.
type vectorSketch struct {
	*vectors
	form   *sketchUnit
	coarse []*sketchPack
	width  int // of rows in the kernels' memory
	chunk  int // rows that meet all queries while they are in cache
	buffer [][]byte
	wide   [][]float32 // by worker: sums of runs, for rows wider than sketchRun
}

// sketchCached is the bytes of rows that stay in cache while queries change.
const sketchCached = 384 << 10

func newVectorSketch(form *sketchUnit, scan *kernels.Scan, n int64, workers int) *vectorSketch {
	s := &vectorSketch{form: form, width: padded(scan.Queries.Cols)}
	s.chunk = min(chunkRows, max(24, sketchCached/s.width/24*24))
	s.vectors = &vectors{scan: scan, n: n, workers: make([]*finder, workers)}
	s.measure = measure{unit: form.unit}
	s.measure.packs, s.coarse = newSketchPacks(form, scan.Queries, scan.Exclude)
	s.buffer, s.wide = make([][]byte, workers), make([][]float32, workers)
	return s
}

func (s *vectorSketch) tile(ctx context.Context, worker int, row0 int64, rows kernels.Matrix) error {
	f := s.finder(worker)
	for lo := 0; lo < rows.Rows; lo += s.chunk {
		part := s.load(worker, rows.Slice(lo, min(lo+s.chunk, rows.Rows)))
		ahead := &rows.Data[min(lo+s.chunk, rows.Rows-1)*rows.Stride]
		for i, p := range f.packs {
			if err := ctx.Err(); err != nil {
				return err
			}
			s.sums(f, s.wide[worker:], part, ahead, p.pack, s.coarse[i])
			f.fold(p, row0+int64(lo), part.Rows)
			ahead = &part.Data[0]
		}
	}
	return nil
}

// load gives rows as the kernels read them: where they lie, or, when their width needs padding, copied.
func (s *vectorSketch) load(worker int, rows kernels.Matrix) kernels.Matrix {
	if rows.Cols == s.width {
		return rows
	}
	if s.buffer[worker] == nil {
		s.buffer[worker] = alignedBytes[byte](s.chunk * s.width)
	}
	for i := range rows.Rows {
		copy(s.buffer[worker][i*s.width:], rows.Data[i*rows.Stride:i*rows.Stride+rows.Cols])
	}
	rows.Stride, rows.Data = s.width, s.buffer[worker][:rows.Rows*s.width]
	return rows
}

// sums fills the finder's scores with those of a pack and the rows.
func (s *vectorSketch) sums(f *finder, wide [][]float32, rows kernels.Matrix, ahead *byte, p *pack, c *sketchPack) {
	scores := f.scratch.scores[:rows.Rows*p.lanes]
	if s.width > sketchRun && wide[0] == nil {
		wide[0] = make([]float32, len(f.scratch.scores))
	}
	depth := s.depth(p.lanes)
	b := sketchBlock{stride: rows.Stride, count: rows.Rows, ahead: ahead, out: (*int32)(unsafe.Pointer(&scores[0])), factor: &rows.Scale[0]}
	for k := 0; k < s.width; k += depth {
		run := k / sketchRun
		b.start = &c.start[run*p.lanes]
		b.rows, b.query = &rows.Data[k], &c.values[k*p.lanes]
		end := min(k+depth, s.width)
		b.depth = (end - k) / sketchColumns
		b.resume, b.pause = k%sketchRun != 0, end%sketchRun != 0 && end < s.width
		s.form.dot[p.vectors-1](&b)
		b.ahead = b.rows
		if s.width > sketchRun && !b.pause {
			addRun(wide[0], scores, run == 0)
		}
	}
	if s.width > sketchRun {
		copy(scores, wide[0])
	}
}

// depth is the number of columns of a pack that are done before the rows change: a power of two, so it divides sketchRun.
func (s *vectorSketch) depth(lanes int) int {
	return min(sketchRun, 1<<(bits.Len(uint(s.unit.cached*4/lanes))-1))
}

// addRun adds the scores of a run of columns to those before.
func addRun(to, scores []float32, first bool) {
	for i, v := range scores {
		if first {
			to[i] = 0
		}
		to[i] += v
	}
}
