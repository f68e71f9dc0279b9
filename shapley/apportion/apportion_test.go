package apportion

import (
	"errors"
	"math/big"
	"testing"

	"attrib/internal/philox"
)

func rats(v ...int64) []*big.Rat {
	var r []*big.Rat
	for _, x := range v {
		r = append(r, big.NewRat(x, 1))
	}
	return r
}

func TestDivideByHand(t *testing.T) {
	for _, c := range []struct {
		total uint64
		parts []*big.Rat
		want  []uint64
	}{
		{10, rats(1, 1, 1), []uint64{4, 3, 3}},
		{1, rats(1, 2, 2), []uint64{0, 1, 0}},
		{7, rats(0, 5, 0), []uint64{0, 7, 0}},
		{100, rats(333, 333, 334), []uint64{33, 33, 34}},
		{5, []*big.Rat{big.NewRat(1, 3), big.NewRat(1, 6), big.NewRat(1, 2)}, []uint64{2, 1, 2}},
	} {
		got, err := Divide(c.total, c.parts)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%d by %v: %v, want %v", c.total, c.parts, got, c.want)
				break
			}
		}
	}
}

func TestDivideSumsExactlyAndStaysWithinOne(t *testing.T) {
	for seed := range uint64(50) {
		draw := philox.New([32]byte{7}, seed)
		total := draw.Uint64()
		var parts []*big.Rat
		sum := new(big.Rat)
		for range 1 + draw.Intn(40) {
			p := big.NewRat(int64(draw.Intn(1000)), int64(1+draw.Intn(97)))
			parts = append(parts, p)
			sum.Add(sum, p)
		}
		got, err := Divide(total, parts)
		if sum.Sign() == 0 {
			if !errors.Is(err, ErrNoParts) {
				t.Fatal(err)
			}
			continue
		}
		var have uint64
		for i, g := range got {
			have += g
			want := new(big.Rat).Quo(new(big.Rat).Mul(new(big.Rat).SetInt(new(big.Int).SetUint64(total)), parts[i]), sum)
			d := new(big.Rat).Sub(new(big.Rat).SetInt(new(big.Int).SetUint64(g)), want)
			if d.Abs(d).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("seed %d: part %d is %d, want within one of %s", seed, i, g, want.FloatString(3))
			}
		}
		if have != total {
			t.Fatalf("seed %d: sum %d, want %d", seed, have, total)
		}
	}
}

func TestDivideRefuses(t *testing.T) {
	if _, err := Divide(5, rats(0, 0)); !errors.Is(err, ErrNoParts) {
		t.Error(err)
	}
	if _, err := Divide(5, rats(1, -1)); err == nil {
		t.Error("a negative part was divided")
	}
}
