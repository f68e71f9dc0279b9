package shapley_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"attrib/internal/philox"
	"attrib/internal/testneed"
	"attrib/kernels"
	"attrib/kernels/cuda"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/cuda/fake"
	"attrib/shapley"
)

func openWalker(t *testing.T, settings ...string) kernels.PermutationWalker {
	t.Helper()
	fake.Start(t, 80, []string{"../kernels/cuda/src/walks.cu"}, append([]string{"cc=80"}, settings...)...)
	d, err := cuda.New(cuda.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil && !errors.Is(err, driver.ErrDeviceLost) {
			t.Error(err)
		}
	})
	w, ok := d.(kernels.PermutationWalker)
	if !ok {
		t.Fatal("the device walks no permutations")
	}
	return w
}

// cudaGames are one of each kind.
func cudaGames(t *testing.T) map[string]*shapley.OutputGame {
	t.Helper()
	draw, s := philox.New([32]byte{3}, 1), &shapley.Scores{Scale: -20, Meta: shapley.Meta{Method: "test", Sign: "positive: the sample helped", Unit: "arbitrary"}}
	for i := range 7 {
		s.Players = append(s.Players, fmt.Sprint("p", i))
	}
	for q := range 37 {
		s.Outputs = append(s.Outputs, shapley.Output{ID: fmt.Sprint("q", q), Earned: big.NewInt(int64(1 + draw.Intn(50)))})
		for range s.Players {
			s.Value = append(s.Value, int32(draw.Intn(1<<27)-1<<25)>>draw.Intn(20))
		}
	}
	table, err1 := shapley.Table(500, []shapley.Point{{X: 500, Y: 300}, {X: 2000, Y: 900}, {X: 40000, Y: 1000}})
	log, err2 := shapley.Log1p(shapley.DefaultUnit(s))
	additive, err3 := shapley.NewAdditive(s)
	coverage, err4 := shapley.NewCoverage(s)
	logs, err5 := shapley.NewSaturating(s, log)
	points, err6 := shapley.NewSaturating(s, table)
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		t.Fatal(err)
	}
	return map[string]*shapley.OutputGame{"additive": additive, "coverage": coverage, "log1p": logs, "table": points}
}

// The kernels give the CPU's estimate, bit for bit.
func TestCudaWalksGiveTheSameEstimate(t *testing.T) {
	w := openWalker(t)
	for name, g := range cudaGames(t) {
		for _, b := range []shapley.Budget{{Permutations: 64}, {Permutations: 300, Epsilon: 0.02}} {
			want, err := shapley.Permutations{}.Estimate(context.Background(), g, b, [32]byte{4})
			if err != nil {
				t.Fatal(err)
			}
			b.Walker, b.WalkPairs = w, 13
			got, err := shapley.Permutations{}.Estimate(context.Background(), g, b, [32]byte{4})
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: another estimate, %v", name, err)
			}
		}
	}
}

// The package that decides about money depends on no device.
func TestNoDeviceIsImported(t *testing.T) {
	text, err := exec.Command(testneed.Tool(t, "go"), "list", "-deps", "attrib/shapley", "attrib/policy", "attrib/train").Output()
	if err != nil || !strings.Contains(string(text), "attrib/kernels\n") || strings.Contains(string(text), "attrib/kernels/cuda") {
		t.Errorf("%v\n%s", err, text)
	}
}
