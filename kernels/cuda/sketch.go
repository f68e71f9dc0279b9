package cuda

import (
	"context"
	"errors"
	"math"
	"slices"

	"attrib/kernels"
)

// sketchQueries is how many queries are scored exactly together: each of them meets the candidates of all.
const sketchQueries = 1024

// ScanSketch finds candidates with products of bytes on tensor cores and scores them as Scan does.
func (d *device) ScanSketch(ctx context.Context, sketch, exact kernels.Source, scan kernels.Scan, o kernels.SketchOptions) (*kernels.Result, error) {
	candidates, err := o.Resolve(sketch, exact, scan)
	if err != nil {
		return nil, err
	}
	if int64(candidates) == exact.Len() { // nothing to leave out
		return d.Scan(ctx, exact, scan)
	}
	if _, err := formFor(d.Precision, scan.Metric, exact.Layout().Type); err != nil { // before the long pass
		return nil, err
	}
	found, err := d.coarse(sketch, scan, candidates).run(ctx)
	if err != nil {
		return nil, err
	}
	all := &kernels.Result{Unit: scan.Unit, SquareUnit: kernels.SquareUnit(scan.Unit, exact.Len())}
	exact = kernels.Flatten(exact)
	for first := 0; first < scan.Queries.Rows; first += sketchQueries {
		if err := d.rescore(ctx, all, exact, scan, found, first, min(first+sketchQueries, scan.Queries.Rows)); err != nil {
			return nil, err
		}
	}
	all.Bytes += sketch.Len() * sketch.Layout().RowBytes()
	all.Ops += 2 * sketch.Len() * int64(scan.Queries.Rows) * int64(scan.Queries.Cols)
	return all, nil
}

// coarse is the pass over the sketch. The queries' own scales are left out: only the order of rows matters.
func (d *device) coarse(sketch kernels.Source, scan kernels.Scan, candidates int) *job {
	if scan.K > 0 {
		scan.K = candidates
	}
	if scan.Worst > 0 {
		scan.Worst = candidates
	}
	j := d.job(&scan, sketch.Len())
	j.source = sketch
	f := mmaForms[Int8]
	q := f.pack(scan.Queries)
	q.scale = nil
	j.input = func(c *card) (input, error) {
		in, err := newFlat(c, f, sketch.Layout(), false, q)
		if err != nil {
			return nil, err
		}
		in.check = sketchScales
		return in, nil
	}
	return j
}

// largestScale is such that a product of bytes, over every width that fits memory, times the scale is finite.
const largestScale = 0x1p70

// sketchScales refuses a row whose coarse scores would not be finite.
func sketchScales(row0 int64, scale []float32) error {
	for i, s := range scale {
		switch x := math.Abs(float64(s)); {
		case math.IsNaN(x) || math.IsInf(x, 0):
			return kernels.NonFinite(row0 + int64(i))
		case x > largestScale:
			return &kernels.RowError{What: "row", Row: row0 + int64(i), Reason: "has a scale too large for a sketch; scale the features down"}
		}
	}
	return nil
}

// rescore scans the candidates' exact rows for queries first ≤ q < last and appends to the result.
func (d *device) rescore(ctx context.Context, all *kernels.Result, exact kernels.Source, scan kernels.Scan, found *kernels.Result, first, last int) error {
	g := &gathered{Source: exact, rows: union(found, scan.Queries.Rows, first, last)}
	some := scan
	some.Queries = scan.Queries.Slice(first, last)
	some.K, some.Worst = min(scan.K, len(g.rows)), min(scan.Worst, len(g.rows))
	if scan.Exclude != nil {
		some.Exclude = g.places(scan.Exclude[first:last])
	}
	r := new(kernels.Result)
	if len(g.rows) > 0 {
		var err error
		if r, err = d.exactly(ctx, g, &some, first); err != nil {
			return err
		}
	}
	all.ID, all.Score = g.list(all.ID, all.Score, r.ID, r.Score, last-first, some.K, scan.K)
	all.WorstID, all.WorstScore = g.list(all.WorstID, all.WorstScore, r.WorstID, r.WorstScore, last-first, some.Worst, scan.Worst)
	all.Bytes += g.Len() * exact.Layout().RowBytes()
	all.Ops += 2 * g.Len() * int64(last-first) * int64(scan.Queries.Cols)
	return nil
}

// exactly is a scan of candidates.
func (d *device) exactly(ctx context.Context, g *gathered, scan *kernels.Scan, firstQuery int) (r *kernels.Result, err error) {
	rows, done, err := g.onCard(d)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	j, err := d.flatJob(rows, scan)
	if err != nil {
		return nil, err
	}
	j.numbers, j.firstQuery = g.rows, firstQuery
	if c, ok := rows.(*cardSource); ok {
		j.held = c.held
	}
	return j.run(ctx)
}

// union is the rows in the lists of queries first ≤ q < last, in rising order.
func union(found *kernels.Result, queries, first, last int) []int64 {
	var rows []int64
	for _, ids := range [][]int64{found.ID, found.WorstID} {
		k := len(ids) / queries
		rows = append(rows, ids[first*k:last*k]...)
	}
	slices.Sort(rows)
	rows = slices.Compact(rows)
	if len(rows) > 0 && rows[0] < 0 { // what pads lists
		rows = rows[1:]
	}
	return rows
}

// gathered is some rows of a flat source, in rising order, as a source of their own: ties are broken as in the whole.
type gathered struct {
	kernels.Source
	rows []int64
}

func (g *gathered) Len() int64 { return int64(len(g.rows)) }

// gatherSlot is a buffer of the tile that sources do not use.
const gatherSlot = 14

// Read reads runs of neighbours at once.
func (g *gathered) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	if err := t.CheckRange(row0, g.Len()); err != nil {
		return err
	}
	want, l := g.rows[row0:row0+int64(t.Rows)], g.Source.Layout()
	bytes := l.Width * l.Type.Size()
	out := kernels.Matrix{Rows: len(want), Cols: l.Width, Stride: l.Width, Type: l.Type}
	out.Data = kernels.Bytes(t.Buffer(gatherSlot, (len(want)*bytes+3)/4))[:len(want)*bytes]
	var inner kernels.Tile
	defer inner.Release()
	for at := 0; at < len(want); {
		n := 1
		for at+n < len(want) && want[at+n] == want[at]+int64(n) {
			n++
		}
		if err := readRows(ctx, g.Source, want[at], n, &inner); err != nil {
			return err
		}
		packRows(out.Data[at*bytes:], int64(bytes), inner.Flat)
		out.Scale = append(out.Scale, inner.Flat.Scale...)
		at += n
	}
	t.Flat = out
	return nil
}

// Fault asks the source itself.
func (g *gathered) Fault(addr uintptr) error {
	if f, ok := g.Source.(kernels.Faulting); ok {
		return f.Fault(addr)
	}
	return nil
}

// places are those of rows that are left out, −1 for one that is not there.
func (g *gathered) places(rows []int64) []int64 {
	out := make([]int64, len(rows))
	for i, row := range rows {
		at, ok := slices.BinarySearch(g.rows, row)
		if out[i] = int64(at); !ok {
			out[i] = -1
		}
	}
	return out
}

// list appends the queries' lists of k rows by their numbers in the whole, padded to want.
func (g *gathered) list(ids []int64, scores []float32, places []int64, s []float32, queries, k, want int) ([]int64, []float32) {
	for q := range queries {
		for j := range want {
			id, score := int64(-1), float32(0)
			if j < k && places[q*k+j] >= 0 {
				id, score = g.rows[places[q*k+j]], s[q*k+j]
			}
			ids, scores = append(ids, id), append(scores, score)
		}
	}
	return ids, scores
}
