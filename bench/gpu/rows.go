package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"attrib/bench/results"
	"attrib/internal/half"
	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/cuda"
	"attrib/kernels/cuda/driver"
)

const top = 10 // rows that are asked for per query

// rowsOnCard are random rows in the card's memory, as bfloat16 and as bytes of them.
type rowsOnCard struct {
	n, w         int
	bf16, sketch *driver.Memory
	scale        []float32
}

// rows times scans of rows of one width that lie on the card.
func (t *timer) rows(w int) (err error) {
	free, _, err := t.context.MemoryInfo()
	if err != nil {
		return err
	}
	n := t.size(int(min(10_000_000, free/5*3/uint64(3*w))), 700)
	r, err := t.makeRows(n, w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.bf16.Close(), r.sketch.Close()) }()
	for _, q := range []int{1, t.size(64, 5), t.size(1024, 70)} {
		if err := t.scans(r, q); err != nil {
			return err
		}
	}
	return nil
}

// makeRows fills the card with windows of one block of random numbers, each at another place, so that rows differ.
func (t *timer) makeRows(n, w int) (*rowsOnCard, error) {
	elements := n * w
	block := roundUp(min(elements, 32<<20)+1<<12, 32)
	wide, narrow := make([]uint16, block), make([]int8, block)
	random := philox.New([32]byte{9}, uint64(w))
	for i := range wide {
		x := 2*random.Float64() - 1
		wide[i], narrow[i] = half.ToBF16(float32(x)), int8(math.RoundToEven(127*x))
	}
	r := &rowsOnCard{n: n, w: w, scale: make([]float32, n)}
	for i := range r.scale {
		r.scale[i] = 1.0 / 127
	}
	var err error
	if r.bf16, err = t.windows(driver.Bytes(wide), elements, 2); err != nil {
		return nil, err
	}
	if r.sketch, err = t.windows(driver.Bytes(narrow), elements, 1); err != nil {
		return nil, errors.Join(err, r.bf16.Close())
	}
	return r, nil
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// windows is memory of so many elements, filled from a block.
func (t *timer) windows(block []byte, elements, size int) (m *driver.Memory, err error) {
	c := t.context
	from, err := c.Alloc(uint64(len(block)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if m, err = c.Alloc(uint64(elements * size)); err != nil {
		return nil, err
	}
	s, err := c.NewStream()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	err = s.CopyIn(from, 0, block)
	step := len(block) / size / 2 / 16 * 16
	for at, i := 0, 0; at < elements && err == nil; at, i = at+step, i+1 {
		shift := i * 4099 * 16 % step
		err = s.Copy(m, uint64(at*size), from, uint64(shift*size), uint64(min(step, elements-at)*size))
	}
	return m, errors.Join(err, s.Synchronise())
}

// scans times the tensor cores' scan and the one by a sketch, and holds what they find against the exact one.
func (t *timer) scans(r *rowsOnCard, q int) error {
	queries := kernels.F32(q, r.w, uniform(q*r.w, uint64(q)))
	scan := kernels.Scan{Queries: queries, K: min(top, r.n)}
	wide := cuda.CardRows{Address: r.bf16.Pointer(), Rows: int64(r.n), Width: r.w, Type: kernels.TypeBF16}
	narrow := cuda.CardRows{Address: r.sketch.Pointer(), Rows: int64(r.n), Width: r.w, Type: kernels.TypeI8, Scale: r.scale}
	exact, _, err := t.scan(cuda.Options{Devices: []int{0}}, wide, nil, scan, 1)
	if err != nil {
		return err
	}
	p := cuda.BF16
	if t.context.Device().Info().Capability < 80 {
		p = cuda.F16
	}
	sizes := map[string]int64{"q": int64(q), "n": int64(r.n), "w": int64(r.w), "k": int64(scan.K)}
	ops := 2 * float64(q) * float64(r.n) * float64(r.w)
	for _, s := range []struct {
		name   string
		bytes  float64
		o      cuda.Options
		sketch *cuda.CardRows
	}{
		{string(p), 2 * float64(r.n) * float64(r.w), cuda.Options{Precision: p}, nil},
		{"int8", float64(r.n) * float64(r.w), cuda.Options{}, &narrow},
	} {
		s.o.Devices = []int{0}
		found, seconds, err := t.scan(s.o, wide, s.sketch, scan, 0)
		if err != nil {
			return err
		}
		err = t.hand(results.Shape{Name: fmt.Sprintf("q=%d w=%d %s", q, r.w, s.name), Seconds: seconds, Bytes: s.bytes, Ops: ops, Sizes: sizes,
			Work: fmt.Sprintf("the %d best of %d rows of %d bfloat16 on the card, for %d queries", scan.K, r.n, r.w, q), Recall: recall(found, exact, q)})
		if err != nil {
			return err
		}
	}
	return nil
}

// scan times a scan, by a sketch when there is one; once for an untimed one.
func (t *timer) scan(o cuda.Options, rows cuda.CardRows, sketch *cuda.CardRows, scan kernels.Scan, once int) (r *kernels.Result, seconds float64, err error) {
	d, err := cuda.New(o)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	exact, err := cuda.OnCard(d, rows)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, exact.Close()) }()
	work := func() error { r, err = d.Scan(context.Background(), exact, scan); return err }
	if sketch != nil {
		coarse, err := cuda.OnCard(d, *sketch)
		if err != nil {
			return nil, 0, err
		}
		defer func() { err = errors.Join(err, coarse.Close()) }()
		work = func() error {
			r, err = d.ScanSketch(context.Background(), coarse, exact, scan, kernels.SketchOptions{})
			return err
		}
	}
	if once == 1 {
		err = work()
		return r, 0, err
	}
	seconds, err = t.time(work)
	return r, seconds, err
}

// recall is the part of the exact lists that was found.
func recall(found, exact *kernels.Result, q int) float64 {
	k, hits := len(exact.ID)/q, 0
	for i := range q {
		for _, id := range exact.ID[i*k : (i+1)*k] {
			if slices.Contains(found.ID[i*k:(i+1)*k], id) {
				hits++
			}
		}
	}
	return float64(hits) / float64(len(exact.ID))
}

// uniform are random numbers in (−1, 1).
func uniform(n int, stream uint64) []float32 {
	random := philox.New([32]byte{8}, stream)
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(2*random.Float64() - 1)
	}
	return v
}
