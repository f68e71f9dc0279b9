package cpu

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"attrib/kernels"
)

// sketchQueries is how many queries are scored exactly together: each of them meets the candidates of all.
const sketchQueries = 16

// sketchTile is the bytes of candidates' rows that are gathered at once: they stay in cache until they are scored.
const sketchTile = 128 << 10

// rescore scans the candidates' exact rows, some queries at a time, on all workers.
func (d *device) rescore(ctx context.Context, exact kernels.Source, scan *kernels.Scan, found *kernels.Result) (*kernels.Result, error) {
	blocks := (scan.Queries.Rows + sketchQueries - 1) / sketchQueries
	results, errs := make([]kernels.Result, blocks), make([]error, blocks)
	one, next := *d, atomic.Int64{}
	exact = kernels.Flatten(exact)
	one.Workers, one.TileBytes = max(1, d.Workers/blocks), min(d.TileBytes, sketchTile)
	var wg sync.WaitGroup
	for range min(d.Workers, blocks) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < blocks; i = int(next.Add(1)) - 1 {
				results[i], errs[i] = one.rescoreSome(ctx, exact, *scan, found, i*sketchQueries)
			}
		})
	}
	wg.Wait()
	all := new(kernels.Result)
	for i, r := range results {
		if errs[i] != nil {
			return nil, errs[i]
		}
		all.ID, all.Score = append(all.ID, r.ID...), append(all.Score, r.Score...)
		all.WorstID, all.WorstScore = append(all.WorstID, r.WorstID...), append(all.WorstScore, r.WorstScore...)
		all.Bytes, all.Ops = all.Bytes+r.Bytes, all.Ops+r.Ops
	}
	return all, nil
}

// rescoreSome does the queries from first on.
func (d *device) rescoreSome(ctx context.Context, exact kernels.Source, scan kernels.Scan, found *kernels.Result, first int) (all kernels.Result, err error) {
	last := min(first+sketchQueries, scan.Queries.Rows)
	g := &gathered{Source: exact, rows: union(found, scan.Queries.Rows, first, last)}
	some := scan
	some.Queries = scan.Queries.Slice(first, last)
	some.K, some.Worst = min(scan.K, len(g.rows)), min(scan.Worst, len(g.rows))
	if scan.Exclude != nil {
		some.Exclude = g.places(scan.Exclude[first:last])
	}
	r, err := d.Scan(ctx, g, some)
	if err != nil {
		return all, d.sketchError(ctx, err, g, some, first)
	}
	all.ID, all.Score = g.list(r.ID, r.Score, some.K, scan.K)
	all.WorstID, all.WorstScore = g.list(r.WorstID, r.WorstScore, some.Worst, scan.Worst)
	all.Bytes, all.Ops = r.Bytes, r.Ops
	return all, nil
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

// gatherSlot is a buffer of the tile that sources and decodeSlot do not use.
const gatherSlot = 14

func (g *gathered) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	if err := t.CheckRange(row0, g.Len()); err != nil {
		return err
	}
	want, l := g.rows[row0:row0+int64(t.Rows)], g.Source.Layout()
	bytes := l.Width * l.Type.Size()
	out := kernels.Matrix{Rows: len(want), Cols: l.Width, Stride: l.Width, Type: l.Type}
	out.Data = kernels.Bytes(t.Buffer(gatherSlot, (len(want)*bytes+3)/4))[:len(want)*bytes]
	var ring [gatherAhead]kernels.Tile
	defer func() {
		for i := range ring {
			ring[i].Release()
		}
	}()
	runs, done := 0, 0
	for at := 0; at < len(want); runs++ {
		to := &ring[runs%gatherAhead]
		if runs >= gatherAhead {
			done += take(&out, done, to)
		}
		n := 1
		for at+n < len(want) && want[at+n] == want[at]+int64(n) {
			n++
		}
		if err := readRows(ctx, g.Source, want[at], n, to); err != nil {
			return err
		}
		fetchBytes(&to.Flat.Data[0], len(to.Flat.Data))
		at += n
	}
	for i := max(0, runs-gatherAhead); i < runs; i++ {
		done += take(&out, done, &ring[i%gatherAhead])
	}
	t.Rows, t.Flat = len(want), out
	return nil
}

// gatherAhead is how many runs of rows are asked for before the first of them is copied: they come from memory together.
const gatherAhead = 8

// take copies a tile's rows to those of out from at on, and says how many.
func take(out *kernels.Matrix, at int, t *kernels.Tile) int {
	size := out.Type.Size()
	bytes := out.Cols * size
	for i := range t.Rows {
		from := i * t.Flat.Stride * size
		copy(out.Data[(at+i)*bytes:(at+i+1)*bytes], t.Flat.Data[from:from+bytes])
	}
	out.Scale = append(out.Scale, t.Flat.Scale...)
	return t.Rows
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

// list is lists of k rows by their numbers in the whole, padded to want.
func (g *gathered) list(places []int64, s []float32, k, want int) (ids []int64, scores []float32) {
	for from := 0; from < len(places); from += k {
		for j := range want {
			id, score := int64(-1), float32(0)
			if j < k && places[from+j] >= 0 {
				id, score = g.rows[places[from+j]], s[from+j]
			}
			ids, scores = append(ids, id), append(scores, score)
		}
	}
	return ids, scores
}

// sketchError names a row by its number in the whole.
func (d *device) sketchError(ctx context.Context, err error, g *gathered, scan kernels.Scan, first int) error {
	var row *kernels.RowError
	if errors.As(err, &row) && row.What == "row" && row.Row < g.Len() {
		return &kernels.RowError{What: row.What, Row: g.rows[row.Row], Reason: row.Reason}
	}
	if !errors.Is(err, kernels.ErrOverflow) {
		return err
	}
	for i, row := range g.rows { // the scores again, one by one, until the one that does not fit
		for q := range scan.Queries.Rows {
			one := kernels.Scan{Queries: scan.Queries.Slice(q, q+1), Metric: scan.Metric, K: 1}
			left := scan.Exclude != nil && scan.Exclude[q] == int64(i)
			if _, err := d.Scan(ctx, &gathered{g.Source, g.rows[i : i+1]}, one); !left && errors.Is(err, kernels.ErrOverflow) {
				return kernels.ScoreOverflow(first+q, row)
			}
		}
	}
	return err
}
