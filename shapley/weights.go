package shapley

import (
	"errors"
	"math/big"

	"attrib/shapley/apportion"
)

// OutputTotal is what the weights of the outputs sum to.
const OutputTotal = 1 << 30

// ErrNothingEarned says that the outputs earned nothing, so there is nothing to weigh them by.
var ErrNothingEarned = errors.New("the outputs earned nothing: every field \"earned\" is zero")

// OutputWeights is ω: Earned scaled to sum to 2³⁰ exactly, by largest remainder, ties to the earlier row.
func OutputWeights(outputs []Output) ([]int64, error) {
	earned := make([]*big.Rat, len(outputs))
	for i, o := range outputs {
		earned[i] = new(big.Rat).SetInt(o.Earned)
	}
	w, err := apportion.Divide(OutputTotal, earned)
	if errors.Is(err, apportion.ErrNoParts) {
		return nil, ErrNothingEarned
	}
	if err != nil {
		return nil, err
	}
	omega := make([]int64, len(w))
	for i, v := range w {
		omega[i] = int64(v)
	}
	return omega, nil
}
