package bench

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"math"

	"attrib/internal/safetensors"
	"attrib/kernels"
	"attrib/train"
)

//go:embed testdata/anchors/*.safetensors
var anchorFiles embed.FS

// Anchor is real data with models that were retrained in PyTorch 2.15: ground truth made by another program, which
// package train must agree with and methods are measured against. testdata/anchors/README.md says what the files hold.
type Anchor struct {
	Name    string
	Data    train.Data // training samples
	Queries train.Data // outputs
	Model   train.Model
	Owner   []uint8 // anchor C: contributor of every sample; nil for B
	tensors map[string]safetensors.Tensor
}

// anchorClasses and the split of the digits, which are permuted already.
const (
	anchorClasses = 10
	anchorTrain   = 1200
	anchorQueries = 100
)

// AnchorB is the anchor of removed samples: 1,200 digits, 100 outputs, 100 retrainings each with 1, 5 and 50 % removed.
func AnchorB() (*Anchor, error) {
	a, images, labels, err := openAnchor("b")
	if err != nil {
		return nil, err
	}
	a.Data = train.Data{X: images.Slice(0, anchorTrain), Y: labels[:anchorTrain]}
	return a, nil
}

// AnchorC is the anchor of contributors: ten contributors, and retrainings of all their 1,024 coalitions.
func AnchorC() (*Anchor, error) {
	a, images, labels, err := openAnchor("c")
	if err != nil {
		return nil, err
	}
	source, err := values[uint16](a, "source")
	if err != nil {
		return nil, err
	}
	label, err := values[uint8](a, "label")
	if err != nil {
		return nil, err
	}
	if a.Owner, err = values[uint8](a, "owner"); err != nil {
		return nil, err
	}
	if len(label) != len(source) || len(a.Owner) != len(source) {
		return nil, errors.New("anchor c: source, label and owner are not of one length")
	}
	x := make([]float32, 0, len(source)*images.Cols)
	y := make([]int32, len(source))
	for i, s := range source {
		if int(s) >= len(labels) {
			return nil, fmt.Errorf("anchor c: sample %d comes from row %d of %d digits", i, s, len(labels))
		}
		x = append(x, images.Row(int(s))...)
		y[i] = int32(label[i])
	}
	a.Data = train.Data{X: kernels.F32(len(source), images.Cols, x), Y: y}
	return a, nil
}

func openAnchor(name string) (*Anchor, kernels.Matrix, []int32, error) {
	a := &Anchor{Name: name, tensors: map[string]safetensors.Tensor{}}
	for _, file := range []string{"digits", name} {
		if err := a.read(file); err != nil {
			return nil, kernels.Matrix{}, nil, fmt.Errorf("anchor %s: %w", file, err)
		}
	}
	pixels, err := values[uint8](a, "images")
	if err != nil {
		return nil, kernels.Matrix{}, nil, err
	}
	classes, err := values[uint8](a, "labels")
	if err != nil {
		return nil, kernels.Matrix{}, nil, err
	}
	x, labels := make([]float32, len(pixels)), make([]int32, len(classes))
	for i, v := range pixels {
		x[i] = float32(v) / 16
	}
	for i, v := range classes {
		labels[i] = int32(v)
	}
	images := kernels.F32(len(labels), len(x)/len(labels), x)
	a.Model = anchorModel()
	a.Queries = train.Data{X: images.Slice(anchorTrain, anchorTrain+anchorQueries), Y: labels[anchorTrain : anchorTrain+anchorQueries]}
	return a, images, labels, nil
}

func (a *Anchor) read(file string) error {
	data, err := anchorFiles.ReadFile("testdata/anchors/" + file + ".safetensors")
	if err != nil {
		return err
	}
	f, err := safetensors.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	for _, info := range f.Tensors {
		if a.tensors[info.Name], err = f.Tensor(info.Name); err != nil {
			return err
		}
	}
	return nil
}

// anchorModel is the recipe of both anchors. The seed is the caller's to ignore: initial parameters and orders are given.
func anchorModel() train.Model {
	return train.Model{
		Schema: train.ModelSchema, Name: "anchor", Input: 64,
		Layers: []train.Layer{
			{Name: "fc1", Type: train.Dense, In: 64, Out: 64, Activation: train.Tanh},
			{Name: "fc2", Type: train.Dense, In: 64, Out: 32, Activation: train.Tanh},
			{Name: "fc3", Type: train.Dense, In: 32, Out: anchorClasses, Activation: train.None},
		},
		Loss: train.CrossEntropy, Init: train.Init{Scheme: train.UniformFanIn},
		Optimizer: train.Optimizer{Name: train.SGD, LearningRate: .05, Momentum: .9, WeightDecay: 1e-3},
		Epochs:    30, Batch: 200,
	}
}

func values[T safetensors.Number](a *Anchor, name string) ([]T, error) {
	t, ok := a.tensors[name]
	if !ok {
		return nil, fmt.Errorf("anchor %s has no tensor %q", a.Name, name)
	}
	return safetensors.Values[T](t)
}

// Initial are the initial parameters of a seed. The file's weights are (in, out), ours PyTorch's (out, in).
func (a *Anchor) Initial(seed int) (train.Params, error) {
	var p train.Params
	for k, l := range a.Model.Layers {
		w, err := values[float32](a, fmt.Sprintf("init.%d.%d", seed, 2*k))
		if err != nil {
			return nil, err
		}
		b, err := values[float32](a, fmt.Sprintf("init.%d.%d", seed, 2*k+1))
		if err != nil {
			return nil, err
		}
		turned := make([]float32, len(w))
		for i := range l.In {
			for o := range l.Out {
				turned[o*l.In+i] = w[i*l.Out+o]
			}
		}
		p = append(p, train.Tensor{Name: l.Name + ".weight", Shape: []int{l.Out, l.In}, Data: turned},
			train.Tensor{Name: l.Name + ".bias", Shape: []int{l.Out}, Data: b})
	}
	return p, nil
}

// Order is the order of the samples in every epoch of a seed's training.
func (a *Anchor) Order(seed int) ([][]int, error) {
	flat, err := values[uint16](a, fmt.Sprintf("order.%d", seed))
	if err != nil {
		return nil, err
	}
	n := a.Data.Len()
	out := make([][]int, len(flat)/n)
	for e := range out {
		out[e] = make([]int, n)
		for i := range out[e] {
			out[e][i] = int(flat[e*n+i])
		}
	}
	return out, nil
}

// Kept are anchor B's sample weights in its 100 retrainings with the part removed: 0 for removed samples, else 1.
func (a *Anchor) Kept(part string) ([][]float32, error) {
	flat, err := values[uint8](a, "keep."+part)
	if err != nil {
		return nil, err
	}
	n := a.Data.Len()
	out := make([][]float32, len(flat)/n)
	for r := range out {
		out[r] = make([]float32, n)
		for i := range out[r] {
			out[r][i] = float32(flat[r*n+i])
		}
	}
	return out, nil
}

// Coalition are anchor C's sample weights when the contributors in the bit set take part.
func (a *Anchor) Coalition(bits int) []float32 {
	w := make([]float32, len(a.Owner))
	for i, c := range a.Owner {
		w[i] = float32(bits >> c & 1)
	}
	return w
}

// Margins are PyTorch's log p/(1−p) of every query after every retraining of anchor B, retrainings × queries.
func (a *Anchor) Margins(part string, seed int) ([]float32, error) {
	return values[float32](a, fmt.Sprintf("margin.%s.%d", part, seed))
}

// LogProbs are PyTorch's log-probabilities of the queries' labels for every coalition of anchor C, 1,024 × queries.
func (a *Anchor) LogProbs(seed int) ([]float32, error) {
	return values[float32](a, fmt.Sprintf("logp.%d", seed))
}

// Outputs evaluates trained parameters on the queries: the margin log p/(1−p), or log p, of each label.
func (a *Anchor) Outputs(net train.Network, p train.Params, margin bool) ([]float64, error) {
	z, err := train.Logits(net, p, a.Queries.X)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(a.Queries.Y))
	for i, label := range a.Queries.Y {
		out[i] = logitGap(z.Row(i), int(label), margin)
	}
	return out, nil
}

// logitGap is z_y − log Σ exp z_j, the sum without j = y for the margin.
func logitGap(z []float32, label int, margin bool) float64 {
	top := math.Inf(-1)
	for j, v := range z {
		if j != label || !margin {
			top = max(top, float64(v))
		}
	}
	sum := 0.0
	for j, v := range z {
		if j != label || !margin {
			sum += math.Exp(float64(v) - top)
		}
	}
	return float64(z[label]) - top - math.Log(sum)
}
