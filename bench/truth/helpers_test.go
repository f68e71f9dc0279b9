package truth

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attrib/kernels"
	"attrib/train"
)

func testModel() train.Model {
	return train.Model{
		Schema: train.ModelSchema, Name: "small", Input: 2,
		Layers: []train.Layer{{Name: "fc", Type: train.Dense, In: 2, Out: 2, Activation: train.None}},
		Loss:   train.CrossEntropy, Init: train.Init{Scheme: train.UniformFanIn, Seed: 1},
		Optimizer: train.Optimizer{Name: train.SGD, LearningRate: .5, Momentum: .9}, Epochs: 3, Batch: 4,
	}
}

var (
	testSamples = []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	testOutputs = []string{"y", "z"}
)

func testData() (data, queries train.Data) {
	x := []float32{.1, .2, .2, .1, .8, .9, .9, .7, .7, .8, .1, .3, .3, .2, .6, .9, .4, .1, .5, .9}
	data = train.Data{X: kernels.F32(10, 2, x), Y: []int32{0, 0, 1, 1, 1, 0, 0, 1, 0, 1}}
	return data, train.Data{X: kernels.F32(2, 2, []float32{.15, .15, .85, .8}), Y: []int32{0, 1}}
}

// planned is a truth to make: two parts of different seeds, 3·3 + 2·1 models.
func planned(t testing.TB) (*Truth, train.Data, train.Data) {
	t.Helper()
	data, queries := testData()
	seed := int64(5)
	tr := New(testModel(), data, queries, testSamples, testOutputs, Margin)
	tr.SubsetSeed = &seed
	for _, c := range []struct {
		m       int
		removed float64
		seeds   []int64
	}{{3, .2, []int64{7, 20, 21}}, {2, .5, []int64{7}}} {
		p, err := Draw(seed, len(testSamples), c.m, c.removed)
		must(t, err)
		p.Seeds = c.seeds
		tr.Parts = append(tr.Parts, p)
	}
	return tr, data, queries
}

func made(t testing.TB, dir string, o MakeOptions) error {
	t.Helper()
	tr, data, queries := planned(t)
	o.Dir = dir
	return Make(t.Context(), tr, data, queries, o)
}

// contents are all files of a folder, by name.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	out := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		must(t, err)
		out[e.Name()] = string(data)
	}
	return out
}

func sameFiles(t testing.TB, when string, got, want map[string]string) {
	t.Helper()
	for name := range got {
		if _, ok := want[name]; !ok && !strings.Contains(name, ".tmp-") {
			t.Errorf("%s: %s is left over", when, name)
		}
	}
	for name, data := range want {
		if got[name] != data {
			t.Errorf("%s: %s is not what an undisturbed run makes", when, name)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t testing.TB, err error, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("error %v, want it to say %q", err, p)
		}
	}
}

func sha(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
