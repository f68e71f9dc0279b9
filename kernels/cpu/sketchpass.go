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
	if s.buffer[worker] == nil {
		s.buffer[worker] = alignedBytes[byte](s.chunk * s.width)
	}
	for lo := 0; lo < rows.Rows; lo += s.chunk {
		part, next := rows.Slice(lo, min(lo+s.chunk, rows.Rows)), rows.Slice(min(lo+s.chunk, rows.Rows-1), rows.Rows)
		s.load(s.buffer[worker], part)
		ahead := &next.Data[0]
		for i, p := range f.packs {
			if err := ctx.Err(); err != nil {
				return err
			}
			s.sums(f, s.wide[worker:], s.buffer[worker], ahead, part.Scale, p.pack, s.coarse[i])
			f.fold(p, row0+int64(lo), part.Rows)
			ahead = &s.buffer[worker][0]
		}
	}
	return nil
}

// load copies rows to where the kernels read them.
func (s *vectorSketch) load(to []byte, rows kernels.Matrix) {
	if rows.Cols >= s.form.vector {
		s.form.biased(&to[0], &rows.Data[0], s.width, rows.Stride, rows.Rows, rows.Cols)
		return
	}
	for i := range rows.Rows {
		for k, v := range rows.Data[i*rows.Stride : i*rows.Stride+rows.Cols] {
			to[i*s.width+k] = v ^ 0x80
		}
	}
}

// sums fills the finder's scores with those of a pack and the rows in buf, one for each scale.
func (s *vectorSketch) sums(f *finder, wide [][]float32, buf []byte, ahead *byte, scale []float32, p *pack, c *sketchPack) {
	scores := f.scratch.scores[:len(scale)*p.lanes]
	if s.width > sketchRun && wide[0] == nil {
		wide[0] = make([]float32, len(f.scratch.scores))
	}
	depth := s.depth(p.lanes)
	b := sketchBlock{stride: s.width, count: len(scale), ahead: ahead, out: (*int32)(unsafe.Pointer(&scores[0])), factor: &scale[0]}
	for k := 0; k < s.width; k += depth {
		run := k / sketchRun
		b.start = &c.start[run*p.lanes]
		b.rows, b.query = &buf[k], &c.values[k*p.lanes]
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
