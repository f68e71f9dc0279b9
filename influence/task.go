package influence

import (
	"context"
	"fmt"
	"math"

	"attrib/kernels"
	"attrib/train"
)

// Params are the parameters of a model in state_dict order.
type Params = train.Params

// Batch is a run of samples.
type Batch struct {
	X   kernels.Matrix // b×d, F32
	Y   []int32        // b labels
	IDs []int64        // b sample numbers, for errors; nil numbers from 0
}

// ID is the number of row i for people.
func (b Batch) ID(i int) int64 {
	if i < len(b.IDs) {
		return b.IDs[i]
	}
	return int64(i)
}

// Objective is the function of a sample's logits that is differentiated.
type Objective uint8

// The objectives. Loss is minimised by training; the others grow as the model gets better at the sample.
const (
	Loss    Objective = iota // the training loss ℓ
	Margin                   // log p/(1−p), p the probability of the label
	LogProb                  // log p
)

var objectiveNames = [...]string{"loss", "margin", "log-prob"}

// String is the objective's name.
func (o Objective) String() string {
	if int(o) < len(objectiveNames) {
		return objectiveNames[o]
	}
	return fmt.Sprintf("Objective(%d)", uint8(o))
}

// ParseObjective is the inverse of String.
func ParseObjective(name string) (Objective, error) {
	for i, n := range objectiveNames {
		if n == name {
			return Objective(i), nil
		}
	}
	return 0, fmt.Errorf("objective %q is not one of loss, margin, log-prob", name)
}

// Goodness is the sign that turns the objective into a goodness m (larger is better): −1 for Loss, +1 for the others.
func (o Objective) Goodness() float64 {
	if o == Loss {
		return -1
	}
	return 1
}

// Logits evaluates the objective at one sample's logits for a model trained with that loss, and sets grad to its
// gradient with respect to them, in float64. Margin and LogProb need probabilities, hence train.CrossEntropy.
func (o Objective) Logits(loss string, z []float64, label int, grad []float64) (float64, error) {
	if label < 0 || label >= len(z) {
		return 0, fmt.Errorf("label %d is outside the %d classes", label, len(z))
	}
	if o == Loss {
		return train.LossGradient(loss, z, label, grad), nil
	}
	if loss != train.CrossEntropy {
		return 0, fmt.Errorf("objective %v needs the loss %q, the model has %q: use objective %v", o, train.CrossEntropy, loss, Loss)
	}
	if o == Margin {
		return margin(z, label, grad), nil
	}
	value := train.LossGradient(loss, z, label, grad)
	for j := range grad {
		grad[j] = -grad[j]
	}
	return -value, nil
}

// margin is z_y − log Σ_{j≠y} exp z_j, which neither overflows nor loses digits when p is near 0 or 1.
func margin(z []float64, label int, grad []float64) float64 {
	top := math.Inf(-1)
	for j, v := range z {
		if j != label {
			top = max(top, v)
		}
	}
	sum := 0.0
	for j, v := range z {
		grad[j] = 0
		if j != label {
			grad[j] = -math.Exp(v - top)
			sum -= grad[j]
		}
	}
	for j := range grad {
		grad[j] /= sum
	}
	grad[label] = 1
	return z[label] - top - math.Log(sum)
}

// Layer is one layer whose per-sample weight gradient is Dᵀ·A.
type Layer struct {
	Name      string
	In        int // columns of A, the last one of ones when Bias
	Out       int // columns of D
	Positions int // rows of A and D per sample; 1 for a dense layer on one vector a sample
	Bias      bool
}

// Factors are the per-sample signals of a batch of b samples, F32. For layer l, A[l] is (b·Positions)×In and D[l] is
// (b·Positions)×Out: the gradient of sample i's objective with respect to the layer's weight (out×in, PyTorch's
// layout, the bias as its last column) is Σ_t D[i,t]⊗A[i,t].
type Factors struct {
	A, D  []kernels.Matrix
	Value []float32 // b: the objective itself
}

// Task computes per-sample signals of a model. Samples are independent: a sample's signals do not depend on the batch
// it comes in. Implementations are safe for concurrent use.
type Task interface {
	Layers() []Layer
	Signals(context.Context, Params, Batch, Objective) (*Factors, error)
}

// Dims is the layout of a task's factored rows.
func Dims(layers []Layer) []kernels.FactorDims {
	out := make([]kernels.FactorDims, len(layers))
	for i, l := range layers {
		out[i] = kernels.FactorDims{In: l.In, Out: l.Out, Positions: l.Positions}
	}
	return out
}

// Width is the length of a flat gradient row: Σ In·Out over the layers.
func Width(layers []Layer) int {
	n := 0
	for _, l := range layers {
		n += l.In * l.Out
	}
	return n
}
