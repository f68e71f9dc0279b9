package train

import (
	"encoding/binary"
	"math"

	"attrib/internal/philox"
)

// orderStream is the first philox stream of the batch orders; the streams below it draw the initial tensors.
const orderStream = 1 << 32

func seedBytes(seed int64) (out [32]byte) {
	copy(out[:], "attrib/train")
	binary.LittleEndian.PutUint64(out[24:], uint64(seed))
	return out
}

// InitialParams draws initial parameters: tensor k is uniform in ±1/√FanIn from philox stream k of the seed.
func InitialParams(specs []Spec, seed int64) Params {
	p := make(Params, len(specs))
	for k, s := range specs {
		stream := philox.New(seedBytes(seed), uint64(k))
		bound := 1 / math.Sqrt(float64(s.FanIn))
		data := make([]float32, s.size())
		for i := range data {
			data[i] = float32(float64(stream.Float64()*2-1) * bound)
		}
		p[k] = Tensor{s.Name, s.Shape, data}
	}
	return p
}

// EpochOrder is the order in which epoch e (from 0) of a run with that seed visits n samples.
func EpochOrder(seed int64, e, n int) []int {
	order := make([]int, n)
	philox.New(seedBytes(seed), orderStream+uint64(e)).Perm(order)
	return order
}
