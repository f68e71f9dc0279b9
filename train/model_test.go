package train

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestValidateReportsEverything(t *testing.T) {
	m := mlp()
	m.Name = ""
	m.Layers[0].Type = "lstm"
	m.Layers[1].In = 9
	m.Layers[1].Activation = Tanh
	m.Loss = "hinge"
	m.Init.Scheme = "zeros"
	m.Optimizer = Optimizer{Name: "lion", LearningRate: -1, Momentum: 1, WeightDecay: -2}
	m.Epochs, m.Batch = 0, -1
	err := m.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`field "name"`, `"layers[0].type": layer type "lstm" is not supported`, `"layers[1].in": 9, but 7 values come in`,
		`"layers[1].activation"`, `field "loss": "hinge"`, `"init.scheme"`, `"optimizer.name": "lion"`,
		`"optimizer.learningRate"`, `"optimizer.momentum"`, `"optimizer.weightDecay"`, `"epochs"`, `"batch"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in:\n%v", want, err)
		}
	}
}

func TestValidateRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Model)
		want   string
	}{
		"future":          {func(m *Model) { m.Schema = "attrib.model/2" }, "from the future"},
		"no layers":       {func(m *Model) { m.Layers = nil }, `"layers" is empty`},
		"twice":           {func(m *Model) { m.Layers[1].Name = "fc1" }, "used twice"},
		"one class":       {func(m *Model) { m.Layers[1].Out = 1 }, "at least 2 classes"},
		"both":            {func(m *Model) { m.Builder = "x" }, "brings its own layers"},
		"seed":            {func(m *Model) { m.Init.Seed = 1 << 53 }, `"init.seed"`},
		"zero wide":       {func(m *Model) { m.Layers[0].Out, m.Layers[1].In = 0, 0 }, `"layers[0].out"`},
		"clipping":        {func(m *Model) { m.Clip = new(float64) }, `"gradientClip": clipping is not supported`},
		"warm-up":         {func(m *Model) { m.Schedule = &Schedule{Kind: LinearWarmup} }, `"schedule.warmupSteps": 0, want at least 1`},
		"final rate":      {func(m *Model) { m.Schedule = &Schedule{Kind: Cosine, FinalRate: 1} }, `"schedule.finalRate"`},
		"kind":            {func(m *Model) { m.Schedule = &Schedule{Kind: "step"} }, `"schedule.kind": "step" is not supported`},
		"beta":            {func(m *Model) { m.Optimizer.Beta1 = .9 }, `do not belong to "sgd"`},
		"adam's momentum": {func(m *Model) { m.Optimizer.Name = Adam }, `"optimizer.momentum": 0.9 does not belong to "adam"`},
		"kernel":          {func(m *Model) { m.Layers[0].Kernel = []int{3, 3} }, `"layers[0].kernel" does not belong to a layer of type "dense"`},
		"image":           {func(m *Model) { m.Shape = []int{1, 2, 3} }, `field "shape": [1 2 3]`},
		"no image": {func(m *Model) {
			m.Layers[0] = Layer{Name: "c", Type: Conv2d, In: 1, Out: 7, Kernel: []int{1, 1}, Activation: Tanh}
		}, `"conv2d" takes an image, but 5 values come in`},
		"large kernel":   {func(m *Model) { *m = convolutional(); m.Layers[1].Kernel = []int{5, 1} }, `"layers[1].kernel": [5 1] is larger than the image of 4×3`},
		"late embedding": {func(m *Model) { m.Layers[1].Type = Embedding }, `"layers[1].type": "embedding" takes the samples themselves`},
		"huge":           {func(m *Model) { m.Layers[0].Out, m.Layers[1].In = 1<<29, 1<<29 }, `"layers[0]": with this layer the model has 2.68e+09 parameters`},
		"huge image": {func(m *Model) {
			*m = convolutional()
			m.Input, m.Shape = 1<<24, []int{1, 1 << 12, 1 << 12}
			m.Layers[0].In = 1
			m.Layers[0].Out, m.Layers[1].In = 100, 100
			m.Layers = append(m.Layers[:2], Layer{Name: "fc", Type: Dense, In: 2 * 4095 * 4095, Out: 3, Activation: None})
		}, `"layers[0]": with this layer a sample takes`},
		"many rows":      {func(m *Model) { *m = tokens(); m.Layers = m.Layers[:2]; m.Layers[1].Activation = None }, `the last layer gives 3 positions of 6 values`},
		"odd activation": {func(m *Model) { m.Layers[0].Activation = "mish" }, `"mish" is not supported`},
	} {
		m := mlp()
		c.change(&m)
		if err := m.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestModelFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.json")
	for _, m := range []Model{convolutional(), tokens()} {
		if err := m.Write(path); err != nil {
			t.Fatal(err)
		}
		validate(t, "model.v1.json", must[[]byte](t)(os.ReadFile(path)))
		if back := must[Model](t)(ReadModel(path)); back.Hash() != m.Hash() {
			t.Error("the model read is not the one written")
		}
	}
	m := mlp()
	if err := m.Write(path); err != nil {
		t.Fatal(err)
	}
	validate(t, "model.v1.json", must[[]byte](t)(os.ReadFile(path)))
	back := must[Model](t)(ReadModel(path))
	if back.Hash() != m.Hash() {
		t.Error("the model read is not the one written")
	}
	back.Layers[0].Activation = None
	if back.Hash() == m.Hash() {
		t.Error("another model has the same hash")
	}
	if err := os.WriteFile(path, []byte(`{"schema":"attrib.model/1","dropout":0.5}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadModel(path); err == nil || !strings.Contains(err.Error(), `model.json: unknown field "dropout"`) {
		t.Errorf("unknown field: %v", err)
	}
}

// validate holds JSON against a published schema.
func validate(t *testing.T, schema string, data []byte) {
	t.Helper()
	s := must[*jsonschema.Schema](t)(jsonschema.NewCompiler().Compile(filepath.Join("..", "docs", "schemas", schema)))
	v := must[any](t)(jsonschema.UnmarshalJSON(bytes.NewReader(data)))
	if err := s.Validate(v); err != nil {
		t.Errorf("%s: %v", schema, err)
	}
}
