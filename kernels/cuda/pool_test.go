//go:build linux

package cuda

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"

	"attrib/kernels"
	"attrib/kernels/blas"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/kernelstest"
)

func init() { exactPieces, poisonPieces = true, true }

// pieces has pieces as they are outside of tests.
func pieces(t *testing.T) {
	exactPieces, poisonPieces = false, false
	t.Cleanup(func() { exactPieces, poisonPieces = true, true })
}

func TestSizeClass(t *testing.T) {
	pieces(t)
	seen := map[int64]bool{}
	for n := int64(0); n < 1<<16; n++ {
		c := sizeClass(n)
		if c < max(n, 512) || c%256 != 0 || sizeClass(c) != c || n > 4096 && c > n+n/8 {
			t.Fatalf("%d bytes have class %d", n, c)
		}
		seen[c] = true
	}
	if len(seen) != 8+4*8 {
		t.Errorf("%d classes", len(seen))
	}
	if c := sizeClass(1<<40 + 1); c != 1<<40+1<<37 {
		t.Errorf("class %d", c)
	}
}

// allocations counts those of the fake driver.
func allocations(t *testing.T, path string) int {
	t.Helper()
	n, err := strconv.Atoi(fake.Ask(t, path, "allocations"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The second and later calls allocate nothing, and give the same.
func TestRepeatedCallsAllocateNothing(t *testing.T) {
	t.Run("classes", func(t *testing.T) {
		pieces(t)
		repeatedCalls(t)
	})
	t.Run("exact", repeatedCalls)
}

func repeatedCalls(t *testing.T) {
	s, scan := faultScan(kernels.Cosine)
	want := scanned(t, exactCPU(t), s, scan)
	d := open(t, 80, small, "schedule=3")
	scans := func() { same(t, scanned(t, d, s, scan), want) }
	scans()
	calls(t, d, func() {
		scans()
		smaller := scan // lists of a size of their own
		smaller.K = 3
		scanned(t, d, s, smaller)
	}, scans)
	f := openFamilies(t, 80, Options{TileBytes: 1 << 14}, "schedule=3")
	a, b := randoms(40*9*7, 1), randoms(40*7*5, 2)
	products := func() {
		out := make([]float32, 40*9*5)
		batch := func(rows, cols int, v []float32) blas.Batch {
			return blas.Batch{Matrix: blas.Dense(rows, cols, v), Step: rows * cols}
		}
		if err := f.GemmBatch(context.Background(), 40, 1, batch(9, 7, a), batch(7, 5, b), 0, batch(9, 5, out), blas.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	calls(t, f, products, products)
	gram := func() {
		if _, err := f.Gram(context.Background(), kernels.MatrixSource(gramRows(700, 50, true))); err != nil {
			t.Fatal(err)
		}
	}
	calls(t, f, gram, gram)
}

// calls does one thing, and then allocates nothing for another.
func calls(t *testing.T, d *device, before, after func()) {
	t.Helper()
	path := os.Getenv(driver.LibraryVariable)
	before()
	n := allocations(t, path)
	if n == 0 && d.gpus[0].pool.idleBytes() == 0 {
		t.Error("nothing was allocated")
	}
	for range 3 {
		after()
	}
	if m := allocations(t, path); m != n {
		t.Errorf("%d more allocations", m-n)
	}
}

// What lies idle is freed before a call goes without memory.
func TestIdleMemoryIsGivenBack(t *testing.T) {
	c := exactCPU(t)
	s, scan := faultScan(kernels.InnerProduct)
	d := open(t, 80, Options{TileBytes: 80 * 700}, "memory=2000000")
	d.gpus[0].pool.memory.most = 2000000
	for _, k := range []int{11, 700, 10, 650, 5, 690, 11} {
		scan.K, scan.Worst = k, k
		same(t, scanned(t, d, s, scan), scanned(t, c, s, scan))
	}
	if n := d.Notes(); len(n) != 0 {
		t.Errorf("notes are %q", n)
	}
}

// Memory that another device on the card keeps for its next call is given back too, and counts as free. A device that may use
// little keeps no more.
func TestIdleMemoryOfOtherDevices(t *testing.T) {
	c := exactCPU(t)
	s, scan := faultScan(kernels.InnerProduct)
	d := open(t, 80, Options{TileBytes: 80 * 700}, "memory=2000000")
	lib, err := driver.OpenFile(os.Getenv(driver.LibraryVariable))
	if err != nil {
		t.Fatal(err)
	}
	other, err := newDevice(lib, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.gpus[0].pool.memory.most = 2000000
	w := other.gpus[0].work()
	if err := errors.Join(second(w.alloc(1_950_000)), w.close()); err != nil {
		t.Fatal(err)
	}
	if n := d.gpus[0].pool.idleBytes(); n != 1_950_000 {
		t.Errorf("%d bytes of the card lie idle", n)
	}
	same(t, scanned(t, d, s, scan), scanned(t, c, s, scan))
	if n := d.Notes(); len(n) != 0 {
		t.Errorf("notes are %q", n)
	}
	little, err := newDevice(lib, Options{MemoryLimit: 60_000})
	if err != nil {
		t.Fatal(err)
	}
	defer little.Close()
	if n := little.gpus[0].pool.memory.most; n != 60_000 {
		t.Errorf("%d bytes are kept of a limit of 60000", n)
	}
	before := len(pools.open)
	if err := other.Close(); err != nil || len(pools.open) != before-1 {
		t.Errorf("%v, %d pools after %d", err, len(pools.open), before)
	}
}

// Of what comes back, no more than the share is kept, and what came last.
func TestIdleShare(t *testing.T) {
	path := fake.Start(t, 80, []string{fake.NoKernels}, "memory=40000")
	d := openFile(t, path, Options{})
	g := d.gpus[0]
	sizes := []int64{1000, 2000, 3000, 4000, 5000}
	w := g.work()
	for _, n := range sizes {
		for _, err := range []error{second(w.alloc(n)), second(w.pinned(n))} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if g.pool.idleBytes() != 0 {
		t.Error("what is in use is idle")
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	// Given back from the last to the first: 5000, 4000, 3000, 2000, 1000, of which 10000 are kept.
	if got, most := g.pool.memory.sizes, g.pool.memory.most; most != 10000 || !slices.Equal(got, []int64{4000, 3000, 2000, 1000}) {
		t.Errorf("of a share of %d, %d are kept", most, got)
	}
	if got := g.pool.pinned.sizes; !slices.Equal(got, []int64{4000, 3000, 2000, 1000}) {
		t.Errorf("pinned: %d are kept", got)
	}
	w = g.work()
	m, err := w.alloc(3000)
	if err != nil || m.Bytes() != 3000 || g.pool.idleBytes() != 7000 {
		t.Errorf("%v, %d bytes idle", err, g.pool.idleBytes())
	}
	if err := errors.Join(w.free(m), w.close()); err != nil || m.Pointer() != 0 || g.pool.idleBytes() != 7000 {
		t.Errorf("%v, %d bytes idle after one was freed", err, g.pool.idleBytes())
	}
	if !g.pool.release() || g.pool.release() || g.pool.idleBytes() != 0 {
		t.Error("release")
	}
}

func second[T any](_ T, err error) error { return err }

// What was left of a call is poison, and what it held is closed to it.
func TestPiecesAreClosed(t *testing.T) {
	d := openFile(t, fake.Start(t, 80, []string{fake.NoKernels}), Options{})
	w := d.gpus[0].work()
	s, err := w.stream()
	if err != nil {
		t.Fatal(err)
	}
	m, err := w.alloc(64)
	h, err2 := w.pinned(64)
	if err := errors.Join(err, err2, s.Fill(m, 0, 64, 1), w.close()); err != nil {
		t.Fatal(err)
	}
	if m.Pointer() != 0 || h.Bytes() != nil {
		t.Error("memory of a call that has ended is still there")
	}
	w = d.gpus[0].work()
	s, err = w.stream()
	if err != nil {
		t.Fatal(err)
	}
	if m, err = w.alloc(64); err != nil {
		t.Fatal(err)
	}
	got, err := download[byte](s, m, 64)
	if err != nil || got[0] != poison || got[63] != poison {
		t.Errorf("%x, %v", got, err)
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
}

// Whenever memory is short or the card is lost in a call that finds idle memory, it ends as one that finds none.
func TestFaultsWithIdleMemory(t *testing.T) {
	s, scan := faultScan(kernels.InnerProduct)
	want := scanned(t, exactCPU(t), s, scan)
	filled := func(t *testing.T, setting string) (*device, error) {
		path := fake.Start(t, 80, sources)
		d := openFile(t, path, small)
		other := scan
		other.K, other.Worst = 20, 30
		scanned(t, d, s, other)
		fake.Ask(t, path, setting)
		r, err := d.Scan(context.Background(), s, scan)
		if err == nil {
			same(t, r, want)
		}
		return d, err
	}
	for at := 1; at <= 8; at++ {
		t.Run(fmt.Sprintf("memory %d", at), func(t *testing.T) {
			d, err := filled(t, fmt.Sprintf("oom_once=%d", at))
			if err != nil || len(d.Notes()) != 0 {
				t.Errorf("error %v, notes %q", err, d.Notes())
			}
		})
		t.Run(fmt.Sprintf("lost %d", at), func(t *testing.T) {
			if _, err := filled(t, fmt.Sprintf("lost_launch=%d", 2*at)); !errors.Is(err, driver.ErrDeviceLost) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// Calls at once share a pool and never a piece.
func TestPoolConcurrent(t *testing.T) {
	for schedule := range 3 {
		d := openFile(t, fake.Start(t, 80, sources, "devices=2", fmt.Sprintf("schedule=%d", 2*schedule)), small)
		s, scan := faultScan(kernels.InnerProduct)
		want := scanned(t, exactCPU(t), s, scan)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for range 3 {
					r, err := d.Scan(context.Background(), s, scan)
					if err != nil {
						t.Error(err)
						return
					}
					same(t, r, want)
				}
			})
		}
		wg.Wait()
		d.Close()
	}
}

// Rows that are multiplied in tiles that change, with idle memory.
func TestPoolOfMultiply(t *testing.T) {
	d := open(t, 80, Options{TileBytes: 8000})
	s, q := kernels.MatrixSource(kernelstest.Random(300, 20, 3)), kernelstest.Random(5, 20, 4)
	for range 3 {
		if err := d.Multiply(context.Background(), s, q, kernels.Cosine, func(int64, kernels.Matrix) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

// Streams and events wait for the next call, which makes no others; those of a call that failed go.
func TestSpareStreams(t *testing.T) {
	s, scan := faultScan(kernels.Cosine)
	d := open(t, 80, small, "schedule=3")
	p := d.gpus[0].pool
	want := scanned(t, d, s, scan)
	streams, events := slices.Clone(p.streams), slices.Clone(p.events)
	if len(streams) == 0 || len(events) == 0 {
		t.Fatalf("%d streams and %d events wait", len(streams), len(events))
	}
	for range 3 {
		same(t, scanned(t, d, s, scan), want)
	}
	if len(p.streams) != len(streams) || len(p.events) != len(events) || !slices.Contains(streams, p.streams[0]) || !slices.Contains(events, p.events[0]) {
		t.Errorf("%d streams and %d events after %d and %d", len(p.streams), len(p.events), len(streams), len(events))
	}
	for range spares + 9 {
		e, err := d.gpus[0].ctx.NewEvent(false)
		if err := errors.Join(err, keepSpare(p, &p.events, e)); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.events) != spares {
		t.Errorf("%d events wait", len(p.events))
	}
}
