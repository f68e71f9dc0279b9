package cuda

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"attrib/kernels"
	"attrib/kernels/kernelstest"
)

// A score of tensor cores that is infinite, of either sign, or no number is reported with its row, whichever list is asked for
// and however good the rows before it were; a score of the largest magnitude is none of these.
func TestNonFiniteScores(t *testing.T) {
	const n, w, bad = 300, 16, 250
	for _, c := range []struct {
		arch, queries int
		precision     Precision
	}{{75, 3, F16}, {80, 3, BF16}, {80, 200, F16}, {90, 3, BF16}, {90, 70, BF16}, {75, 1, F16}, {80, 1, F16}} {
		for _, lists := range [][2]int{{1, 0}, {0, 1}, {2, 3}} {
			for _, value := range []float32{3e38, -3e38} {
				t.Run(fmt.Sprintf("sm_%d/%s/%d/%v/%g", c.arch, c.precision, c.queries, lists, value), func(t *testing.T) {
					d := open(t, c.arch, Options{Precision: c.precision, firstRows: 64}, "sms=2")
					q, plain := kernelstest.Random(c.queries, w, 1), kernelstest.Random(n, w, 2)
					for k := range w {
						q.Row(c.queries - 1)[k] = 3
					}
					plain.Row(bad)[5] = value
					if c.queries == 1 { // infinities that cancel
						plain.Row(bad)[6] = -value
					}
					kind := kernels.TypeBF16
					if c.precision == F16 {
						kind = kernels.TypeF32 // 3e38 becomes infinite
					}
					rows, err := kernels.Encode(kind, plain)
					if err != nil {
						t.Fatal(err)
					}
					_, err = d.Scan(context.Background(), kernels.MatrixSource(rows), kernels.Scan{Queries: q, K: lists[0], Worst: lists[1]})
					if !errors.Is(err, kernels.ErrOverflow) || !strings.Contains(err.Error(), fmt.Sprintf("row %d:", bad)) {
						t.Errorf("error %v, want one of row %d", err, bad)
					}
				})
			}
		}
	}
	d := open(t, 80, Options{Precision: BF16})
	most := float32(math.Float32frombits(0x7f7f0000)) // the largest bfloat16
	rows, err := kernels.Encode(kernels.TypeBF16, kernels.F32(2, 1, []float32{most, -most}))
	if err != nil {
		t.Fatal(err)
	}
	r := scanned(t, d, kernels.MatrixSource(rows), kernels.Scan{Queries: kernels.F32(1, 1, []float32{1}), K: 2, Worst: 2})
	if r.ID[0] != 0 || r.Score[0] != most || r.WorstID[0] != 1 || r.WorstScore[0] != -most {
		t.Errorf("%+v", r)
	}
}
