package blas

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
)

// counted does products on the CPU and counts them.
type counted struct {
	mu    sync.Mutex
	calls int
	err   error
}

func (d *counted) GemmBatch(_ context.Context, count int, alpha float32, a, b Batch, beta float32, c Batch, o Options) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	if d.err != nil {
		return d.err
	}
	return GemmBatch(count, alpha, a, b, beta, c, o)
}

func square(n int) Batch {
	v := make([]float32, n*n)
	for i := range v {
		v[i] = float32(i%7) - 3
	}
	return Batch{Matrix: Dense(n, n, v)}
}

// The figures of the doc comment: what pays with two cores, and what never does.
func TestOffloadPays(t *testing.T) {
	f := &Offload{Rate: 500e9}
	for _, c := range []struct {
		count, m, n, k int
		pays           bool
	}{{1, 512, 512, 512, false}, {1, 1024, 1024, 1024, false}, {1, 1536, 1536, 1536, true}, {1, 2048, 2048, 2048, true}, {100000, 64, 64, 64, false}, {1, 1, 1 << 24, 1, false}} {
		ops, bytes := batchWork(c.count, Batch{Matrix: Matrix{Rows: c.m, Cols: c.k}, Step: 1}, Batch{Matrix: Matrix{Rows: c.k, Cols: c.n}, Step: 1}, 0, Batch{Matrix: Matrix{Rows: c.m, Cols: c.n}, Step: 1})
		if want := 4 * int64(c.count) * int64(c.m*c.k+c.k*c.n+c.m*c.n); bytes != want || ops != 2*int64(c.count)*int64(c.m*c.n)*int64(c.k) {
			t.Errorf("%+v: %d operations, %d bytes", c, ops, bytes)
		}
		if f.Pays(ops, bytes) != c.pays {
			t.Errorf("%+v pays: %v", c, !c.pays)
		}
	}
	shared, bytes := batchWork(5, square(4), Batch{Matrix: square(4).Matrix, Step: 16}, 1, Batch{Matrix: square(4).Matrix, Step: 16})
	if shared != 5*2*64 || bytes != 64+5*64+2*5*64 {
		t.Errorf("%d operations, %d bytes", shared, bytes)
	}
}

// Products go to one side by their size; both sides are counted, by any number of goroutines.
func TestOffloadSplits(t *testing.T) {
	d := &counted{}
	f := &Offload{Device: d, Rate: 1e9, Call: 1e-9, Link: 1e9, Host: 1e9}
	if err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, n := range []int{3, 100} {
				a, got, want := square(n), square(n), square(n)
				err := errors.Join(f.GemmBatch(t.Context(), 1, 1, a, a, 0, got, Options{}), Gemm(1, a.Matrix, a.Matrix, 0, want.Matrix, Options{}))
				if err != nil {
					t.Error(err)
				}
				for i := range want.Data {
					if got.Data[i] != want.Data[i] {
						t.Errorf("element %d of %d×%d differs", i, n, n)
						break
					}
				}
			}
		})
	}
	wg.Wait()
	cpu, device := f.Done()
	if d.calls != 4 || device.Calls != 4 || device.Ops != 8e6 || device.Bytes != 4*120000 || device.Seconds <= 0 || cpu.Calls != 4 || cpu.Ops != 4*54 || cpu.Seconds != 0 {
		t.Errorf("%d calls, %+v, %+v", d.calls, cpu, device)
	}
}

// An error of the device is told, and nothing takes its place.
func TestOffloadFails(t *testing.T) {
	lost := errors.New("lost")
	f := &Offload{Device: &counted{err: lost}, Rate: 1, Call: 1e-9}
	a, c := square(8), Batch{Matrix: Dense(8, 8, make([]float32, 64))}
	if err := f.GemmBatch(t.Context(), 1, 1, a, a, 0, c, Options{}); !errors.Is(err, lost) || c.Data[0] != 0 {
		t.Errorf("%v, %v", err, c.Data[0])
	}
	bad := &Offload{Rate: math.NaN(), Link: -1, Margin: math.Inf(1)}
	err := bad.Validate()
	for _, word := range []string{"no device", "Rate", "Link", "Margin"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v lacks %s", err, word)
		}
	}
}
