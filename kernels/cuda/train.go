package cuda

import (
	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// What a trainProduct is, as train.cu numbers it.
const (
	trainForward = iota
	trainBack
	trainGradient
)

// trainProductArgs is ProductArgs of train.cu.
type trainProductArgs struct {
	gemmArgs
	Rows, Outputs, Slope driver.Pointer
	Kind, Activation     int32
}

// trainBatchArgs is BatchArgs of train.cu.
type trainBatchArgs struct {
	Order, Weights, Owner, Samples, X, Index, Place, Scale, Rows driver.Pointer
	Width, Input                                                 int64
	Count, First, Capacity, Copies                               int32
	Length                                                       float32
	_                                                            int32
}

// trainLossArgs is LossArgs of train.cu.
type trainLossArgs struct {
	Logits, Seeds, Index, Place, Rows, Labels, Scale, Failed driver.Pointer
	Classes, Capacity, Copies, Kind, Step                    int32
	_                                                        int32
}

// trainColumn is Column of train.cu.
type trainColumn struct {
	Delta   driver.Pointer
	Step    int64
	Row, To int32
}

// trainSumsArgs is SumsArgs of train.cu.
type trainSumsArgs struct {
	Columns, Gradient, Rows driver.Pointer
	Size                    int64
	Count, Copies, Add      int32
	_                       int32
}

// trainMoveArgs is MoveArgs of train.cu.
type trainMoveArgs struct {
	Theta, Gradient, First, Second, Failed driver.Pointer
	Size                                   int64
	kernels.CopyStep
	Rule, Step, Copies int32
}

// trainTile is a kernel for products: rows and columns of a block, threads, bytes of shared memory.
type trainTile struct{ rows, cols, threads, shared int }

var trainTiles = map[string]trainTile{
	"train_product_128x128": {128, 128, 256, 2 * 16 * (128 + 4 + 128 + 4) * 4},
	"train_product_64x64":   {64, 64, 256, 2 * 16 * (64 + 4 + 64 + 4) * 4},
	"train_product_64x32":   {64, 32, 128, 2 * 16 * (64 + 4 + 32 + 4) * 4},
	"train_product_64x16":   {64, 16, 64, 2 * 16 * (64 + 4 + 16 + 4) * 4},
	"train_product_tf32":    {64, 64, 128, 2 * 2 * 16 * (64 + 8) * 4},
	"train_product_bf16":    {64, 64, 128, 2 * 2 * 64 * 20 * 4},
	"train_product_f16":     {64, 64, 128, 2 * 2 * 64 * 20 * 4},
}

// trainProductName is the kernel for products of that shape: one whose tiles are not much wider than they are.
func trainProductName(p Precision, m, n, copies int) string {
	switch p {
	case TF32x3, BF16, F16:
		return map[Precision]string{TF32x3: "train_product_tf32", BF16: "train_product_bf16", F16: "train_product_f16"}[p]
	}
	switch {
	case n <= 16:
		return "train_product_64x16"
	case n <= 32:
		return "train_product_64x32"
	case m > 64 && n > 64 && int(blocks(m, 128)*blocks(n, 128))*copies >= 132:
		return "train_product_128x128"
	}
	return "train_product_64x64"
}

const mostY = 65535 // blocks of a grid along y

func launchTrainProduct(l launcher, name string, a trainProductArgs) error {
	k := trainTiles[name]
	grid := driver.Dim{X: blocks(int(a.M), k.rows) * blocks(int(a.N), k.cols), Y: uint32(min(a.Count, mostY))}
	return l.launch(kernel{"train", name, k.threads, k.shared}, grid, a)
}

func launchTrainBatch(l launcher, a trainBatchArgs) error {
	if err := l.launch(kernel{"train", "train_batch", 256, 0}, driver.Dim{X: uint32(a.Copies)}, a); err != nil {
		return err
	}
	return l.launch(kernel{"train", "train_gather", 256, 0}, driver.Dim{X: blocks(int(a.Count), 32), Y: uint32(min(a.Copies, mostY))}, a)
}

func launchTrainLoss(l launcher, a trainLossArgs) error {
	return l.launch(kernel{"train", "train_loss", 256, 0}, driver.Dim{X: blocks(int(a.Capacity), 16), Y: uint32(min(a.Copies, mostY))}, a)
}

func launchTrainSums(l launcher, a trainSumsArgs) error {
	if a.Count == 0 {
		return nil
	}
	return l.launch(kernel{"train", "train_sums", 128, 0}, driver.Dim{X: blocks(int(a.Count), 128), Y: uint32(min(a.Copies, mostY))}, a)
}

func launchTrainMove(l launcher, a trainMoveArgs) error {
	return l.launch(kernel{"train", "train_move", 256, 0}, driver.Dim{X: blocks(int(a.Size), 256), Y: uint32(min(a.Copies, mostY))}, a)
}

func launchTrainStart(l launcher, theta, initial driver.Pointer, size, copies int) error {
	return l.launch(kernel{"train", "train_start", 256, 0}, driver.Dim{X: blocks(size, 256), Y: uint32(min(copies, mostY))}, theta, initial, int64(size), int32(copies))
}

// failureOf reads a key that train.cu keeps: the step, then of a loss its place in the batch and 0 NaN, 1 +∞ or 2 −∞, or
// the highest bit and a parameter.
func (t *trainRun) failureOf(key uint64) *kernels.CopyFailure {
	if key == ^uint64(0) {
		return nil
	}
	step, what := int(key>>32), uint32(key)
	at := t.steps[step]
	f := &kernels.CopyFailure{Step: step, Epoch: at.epoch, Batch: at.batch, Parameter: -1}
	if what>>31 != 0 {
		f.Parameter = int(what &^ (1 << 31))
		return f
	}
	f.Row = at.batch*t.Batch + int(what>>2)
	f.Loss = [...]float32{nan, inf, -inf, nan}[what&3]
	return f
}
