package kernels

import "context"

// CopyTraining is the training of many weighted copies of one network of dense layers: all begin with the same parameters
// and see the same batches, and each has weights of its own for the samples. The objective of a copy is the weighted mean
// over a batch with a fixed denominator, Σ w_i ℓ_i / (batch length). What becomes of a copy is a function of that copy's
// weights alone.
//
// The definition of the arithmetic is package train's on a CPU with vectors; a device whose Info.Arithmetic is the CPU's
// gives the same bits.
type CopyTraining struct {
	Layers  []CopyLayer
	Size    int      // parameters of a copy
	Loss    CopyLoss // of a sample, from the outputs of the last layer
	Rule    CopyRule
	Steps   []CopyStep // what the rule takes in each step of the run
	Initial []float32  // Size parameters

	X      Matrix  // samples, F32: as wide as the first layer takes
	Y      []int32 // their labels, numbers of outputs of the last layer
	Orders [][]int // samples that each epoch visits, in order
	Batch  int     // samples in a batch; the last of an epoch may be shorter
	Tile   int     // samples of a batch whose gradients are summed at a time; the sums of tiles are added in order

	Weights [][]float32 // of each copy, numbers ≥ 0: one for every sample, or for every owner
	Owner   []int       // owner that a sample belongs to; nil: weights are of samples

	Together int // most copies that a device trains at a time. Default: as many as keep it busy, if it has memory for them
	Deliver  int // most copies that Done is given at a time. Default: 64 MiB of them

	// Done gets copies that are through, by one goroutine at a time and in any order: the first of them, their parameters
	// one behind the other, and for each of them why it is void, or nil. What they point to is Done's until it returns.
	// After an error no later copies are begun, and TrainCopies returns the error of the lowest ones.
	Done func(first int, theta []float32, failed []*CopyFailure) error
}

// CopyLayer is y = φ(x·W + b).
type CopyLayer struct {
	In, Out    int
	Weight     int // where W begins in a copy's parameters, In × Out: element (i, o) is at Weight + i·Out + o
	Bias       int // where b begins, Out numbers; −1 for none
	Activation CopyActivation
}

// CopyActivation is φ.
type CopyActivation uint8

// The activations, as package train/nn has them. The last layer has CopyIdentity.
const (
	CopyIdentity CopyActivation = iota
	CopyTanh
	CopyReLU
	CopyGELU     // z·Φ(z), in float64
	CopyGELUTanh // ½z(1 + tanh(√(2/π)(z + 0.044715z³))), in float64
)

// CopyLoss is the loss of a sample.
type CopyLoss uint8

// The losses.
const (
	CopyCrossEntropy CopyLoss = iota // log Σ_j exp z_j − z_label
	CopySquaredError                 // ½‖z − e_label‖²
)

// CopyRule moves parameters θ against a gradient g.
type CopyRule uint8

// The rules, every operation rounded to float32 in the order of the parentheses. States are 0 at first.
const (
	CopyDescent CopyRule = iota // v ← Momentum·v + (g + Decay·θ), θ ← θ − Rate·v
	CopyAdam                    // g ← g + Decay·θ; m ← m + Fresh·(g − m), s ← Keep·s + Square·(g·g), θ ← θ − Rate·(m / (√s / Root + Epsilon))
	CopyAdamW                   // θ ← θ·Shrink, then as CopyAdam without Decay
)

// States is how many numbers the rule keeps for a parameter.
func (r CopyRule) States() int {
	if r == CopyDescent {
		return 1
	}
	return 2
}

// CopyStep is what a rule takes in one step.
type CopyStep struct {
	Rate, Momentum, Decay, Shrink      float32
	Fresh, Keep, Square, Root, Epsilon float32
}

// CopyFailure says where a copy had the first number that is not finite: a loss before the step's parameters.
type CopyFailure struct {
	Step      int     // of the run, from 0
	Epoch     int     // from 0
	Batch     int     // of the epoch, from 0
	Parameter int     // of the copy, the lowest that was not finite after the step; −1 when it was a loss
	Row       int     // of a loss: the sample's place in the epoch's order, the lowest of the batch
	Loss      float32 // of a loss
}

// CopyTrainer is a Device that trains copies. Everything stays there from the first step of a copy to its last.
type CopyTrainer interface {
	Info() Info
	// TrainCopies ends with the error of Validate, of the device, of ctx, which is heard within a few steps, or of Done.
	TrainCopies(ctx context.Context, t CopyTraining) error
}
