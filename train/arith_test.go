package train

import (
	"math"
	"testing"
)

func TestExp(t *testing.T) {
	for x := -30.0; x < 30; x += 0.00737 {
		if got, want := exp(x), math.Exp(x); math.Abs(got/want-1) > 1e-11 {
			t.Fatalf("exp(%v) = %v, want %v", x, got, want)
		}
	}
	if exp(1000) != math.Inf(1) || exp(-1000) != 0 || !math.IsNaN(exp(math.NaN())) {
		t.Error("exp at its ends")
	}
}
