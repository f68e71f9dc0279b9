package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"attrib/corpus"
	"attrib/influence"
	"attrib/internal/runfile"
	"attrib/kernels"
	"attrib/store"
)

// ScoreEstimate is what attrib score --estimate prints: what a run would take on this machine as it is now.
type ScoreEstimate struct {
	Schema   string         `json:"schema"`
	Method   string         `json:"method"`
	Outputs  int            `json:"outputs"`
	Samples  int64          `json:"samples"`
	Width    int            `json:"width"`
	Expected runfile.Cost   `json:"expected"`
	Parts    []EstimatePart `json:"parts"`

	tiles, windows int64 // memory of the scan that can be less
}

// EstimatePart is a part of an estimate. The memory of all parts is held at the same time.
type EstimatePart struct {
	Name string `json:"name"`
	runfile.Cost
}

// Sizes of the trials that an estimate is made from.
const (
	trialOps   = 1 << 28 // multiply-adds of a pass
	trialWidth = 1024    // of the rows of a curvature
	trialRows  = 512
	trialBytes = 32 << 20 // hashed
)

// estimateScore tries each part of the work on a little of it. opened is when the command began to read the corpus.
func (o scoreOptions) estimateScore(ctx context.Context, c *corpus.Corpus, h store.Header, device kernels.Device, opened time.Time) (*ScoreEstimate, error) {
	if len(c.Queries) == 0 {
		return nil, kernels.ErrNoQueries
	}
	now, _ := residentMemory()
	e := &ScoreEstimate{Schema: "attrib.score-estimate/1", Method: o.Method, Outputs: len(c.Queries), Samples: h.Rows, Width: h.Layout.Width}
	e.add("program and corpus", runfile.Cost{Seconds: time.Since(opened).Seconds(), Memory: now})
	verify, err := o.estimateVerify(h)
	if err != nil {
		return nil, err
	}
	e.add("verify the store", verify)
	if method, err := influence.ByName(o.Method); err == nil && method.Needs().Curvature {
		cost, err := e.curvature(ctx, device, rowBytesOf(h))
		if err != nil {
			return nil, err
		}
		e.add("curvature", cost)
	}
	players := len(c.Players(corpus.RoleData).Names)
	scan, err := o.estimateScan(ctx, e, device, players)
	if err != nil {
		return nil, err
	}
	e.add("scan", scan)
	return e, nil
}

// estimateOnly is attrib score --estimate.
func estimateOnly(ctx context.Context, e *env, o scoreOptions) (*ScoreEstimate, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	defer lean()()
	opened := time.Now()
	c, err := corpus.Open(o.Corpus)
	if err != nil {
		return nil, err
	}
	h, err := store.ReadHeader(o.Store)
	if err != nil {
		return nil, err
	}
	if err := o.storeFits(c, h); err != nil {
		return nil, err
	}
	if _, err := influence.ByName(o.Method); err != nil && h.Kind == store.KindGradients {
		return nil, usage(err)
	}
	device, err := e.openDevice()
	if err != nil {
		return nil, err
	}
	defer device.Close()
	return o.estimateScore(ctx, c, h, device, opened)
}

// tryEstimate is the estimate of a run that is about to be made, nil when what keeps it from being made will keep the run
// from it too.
func (o scoreOptions) tryEstimate(ctx context.Context, c *corpus.Corpus, device kernels.Device, opened time.Time) *ScoreEstimate {
	h, err := store.ReadHeader(o.Store)
	if err != nil {
		return nil
	}
	e, err := o.estimateScore(ctx, c, h, device, opened)
	if err != nil {
		return nil
	}
	return e
}

func (e *ScoreEstimate) add(name string, c runfile.Cost) {
	e.Parts = append(e.Parts, EstimatePart{name, c})
	t := &e.Expected
	t.Bytes, t.Ops, t.Seconds, t.Memory = t.Bytes+c.Bytes, t.Ops+c.Ops, t.Seconds+c.Seconds, t.Memory+c.Memory
}

// storeBytes is the size of a store's shards.
func storeBytes(dir string, h store.Header) (n int64) {
	for _, s := range h.Shards {
		if st, err := os.Stat(filepath.Join(dir, s.File)); err == nil {
			n += st.Size()
		}
	}
	return n
}

// estimateVerify hashes the beginning of the first shard; all cores share the shards.
func (o scoreOptions) estimateVerify(h store.Header) (runfile.Cost, error) {
	file, err := os.Open(filepath.Join(o.Store, h.Shards[0].File))
	if err != nil {
		return runfile.Cost{}, err
	}
	defer file.Close()
	began := time.Now()
	n, err := io.Copy(sha256.New(), io.LimitReader(file, trialBytes))
	if err != nil {
		return runfile.Cost{}, fmt.Errorf("%s: %w", file.Name(), err)
	}
	rate := float64(n) / time.Since(began).Seconds() * float64(min(len(h.Shards), runtime.GOMAXPROCS(0)))
	total := storeBytes(o.Store, h)
	return runfile.Cost{Bytes: total, Seconds: float64(total) / rate, Memory: h.Rows/4 + 1<<20}, nil
}

// curvature tries a pass over random rows that are not too wide, and a small factor.
func (e *ScoreEstimate) curvature(ctx context.Context, device kernels.Device, rowBytes int64) (runfile.Cost, error) {
	if e.Width > influence.MaxCurvature {
		return runfile.Cost{}, fmt.Errorf("the curvature of %d parameters is too large: influence is for up to %d", e.Width, influence.MaxCurvature)
	}
	w, gram := min(e.Width, trialWidth), 0.
	rows := kernels.MatrixSource(randomRows(trialRows, w))
	for range 2 { // the first pays for memory that a long pass pays for once
		began := time.Now()
		if _, err := device.Gram(ctx, rows); err != nil {
			return runfile.Cost{}, err
		}
		gram = max(gram, float64(gramOps(trialRows, w))/time.Since(began).Seconds())
	}
	pass, factor := gramOps(e.Samples, e.Width), influence.CurvatureOps(e.Width, e.Outputs)
	return runfile.Cost{
		Bytes: e.Samples * rowBytes, Ops: pass, Memory: influence.CurvatureMemory(e.Width),
		Seconds: float64(pass)/gram + float64(factor)/influence.CurvatureRate(),
	}, nil
}

// estimateScan tries a pass over the first rows of the store.
func (o scoreOptions) estimateScan(ctx context.Context, e *ScoreEstimate, device kernels.Device, players int) (runfile.Cost, error) {
	rows, err := store.Peek(o.Store)
	if err != nil {
		return runfile.Cost{}, err
	}
	defer rows.Close()
	n := min(rows.Len(), max(256, trialOps/int64(e.Width)/int64(e.Outputs)))
	scan := kernels.Scan{K: int(min(int64(o.Top), n)), Worst: int(min(int64(o.Top), n))}
	scan.Groups, scan.Group, scan.Reduce = players, make([]int32, n), []kernels.Reduce{kernels.Sum}
	for i := range scan.Group {
		scan.Group[i] = int32(i % players)
	}
	scan.Unit = kernels.UnitFor(1e6*(1+rows.MaxNorm())*float64(e.Width), n)
	source := kernels.Section(rows.Raw(), 0, n)
	began := time.Now()
	r, err := o.trial(ctx, e, device, source, scan)
	if err != nil {
		return runfile.Cost{}, fmt.Errorf("%s: %w", o.Store, err)
	}
	perRow := time.Since(began).Seconds() / float64(n)
	return runfile.Cost{
		Bytes: r.Bytes / n * e.Samples, Ops: r.Ops / n * e.Samples,
		Seconds: perRow * float64(e.Samples), Memory: o.scanMemory(e, rows, device.Info(), players),
	}, nil
}

// trial scans for random outputs, in factors where the run will do so: a base method on factored rows, with the model that gives
// the outputs' factors.
func (o scoreOptions) trial(ctx context.Context, e *ScoreEstimate, device kernels.Device, source kernels.Source, scan kernels.Scan) (*kernels.Result, error) {
	factors := source.Layout().Factors
	f, ok := device.(kernels.FactoredScanner)
	method, err := influence.ByName(o.Method)
	if !ok || len(factors) == 0 || o.Model == "" || err != nil || method.Needs().Curvature {
		scan.Queries = randomRows(e.Outputs, e.Width)
		return device.Scan(ctx, source, scan)
	}
	q := kernels.FactoredQueries{Rows: e.Outputs, Factors: factors}
	for _, l := range factors {
		q.A = append(q.A, randomRows(e.Outputs*l.Positions, l.In))
		q.D = append(q.D, randomRows(e.Outputs*l.Positions, l.Out))
	}
	return f.ScanFactored(ctx, source, q, scan)
}

// scanMemory is a tile and the results for every worker, the mapped windows, the groups of the rows and three copies of
// the outputs' rows.
func (o scoreOptions) scanMemory(e *ScoreEstimate, rows *store.Store, d kernels.Info, players int) int64 {
	q, workers := int64(e.Outputs), int64(max(1, d.Workers))
	results := q * (8*int64(players) + 2*16*int64(o.Top))
	copies := int64(2) // a tile, and what is made of it
	if len(rows.Header().Layout.Layers) > 0 {
		copies = 4 // factors are multiplied out
	}
	e.windows = min(storeBytes(o.Store, rows.Header())*e.Samples/rows.Len(), store.WindowBytes*workers)
	e.tiles = copies * workers * d.TileBytes
	return e.tiles + e.windows + workers*results + 4*e.Samples + 3*4*q*int64(e.Width)
}

// leastTile is the smallest tile that a limit of memory leads to.
const leastTile = 64 << 10

// limit finds tiles and windows with which the run keeps to so many bytes, nil when it does without.
func (e *ScoreEstimate) limit(bytes int64, workers int) (*runfile.Limit, error) {
	fixed := e.Expected.Memory - e.tiles - e.windows
	least := 2 * leastTile * int64(workers)
	room := bytes - fixed
	switch {
	case room < least:
		return nil, fmt.Errorf("%d bytes are too few: with the smallest tiles it takes about %.0f MB (%s)", bytes, float64(fixed+least)/1e6, e.parts())
	case room >= e.tiles+e.windows:
		return nil, nil
	}
	l := &runfile.Limit{Memory: bytes}
	if mapped := room / 2 / store.WindowBytes * store.WindowBytes; mapped >= store.WindowBytes*int64(workers) {
		l.Mapped = mapped
	}
	l.Tile = max(leastTile, min(e.tiles, (room-l.Mapped)/2)/int64(2*workers))
	return l, nil
}

func (e *ScoreEstimate) parts() string {
	var out []string
	for _, p := range e.Parts {
		out = append(out, fmt.Sprintf("%s %.0f MB", p.Name, float64(p.Memory)/1e6))
	}
	return strings.Join(out, ", ")
}

// rowBytesOf is what a row takes where it is scanned: flat rows in the type of the files, factors in single precision.
func rowBytesOf(h store.Header) int64 {
	l := h.Layout.Kernel()
	if len(l.Factors) == 0 {
		l.Type, _ = kernels.ParseDType(h.Layout.Type) // the header was checked
	}
	return l.RowBytes()
}

func randomRows(n, width int) kernels.Matrix {
	v, r := make([]float32, n*width), rand.New(rand.NewPCG(1, 2))
	for i := range v {
		v[i] = r.Float32() - .5
	}
	return kernels.F32(n, width, v)
}

// compare is what run.json says: what was expected and what it took since opened.
func (e *ScoreEstimate) compare(m *meter, storeBytes int64, opened time.Time) *runfile.Estimate {
	_, most := residentMemory()
	took := runfile.Cost{Bytes: storeBytes, Seconds: time.Since(opened).Seconds(), Memory: most}
	for _, k := range m.done {
		took.Bytes, took.Ops = took.Bytes+k.Bytes, took.Ops+k.Ops
	}
	return &runfile.Estimate{Expected: e.Expected, Took: took}
}

func (e *ScoreEstimate) text(w io.Writer) {
	fmt.Fprintf(w, "%s of %d outputs × %d samples of width %d would take about\n", e.Method, e.Outputs, e.Samples, e.Width)
	rows := [][]string{{"", "READ", "OPERATIONS", "TIME", "MEMORY"}}
	for _, p := range append(e.Parts, EstimatePart{"together", e.Expected}) {
		rows = append(rows, []string{p.Name, fmt.Sprintf("%.1f MB", float64(p.Bytes)/1e6), fmt.Sprintf("%.3g", float64(p.Ops)),
			fmt.Sprintf("%.2f s", p.Seconds), fmt.Sprintf("%.0f MB", float64(p.Memory)/1e6)})
	}
	table(w, rows)
	if free := freeMemory(); free > 0 && e.Expected.Memory > free {
		fmt.Fprintf(w, "the machine has %.0f MB of memory free: it may not be enough\n", float64(free)/1e6)
	}
}
