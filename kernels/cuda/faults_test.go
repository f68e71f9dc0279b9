package cuda

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/kernels/kernelstest"
)

// faultScan is a scan of several tiles that asks for everything.
func faultScan(metric kernels.Metric) (kernels.Source, kernels.Scan) {
	rows := kernelstest.Random(700, 20, 3)
	return kernels.MatrixSource(rows), all(kernelstest.Random(5, 20, 4), 700, metric, 11, 6)
}

// small gives several tiles to each card.
var small = Options{TileBytes: 80 * 90, firstRows: 16}

// Results do not depend on tiles, launches, segments, cards, the order of threads or that of queues.
func TestInvariance(t *testing.T) {
	if !apart(t) {
		return
	}
	c := exactCPU(t)
	for i, o := range []Options{{}, small, {TileBytes: 1}, {TileBytes: 80 * 300, firstRows: 1}, {TileBytes: 80 * 64, segmentRows: 130, firstRows: 50}} {
		for devices := 1; devices <= 3; devices++ {
			for schedule := range 4 {
				if schedule > 0 && o.TileBytes == 1 || testing.Short() && (schedule+devices+i)%3 != 0 {
					continue
				}
				name := fmt.Sprintf("%d/devices=%d/schedule=%d", i, devices, schedule)
				t.Run(name, func(t *testing.T) {
					d := open(t, archList[(i+devices)%3], o, fmt.Sprintf("devices=%d", devices), fmt.Sprintf("schedule=%d", schedule), fmt.Sprintf("order=%d", (i+schedule)%8))
					for metric := range kernels.L2 + 1 {
						s, scan := faultScan(metric)
						same(t, scanned(t, d, s, scan), scanned(t, c, s, scan))
					}
					if d.gpus == nil || len(d.gpus) != devices {
						t.Errorf("%d cards are used", len(d.gpus))
					}
				})
			}
		}
	}
}

// Every order of threads gives the same, on every architecture.
func TestOrders(t *testing.T) {
	c := exactCPU(t)
	for _, arch := range archList {
		for order := range 8 {
			t.Run(fmt.Sprintf("sm_%d/%d", arch, order), func(t *testing.T) {
				d := open(t, arch, Options{firstRows: 60}, fmt.Sprintf("order=%d", order))
				for _, q := range []int{3, 30} {
					rows := kernelstest.Whole(200, 40, 5)
					scan := all(kernelstest.Whole(q, 40, 6), 200, kernels.Cosine, 7, 3)
					same(t, scanned(t, d, kernels.MatrixSource(rows), scan), scanned(t, c, kernels.MatrixSource(rows), scan))
				}
			})
		}
	}
}

// Without memory for a tile, at the start or in the middle, tiles become smaller, and nothing else changes.
func TestOutOfMemory(t *testing.T) {
	c := exactCPU(t)
	s, scan := faultScan(kernels.InnerProduct)
	want := scanned(t, c, s, scan)
	run := func(name string, o Options, settings ...string) {
		t.Run(name, func(t *testing.T) {
			d := open(t, 80, o, settings...)
			same(t, scanned(t, d, s, scan), want)
			if notes := strings.Join(d.Notes(), "\n"); !strings.Contains(notes, "memory was short") || !strings.Contains(notes, "cuda:0") {
				t.Errorf("notes are %q", notes)
			}
		})
	}
	t.Run("limit", func(t *testing.T) { // what is asked for needs no note
		d := open(t, 80, Options{MemoryLimit: 60_000})
		same(t, scanned(t, d, s, scan), want)
		if n := d.Notes(); len(n) != 0 {
			t.Errorf("notes are %q", n)
		}
	})
	for at := 19; at < 24; at++ {
		run(fmt.Sprintf("allocation %d", at), Options{TileBytes: 80 * 200}, fmt.Sprintf("oom_once=%d", at))
	}
	run("little", Options{}, "oom_after=120000")
	for at := 1; at < 26; at++ { // launches that the driver has no memory for
		t.Run(fmt.Sprintf("launch %d", at), func(t *testing.T) {
			d := open(t, 80, small, "refuse_code=2", fmt.Sprintf("refuse_launch=%d", at))
			r, err := d.Scan(context.Background(), s, scan)
			if err != nil {
				if !errors.Is(err, driver.ErrOutOfMemory) || at > 4 { // the first four fill the sums
					t.Fatal(err)
				}
				return
			}
			same(t, r, want)
		})
	}
	for at := 5; at < 26; at++ { // two in a row: also candidates that wait while tiles become smaller
		t.Run(fmt.Sprintf("launches %d and %d", at, at+1), func(t *testing.T) {
			d := open(t, 80, small, "refuse_code=2", "refuse_for=2", fmt.Sprintf("refuse_launch=%d", at))
			r, err := d.Scan(context.Background(), s, scan)
			if errors.Is(err, driver.ErrOutOfMemory) && at >= 22 { // the last candidates have no smaller tiles to wait for
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			same(t, r, want)
		})
	}
	t.Run("none", func(t *testing.T) {
		d := open(t, 80, Options{}, "oom_after=9000")
		if _, err := d.Scan(context.Background(), s, scan); !errors.Is(err, driver.ErrOutOfMemory) || !strings.Contains(err.Error(), "cuda:0") {
			t.Errorf("error %v", err)
		}
	})
}

// A card that is lost ends the scan with an error that names it, whenever that happens.
func TestDeviceLost(t *testing.T) {
	s, scan := faultScan(kernels.Cosine)
	for devices := 1; devices <= 2; devices++ {
		for at := 1; at < 12; at += 3 {
			for _, what := range []string{"lost_launch", "lost_copy"} {
				t.Run(fmt.Sprintf("%d/%s %d", devices, what, at), func(t *testing.T) {
					path := fake.Start(t, 80, sources, fmt.Sprintf("devices=%d", devices), fmt.Sprintf("%s=%d", what, at))
					d := openFile(t, path, small)
					_, err := d.Scan(context.Background(), s, scan)
					if !errors.Is(err, driver.ErrDeviceLost) || !strings.Contains(err.Error(), "cuda:") {
						t.Errorf("error %v", err)
					}
				})
			}
		}
	}
}

// A row that cannot be used is the lowest one, whichever card meets it, also when a query leaves it out.
func TestLowestBadRow(t *testing.T) {
	c := exactCPU(t)
	for devices := 1; devices <= 2; devices++ {
		d := openFile(t, fake.Start(t, 80, sources, fmt.Sprintf("devices=%d", devices)), small)
		for _, bad := range [][]int{{650}, {400, 100}, {5, 6, 7}, {699, 0}, {333, 90, 91}} {
			rows := kernelstest.Random(700, 20, 3)
			for i, row := range bad {
				rows.Row(row)[3] = []float32{float32(i) / 0x1p-149, 3e38}[i%2]
				if i%2 == 0 {
					rows.Row(row)[4] = float32nan()
				}
			}
			_, scan := faultScan(kernels.InnerProduct)
			for i := range scan.Exclude {
				scan.Exclude[i] = int64(bad[0])
			}
			for range 2 {
				_, err := d.Scan(context.Background(), kernels.MatrixSource(rows), scan)
				_, want := c.Scan(context.Background(), kernels.MatrixSource(rows), scan)
				if err == nil || want == nil || err.Error() != want.Error() {
					t.Errorf("%d cards, rows %v: error %v, want %v", devices, bad, err, want)
				}
				scan.Exclude = nil
			}
		}
		d.Close()
	}
}

func float32nan() float32 {
	var zero float32
	return zero / zero
}

// An excluded row whose scores overflow, but which is finite, is no error.
func TestExcludedOverflow(t *testing.T) {
	rows, q := kernelstest.Random(300, 8, 1), kernelstest.Random(4, 8, 2)
	for k := range 8 {
		rows.Row(200)[k] = 3e38
	}
	for i := range 4 {
		for k := range 8 {
			q.Row(i)[k] = 5
		}
	}
	d := open(t, 80, small)
	scan := kernels.Scan{Queries: q, K: 3, Worst: 2, Exclude: []int64{200, 200, 200, 200}}
	same(t, scanned(t, d, kernels.MatrixSource(rows), scan), scanned(t, exactCPU(t), kernels.MatrixSource(rows), scan))
	scan.Exclude[2] = 199
	_, err := d.Scan(context.Background(), kernels.MatrixSource(rows), scan)
	if !errors.Is(err, kernels.ErrOverflow) || !strings.Contains(err.Error(), "query 2, row 200") {
		t.Errorf("error %v", err)
	}
}

// Calls at once do not disturb each other, on two cards.
func TestConcurrent(t *testing.T) {
	d := openFile(t, fake.Start(t, 80, sources, "devices=2"), small)
	s, scan := faultScan(kernels.InnerProduct)
	want := scanned(t, exactCPU(t), s, scan)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			r, err := d.Scan(context.Background(), s, scan)
			if err != nil {
				t.Error(err)
				return
			}
			same(t, r, want)
		})
	}
	wg.Wait()
}

// What New refuses.
func TestNewRefuses(t *testing.T) {
	fake.Start(t, 80, sources, "devices=2")
	for _, c := range []struct {
		o    Options
		is   error
		text string
	}{
		{Options{Devices: []int{0, 0}}, nil, "twice"}, {Options{Devices: []int{-1}}, nil, "negative"}, {Options{TileBytes: -1, MemoryLimit: -2}, nil, "MemoryLimit is -2"},
		{Options{Precision: "double"}, nil, "double"}, {Options{Arch: 70}, nil, "Arch is 70"}, {Options{Devices: []int{2}}, driver.ErrNoDevice, "cuda:2"},
		{Options{Devices: []int{}}, driver.ErrNoDevice, "none"},
	} {
		d, err := New(c.o)
		if err == nil {
			d.Close()
		}
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%+v: error %v, want %q", c.o, err, c.text)
		}
	}
	fake.Ask(t, os.Getenv(driver.LibraryVariable), "cc=80,86")
	if d, err := New(Options{Precision: BF16}); err == nil || !strings.Contains(err.Error(), "different compute capabilities") {
		t.Errorf("%v, error %v", d, err)
	}
	d, err := New(Options{Devices: []int{1}})
	if err != nil {
		t.Fatal(err)
	}
	if i := d.Info(); !strings.Contains(i.Name, "cuda:1") || strings.Contains(i.Name, "cuda:0") {
		t.Errorf("%+v", i)
	}
	d.Close()
}

// What a call holds already is not counted twice: a card takes a scan whose lists fill most of it.
func TestLargeLists(t *testing.T) {
	rows, q := kernelstest.Random(2000, 4, 1), kernelstest.Random(40, 4, 2)
	scan := kernels.Scan{Queries: q, K: 2000}
	d := open(t, 80, Options{TileBytes: 1 << 12}, "memory=3000000") // lists and their spare room are 1.9 MB
	same(t, scanned(t, d, kernels.MatrixSource(rows), scan), scanned(t, exactCPU(t), kernels.MatrixSource(rows), scan))
}

// A card that cannot begin stops the others, which would find out at the end only, and says once what is wrong.
func TestCardThatCannotBegin(t *testing.T) {
	s, scan := faultScan(kernels.InnerProduct)
	d := openFile(t, fake.Start(t, 80, sources, "devices=2", "lost_device=1", "lost_copy=1"), Options{TileBytes: 80, firstRows: 16})
	if _, err := d.gpus[1].work().stream(); err != nil {
		t.Fatal(err)
	}
	_, err := d.Scan(context.Background(), s, scan)
	if !errors.Is(err, driver.ErrDeviceLost) {
		t.Fatalf("error %v", err)
	}
	before := d.launched("scan_merge")
	_, err = d.Scan(context.Background(), s, scan)
	if !errors.Is(err, driver.ErrDeviceLost) || !strings.Contains(err.Error(), "cuda:1") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
	if n := d.launched("scan_merge") - before; n >= 700 {
		t.Errorf("the other card went on for %d of 700 tiles", n)
	}
}

func (d *device) launched(kernel string) (n int64) {
	for _, l := range d.Launches() {
		if l.Kernel == kernel {
			n += l.Count
		}
	}
	return n
}

// Scores that are handed out are the same in smaller tiles, whenever memory is short.
func TestMultiplyOutOfMemory(t *testing.T) {
	s, q := kernels.MatrixSource(kernelstest.Random(300, 20, 3)), kernelstest.Random(5, 20, 4)
	multiply := func(d kernels.Multiplier) ([][]float32, error) {
		out := make([][]float32, q.Rows)
		err := d.Multiply(context.Background(), s, q, kernels.Cosine, func(row0 int64, m kernels.Matrix) error {
			for i := range out {
				if int64(len(out[i])) != row0 {
					t.Errorf("rows from %d on follow %d", row0, len(out[i]))
				}
				out[i] = append(out[i], m.Row(i)...)
			}
			return nil
		})
		return out, err
	}
	want, err := multiply(exactCPU(t).(kernels.Multiplier))
	if err != nil {
		t.Fatal(err)
	}
	run := func(short bool, settings ...string) {
		t.Run(fmt.Sprint(settings), func(t *testing.T) {
			d := open(t, 80, Options{TileBytes: 8000}, settings...)
			got, err := multiply(d)
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if !slices.Equal(got[i], want[i]) {
					t.Errorf("query %d: other scores", i)
				}
			}
			if short != (len(d.Notes()) > 0) {
				t.Errorf("notes are %q", d.Notes())
			}
		})
	}
	run(false)
	for at := 14; at < 20; at++ { // two tiles on either side, room for norms, scores
		run(true, fmt.Sprintf("oom_once=%d", at))
	}
	for at := 1; at < 5; at++ {
		run(true, "refuse_code=2", fmt.Sprintf("refuse_launch=%d", at))
	}
}

// Scores that are handed out end at a row that cannot be used, which is named by its number in the whole.
func TestMultiplyBadRow(t *testing.T) {
	rows, q := kernelstest.Random(300, 20, 3), kernelstest.Random(5, 20, 4)
	rows.Row(270)[3] = float32nan()
	d := open(t, 80, Options{TileBytes: 8000})
	err := d.Multiply(context.Background(), kernels.MatrixSource(rows), q, kernels.InnerProduct, func(row0 int64, m kernels.Matrix) error {
		if row0+int64(m.Cols) > 270 {
			t.Errorf("rows %d … %d are handed out", row0, row0+int64(m.Cols)-1)
		}
		return nil
	})
	var row *kernels.RowError
	if !errors.As(err, &row) || row.Row != 270 {
		t.Errorf("error %v", err)
	}
}
