package cuda

import (
	"context"
	"fmt"
	"testing"

	"attrib/kernels"
	"attrib/kernels/kernelstest"
)

// scanOrder is a way to scan on an architecture, with what one order of threads gives held to an oracle elsewhere.
type scanOrder struct {
	name      string
	arch      int
	precision Precision
	run       func(t *testing.T, d *device) []*kernels.Result
}

// scanOrders are all kernels that score, in each of their forms.
func scanOrders() (list []scanOrder) {
	for _, arch := range []int{75, 80} {
		for _, p := range []Precision{Exact, TF32x3, BF16, F16, Int8} {
			if arch < 80 && (p == TF32x3 || p == BF16) {
				continue
			}
			kind := map[Precision]kernels.DType{BF16: kernels.TypeBF16, F16: kernels.TypeF16, Int8: kernels.TypeI8}[p]
			list = append(list, scanOrder{"flat", arch, p, func(t *testing.T, d *device) []*kernels.Result {
				return flatScans(t, d, kind, [][3]int{{5, 200, 40}, {200, 130, 40}})
			}})
			if p != Int8 {
				list = append(list, scanOrder{"factored", arch, p, factoredScans})
			}
		}
		list = append(list, scanOrder{"sketch", arch, Exact, sketchScans})
	}
	return append(list, scanOrder{"wgmma", 90, BF16, func(t *testing.T, d *device) []*kernels.Result {
		return flatScans(t, d, kernels.TypeBF16, [][3]int{{3, 300, 40}, {70, 130, 24}, {130, 130, 580}})
	}})
}

func flatScans(t *testing.T, d *device, kind kernels.DType, shapes [][3]int) (out []*kernels.Result) {
	t.Helper()
	for i, s := range shapes {
		rows, err := kernels.Encode(kind, kernelstest.Random(s[1], s[2], 2))
		if err != nil {
			t.Fatal(err)
		}
		for _, metric := range []kernels.Metric{kernels.Metric(i % 2), kernels.L2} {
			if metric == kernels.L2 && d.Precision != Exact {
				continue // the exact kernel
			}
			scan := all(kernelstest.Random(s[0], s[2], 1), s[1], metric, 7, 3)
			scan.Unit = -20
			out = append(out, scanned(t, d, kernels.MatrixSource(rows), scan))
		}
	}
	return out
}

func factoredScans(t *testing.T, d *device) (out []*kernels.Result) {
	t.Helper()
	rows := factoredOf(90, 20)
	queries := []int{3, 20} // narrow blocks and wide ones
	if d.Precision != Exact {
		queries = []int{20}
	}
	for _, q := range queries {
		r, err := d.ScanFactored(context.Background(), rows.Source(), factoredOf(q, 1), kernels.Scan{Metric: kernels.Cosine, K: 9})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func sketchScans(t *testing.T, d *device) []*kernels.Result {
	t.Helper()
	rows := kernelstest.Random(300, 32, 1)
	sketch, err := kernels.Encode(kernels.TypeI8, rows)
	if err != nil {
		t.Fatal(err)
	}
	var r *kernels.Result
	err = placing{d, 16}.put(kernels.MatrixSource(rows), func(exact kernels.Source) error { // gathered on the card
		r, err = d.ScanSketch(context.Background(), kernels.MatrixSource(sketch), exact, kernels.Scan{Queries: kernelstest.Random(5, 32, 2), K: 7}, kernels.SketchOptions{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return []*kernels.Result{r}
}

// Every kernel that scores gives the same in all eight orders of threads and blocks.
func TestScansInEveryOrder(t *testing.T) {
	if !apart(t) {
		return
	}
	for _, c := range scanOrders() {
		t.Run(fmt.Sprintf("%s/sm_%d/%s", c.name, c.arch, c.precision), func(t *testing.T) {
			var want []*kernels.Result
			for order := range 8 {
				if testing.Short() && order > 1 {
					break
				}
				t.Run(fmt.Sprint("order ", order), func(t *testing.T) {
					got := c.run(t, open(t, c.arch, Options{Precision: c.precision, firstRows: 60}, "sms=1", fmt.Sprintf("order=%d", order), fmt.Sprintf("schedule=%d", order)))
					if order == 0 {
						want = got
						checkSomething(t, got)
					}
					for i := range got {
						same(t, got[i], want[i])
					}
				})
			}
		})
	}
}

// checkSomething: results that all orders agree on are lists of scores in falling order, and not of zeros.
func checkSomething(t *testing.T, results []*kernels.Result) {
	t.Helper()
	if len(results) == 0 {
		t.Fatal("nothing was scanned")
	}
	for _, r := range results {
		if len(r.ID) == 0 || r.ID[0] < 0 || r.ID[0] == r.ID[1] || r.Score[0] == 0 || r.Score[0] < r.Score[1] {
			t.Errorf("rows %v with scores %v", r.ID[:min(3, len(r.ID))], r.Score[:min(3, len(r.Score))])
		}
	}
}
