package bench

import (
	"fmt"
	"math"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"attrib/kernels/simd"
	"attrib/train"
)

// together trains the copies of an anchor together and evaluates the queries, models × queries.
func together(t testing.TB, a *Anchor, seed int, weights [][]float32, margin bool, o train.CoalitionOptions) [][]float64 {
	t.Helper()
	var err error
	if o.Initial, err = a.Initial(seed); err != nil {
		t.Fatal(err)
	}
	if o.Order, err = a.Order(seed); err != nil {
		t.Fatal(err)
	}
	net, err := train.NewNetwork(a.Model)
	if err != nil {
		t.Fatal(err)
	}
	out := make([][]float64, len(weights))
	o.Visit = func(run int, p train.Params) (err error) {
		out[run], err = a.Outputs(net, p, margin)
		return err
	}
	if _, err := train.Coalitions(t.Context(), a.Model, a.Data, weights, o); err != nil {
		t.Fatal(err)
	}
	return out
}

// coalitionSet are the weights of count of anchor C's 1,024 coalitions, spread over all of them, and their rows.
func coalitionSet(a *Anchor, count int) (rows []int, weights [][]float32) {
	for k := range count {
		bits := k * 1023 / max(1, count-1)
		rows, weights = append(rows, bits), append(weights, a.Coalition(bits))
	}
	return rows, weights
}

func TestCoalitionsAgreeWithPyTorchOnAnchorC(t *testing.T) {
	a, err := AnchorC()
	if err != nil {
		t.Fatal(err)
	}
	want, err := a.LogProbs(1)
	if err != nil {
		t.Fatal(err)
	}
	rows, weights := coalitionSet(a, 128) // BenchmarkCoalitions holds all 1,024 against the file
	agree(t, "anchor C, coalitions together", together(t, a, 1, weights, false, train.CoalitionOptions{}), rows, want, 1e-4)
}

func TestCoalitionsAgreeWithPyTorchOnAnchorB(t *testing.T) {
	a, err := AnchorB()
	if err != nil {
		t.Fatal(err)
	}
	weights, err := a.Kept("0.5")
	if err != nil {
		t.Fatal(err)
	}
	want, err := a.Margins("0.5", 7)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]int, len(weights))
	for i := range rows {
		rows[i] = i
	}
	agree(t, "anchor B, removed 0.5, together", together(t, a, 7, weights, true, train.CoalitionOptions{}), rows, want, 1e-4)
}

// BenchmarkCoalitions trains the 1,024 coalitions of anchor C and holds them against PyTorch's. GFLOP/s and the part of
// the machine's peak count every sample, those of weight 0 too, as the PyTorch program does that
// testdata/anchors/README.md names; processor seconds say what was used where other programs run as well.
func BenchmarkCoalitions(b *testing.B) {
	a, err := AnchorC()
	if err != nil {
		b.Fatal(err)
	}
	want, err := a.LogProbs(1)
	if err != nil {
		b.Fatal(err)
	}
	rows, weights := coalitionSet(a, 1024)
	for _, copies := range []int{0, 1, 2, 4, 8, 64} {
		b.Run(fmt.Sprintf("1024/%s/copies=%d", simd.Active(), copies), func(b *testing.B) {
			began, used, worst := time.Now(), processorSeconds(), 0.0
			for b.Loop() {
				got := together(b, a, 1, weights, false, train.CoalitionOptions{Copies: copies})
				for i, r := range rows {
					for q, v := range got[i] {
						worst = max(worst, math.Abs(v-float64(want[r*len(got[i])+q])))
					}
				}
			}
			if !(worst <= 1e-4) {
				b.Errorf("largest difference from PyTorch's outputs %.1e", worst)
			}
			rate := anchorWork(a) * float64(len(weights)*b.N) / time.Since(began).Seconds()
			b.ReportMetric((processorSeconds()-used)/float64(b.N), "cpu-s/op")
			b.ReportMetric(rate/1e9, "GFLOP/s")
			b.ReportMetric(100*rate/simd.Peak(simd.Active(), runtime.GOMAXPROCS(0), 50*time.Millisecond), "%peak")
			b.ReportMetric(worst*1e6, "µdifference")
		})
	}
}

// processorSeconds is what this process has used of all processors.
func processorSeconds() float64 {
	s := []metrics.Sample{{Name: "/cpu/classes/user:cpu-seconds"}}
	runtime.GC() // brings the figure up to date
	metrics.Read(s)
	return s[0].Value.Float64()
}

// anchorWork is the number of floating-point operations in the products of one training: three a layer, without the
// gradient of the input.
func anchorWork(a *Anchor) float64 {
	sum := 0
	for i, l := range a.Model.Layers {
		sum += 2 * l.In * l.Out * (2 + min(i, 1))
	}
	return float64(sum) * float64(a.Data.Len()*a.Model.Epochs)
}
