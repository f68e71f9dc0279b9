package train

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"attrib/internal/strictjson"
	"attrib/train/nn"
)

// ModelSchema is the schema of model.json.
const ModelSchema = "attrib.model/1"

// Names that model.json may use.
const (
	Dense     = nn.Dense // types of layers
	Conv2d    = nn.Conv2d
	Embedding = nn.Embedding
	LayerNorm = nn.LayerNorm

	None     = nn.None // activations
	Tanh     = nn.Tanh
	ReLU     = nn.ReLU
	GELU     = nn.GELU
	GELUTanh = nn.GELUTanh

	CrossEntropy = nn.CrossEntropy // ℓ = log Σ_j exp z_j − z_label
	SquaredError = nn.SquaredError // ℓ = ½‖z − e_label‖², e_label the label's unit vector

	UniformFanIn = "uniform-fan-in" // PyTorch's defaults: uniform in ±1/√in; embeddings normal; layer norms 1 and 0
)

// Layer is one layer of model.json.
type Layer = nn.Layer

// Model is what model.json says: a network of layers, or the name of a registered gorgonia graph, and how it is
// trained.
type Model struct {
	Schema    string    `json:"schema"`
	Name      string    `json:"name"`
	Builder   string    `json:"builder,omitempty"` // a registered graph; Input and Layers are then left out
	Input     int       `json:"input,omitempty"`   // width of a sample
	Shape     []int     `json:"shape,omitempty"`   // of a sample: channels, height and width of an image, or positions and features
	Layers    []Layer   `json:"layers,omitempty"`
	Loss      string    `json:"loss"`
	Init      Init      `json:"init"`
	Optimizer Optimizer `json:"optimizer"`
	Schedule  *Schedule `json:"schedule,omitempty"`     // of the learning rate. Default: constant
	Clip      *float64  `json:"gradientClip,omitempty"` // refused: see Validate
	Epochs    int       `json:"epochs"`
	Batch     int       `json:"batch"` // samples in a batch; the last of an epoch may be shorter
}

// Init says where initial parameters come from. The seed also fixes the order of the batches.
type Init struct {
	Scheme string `json:"scheme"`
	Seed   int64  `json:"seed"` // 0 ≤ seed < 2⁵³, so that every JSON reader sees the same number
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
		all = append(all, nn.Check(m.Layers, m.Input, m.Shape, m.Loss))
	}
	m.checkTraining(bad)
	return errors.Join(all...)
}

type report func(format string, args ...any)

func (m Model) checkBuilder(bad report) {
	if len(m.Layers) > 0 || m.Input != 0 || m.Shape != nil {
		bad(`field "builder": %q brings its own layers; leave out "layers", "input" and "shape"`, m.Builder)
	}
	if m.Loss != CrossEntropy && m.Loss != SquaredError {
		bad(`field "loss": %q is not supported; use %q or %q`, m.Loss, CrossEntropy, SquaredError)
	}
}

func (m Model) checkTraining(bad report) {
	if m.Init.Scheme != UniformFanIn {
		bad(`field "init.scheme": %q is not supported; use %q`, m.Init.Scheme, UniformFanIn)
	}
	if m.Init.Seed < 0 || m.Init.Seed >= 1<<53 {
		bad(`field "init.seed": %d, want 0 to 2⁵³−1`, m.Init.Seed)
	}
	m.Optimizer.check(bad)
	if m.Schedule != nil {
		m.Schedule.check(m.Optimizer.LearningRate, bad)
	}
	if m.Clip != nil {
		bad(`field "gradientClip": clipping is not supported: through the norm of a batch the effect of a sample depends on all others, and neither replay nor a removal by weight could follow it`)
	}
	if m.Epochs < 1 {
		bad(`field "epochs": %d, want at least 1`, m.Epochs)
	}
	if m.Batch < 1 {
		bad(`field "batch": %d, want at least 1`, m.Batch)
	}
}
