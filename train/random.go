package train

import (
	"encoding/binary"
	"math"

	"attrib/internal/philox"
	"attrib/train/nn"
)

// orderStream is the first philox stream of the batch orders; the streams below it draw the initial tensors.
const orderStream = 1 << 32

func seedBytes(seed int64) (out [32]byte) {
	copy(out[:], "attrib/train")
	binary.LittleEndian.PutUint64(out[24:], uint64(seed))
	return out
}

// InitialParams draws initial parameters as the specs say: tensor k from philox stream k of the seed.
func InitialParams(specs []Spec, seed int64) Params {
	p := newParams(specs)
	for k, s := range specs {
		fill(p[k].Data, s, philox.New(seedBytes(seed), uint64(k)))
	}
	return p
}

func fill(data []float32, s Spec, stream *philox.Stream) {
	bound := 1 / math.Sqrt(float64(s.FanIn))
	for i := range data {
		switch s.Fill {
		case nn.Uniform:
			data[i] = float32(float64(stream.Float64()*2-1) * bound)
		case nn.Normal:
			data[i] = float32(normal(stream))
		case nn.Ones:
			data[i] = 1
		}
	}
}

// normal draws from the standard normal distribution (Box and Muller, 1958).
func normal(stream *philox.Stream) float64 {
	radius := math.Sqrt(-2 * math.Log(1-stream.Float64()))
	return radius * math.Cos(2*math.Pi*stream.Float64())
}

// EpochOrder is the order in which epoch e (from 0) of a run with that seed visits n samples.
func EpochOrder(seed int64, e, n int) []int {
	order := make([]int, n)
	philox.New(seedBytes(seed), orderStream+uint64(e)).Perm(order)
	return order
}
