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
		"future":         {func(m *Model) { m.Schema = "attrib.model/2" }, "from the future"},
		"no layers":      {func(m *Model) { m.Layers = nil }, `"layers" is empty`},
		"twice":          {func(m *Model) { m.Layers[1].Name = "fc1" }, "used twice"},
		"one class":      {func(m *Model) { m.Layers[1].Out = 1 }, "at least 2 classes"},
		"both":           {func(m *Model) { m.Builder = "x" }, "brings its own layers"},
		"seed":           {func(m *Model) { m.Init.Seed = 1 << 53 }, `"init.seed"`},
		"zero wide":      {func(m *Model) { m.Layers[0].Out, m.Layers[1].In = 0, 0 }, `"layers[0].out"`},
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
