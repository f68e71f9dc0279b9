package train

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"attrib/internal/strictjson"
)

// ModelSchema is the schema of model.json.
const ModelSchema = "attrib.model/1"

// Names that model.json may use.
const (
	Dense = "dense" // type of a layer: y = x·Wᵀ + b

	Tanh = "tanh" // activations
	None = "none"

	CrossEntropy = "softmax-cross-entropy" // ℓ = log Σ_j exp z_j − z_label
	SquaredError = "squared-error"         // ℓ = ½‖z − e_label‖², e_label the label's unit vector

	UniformFanIn = "uniform-fan-in" // initial values uniform in ±1/√in, PyTorch's default for Linear
	SGD          = "sgd"            // v ← μv + (g + wd·θ), θ ← θ − η·v, PyTorch's convention
)

// Model is what model.json says: a network of dense layers, or the name of a registered gorgonia graph, and how it is
// trained.
type Model struct {
	Schema    string    `json:"schema"`
	Name      string    `json:"name"`
	Builder   string    `json:"builder,omitempty"` // a registered graph; Input and Layers are then left out
	Input     int       `json:"input,omitempty"`   // width of a sample
	Layers    []Layer   `json:"layers,omitempty"`
	Loss      string    `json:"loss"`
	Init      Init      `json:"init"`
	Optimizer Optimizer `json:"optimizer"`
	Epochs    int       `json:"epochs"`
	Batch     int       `json:"batch"` // samples in a batch; the last of an epoch may be shorter
}

// Layer is one layer of model.json. Its parameters are "<name>.weight", shape (out, in), and "<name>.bias", (out).
type Layer struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	In         int    `json:"in"`
	Out        int    `json:"out"`
	Activation string `json:"activation"`
}

// Init says where initial parameters come from. The seed also fixes the order of the batches.
type Init struct {
	Scheme string `json:"scheme"`
	Seed   int64  `json:"seed"` // 0 ≤ seed < 2⁵³, so that every JSON reader sees the same number
}

// Optimizer is plain SGD with a constant learning rate.
type Optimizer struct {
	Name         string  `json:"name"`
	LearningRate float64 `json:"learningRate"`
	Momentum     float64 `json:"momentum"`
	WeightDecay  float64 `json:"weightDecay"`
}

// ReadModel reads and validates model.json. The error names the file and every field that is wrong.
func ReadModel(path string) (Model, error) {
	var m Model
	if err := strictjson.ReadFile(path, &m); err != nil {
		return Model{}, err
	}
	if err := m.Validate(); err != nil {
		return Model{}, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Write puts the model at path.
func (m Model) Write(path string) error { return strictjson.WriteFile(path, m) }

// Hash is the SHA-256, in hexadecimal, of the model's compact JSON form.
func (m Model) Hash() string {
	data, err := json.Marshal(m)
	if err != nil {
		panic(err) // only NaN or infinity can fail here, and Validate refuses them
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Classes is the width of the output layer; 0 for a registered graph.
func (m Model) Classes() int {
	if len(m.Layers) == 0 {
		return 0
	}
	return m.Layers[len(m.Layers)-1].Out
}

// Validate reports every problem of the model together, each with the name of its field.
func (m Model) Validate() error {
	var all []error
	bad := func(format string, args ...any) { all = append(all, fmt.Errorf(format, args...)) }
	if err := strictjson.CheckSchema(m.Schema, ModelSchema); err != nil {
		return err // the other fields mean nothing then
	}
	if m.Name == "" {
		bad(`field "name" is empty`)
	}
	if m.Builder != "" {
		m.checkBuilder(bad)
	} else {
		m.checkLayers(bad)
	}
	if m.Loss != CrossEntropy && m.Loss != SquaredError {
		bad(`field "loss": %q is not supported; use %q or %q`, m.Loss, CrossEntropy, SquaredError)
	}
	m.checkTraining(bad)
	return errors.Join(all...)
}

type report func(format string, args ...any)

func (m Model) checkBuilder(bad report) {
	if len(m.Layers) > 0 || m.Input != 0 {
		bad(`field "builder": %q brings its own layers; leave out "layers" and "input"`, m.Builder)
	}
}

func (m Model) checkLayers(bad report) {
	if m.Input < 1 {
		bad(`field "input": %d, want at least 1`, m.Input)
	}
	if len(m.Layers) == 0 {
		bad(`field "layers" is empty; give layers, or the "builder" of a registered graph`)
	}
	seen := map[string]bool{}
	width := m.Input
	for i, l := range m.Layers {
		at := fmt.Sprintf("layers[%d]", i)
		if l.Name == "" || seen[l.Name] {
			bad(`field "%s.name": %q is empty or used twice`, at, l.Name)
		}
		seen[l.Name] = true
		l.check(at, width, i == len(m.Layers)-1, bad)
		width = l.Out
	}
	if n := len(m.Layers); n > 0 && m.Loss == CrossEntropy && m.Layers[n-1].Out < 2 {
		bad(`field "layers[%d].out": %d, %s needs at least 2 classes`, n-1, m.Layers[n-1].Out, CrossEntropy)
	}
}

func (l Layer) check(at string, width int, last bool, bad report) {
	if l.Type != Dense {
		bad(`field "%s.type": layer type %q is not supported; use %q, or register a gorgonia graph`, at, l.Type, Dense)
	}
	if l.In != width {
		bad(`field "%s.in": %d, but %d values come in`, at, l.In, width)
	}
	if l.Out < 1 {
		bad(`field "%s.out": %d, want at least 1`, at, l.Out)
	}
	switch {
	case l.Activation != Tanh && l.Activation != None:
		bad(`field "%s.activation": %q is not supported; use %q or %q`, at, l.Activation, Tanh, None)
	case last && l.Activation != None:
		bad(`field "%s.activation": the last layer gives the logits, want %q`, at, None)
	}
}

func (m Model) checkTraining(bad report) {
	if m.Init.Scheme != UniformFanIn {
		bad(`field "init.scheme": %q is not supported; use %q`, m.Init.Scheme, UniformFanIn)
	}
	if m.Init.Seed < 0 || m.Init.Seed >= 1<<53 {
		bad(`field "init.seed": %d, want 0 to 2⁵³−1`, m.Init.Seed)
	}
	o := m.Optimizer
	if o.Name != SGD {
		bad(`field "optimizer.name": %q is not supported; use %q`, o.Name, SGD)
	}
	if !(o.LearningRate > 0) || math.IsInf(o.LearningRate, 0) {
		bad(`field "optimizer.learningRate": %v, want a positive number`, o.LearningRate)
	}
	if !(o.Momentum >= 0 && o.Momentum < 1) {
		bad(`field "optimizer.momentum": %v, want 0 ≤ momentum < 1`, o.Momentum)
	}
	if !(o.WeightDecay >= 0) || math.IsInf(o.WeightDecay, 0) {
		bad(`field "optimizer.weightDecay": %v, want a number ≥ 0`, o.WeightDecay)
	}
	if m.Epochs < 1 {
		bad(`field "epochs": %d, want at least 1`, m.Epochs)
	}
	if m.Batch < 1 {
		bad(`field "batch": %d, want at least 1`, m.Batch)
	}
}
