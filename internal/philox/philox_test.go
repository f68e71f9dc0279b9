package philox

import "testing"

// Known answers from the authors' Random123 distribution (kat_vectors, philox4x32 10).
func TestKnownAnswers(t *testing.T) {
	f := uint32(0xffffffff)
	for _, c := range []struct {
		ctr  [4]uint32
		key  [2]uint32
		want [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{f, f, f, f}, [2]uint32{f, f}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := Block(c.ctr, c.key); got != c.want {
			t.Errorf("Block(%x, %x) = %x, want %x", c.ctr, c.key, got, c.want)
		}
	}
}

func TestIntnIsUniform(t *testing.T) {
	s := New([32]byte{1}, 0)
	var count [7]int
	const draws = 70000
	for range draws {
		count[s.Intn(7)]++
	}
	chi := 0.0
	for _, c := range count {
		d := float64(c) - draws/7.0
		chi += d * d / (draws / 7.0)
	}
	if chi > 22.5 { // 0.1 % point of chi-squared with 6 degrees of freedom
		t.Errorf("chi-squared %.1f: %v", chi, count)
	}
}

func TestPermsAreUniform(t *testing.T) {
	count := map[[4]int]int{}
	s := New([32]byte{9}, 3)
	const draws = 48000
	for range draws {
		var p [4]int
		s.Perm(p[:])
		count[p]++
	}
	if len(count) != 24 {
		t.Fatalf("%d permutations of 24", len(count))
	}
	for p, c := range count {
		if c < 1800 || c > 2200 {
			t.Errorf("%v came %d times, want about 2000", p, c)
		}
	}
}

func TestStreamsAndSeedsDiffer(t *testing.T) {
	seen := map[uint64]bool{}
	for i := range 32 {
		var seed [32]byte
		seed[i] = 1
		for n := range uint64(4) {
			v := New(seed, n).Uint64()
			if seen[v] {
				t.Fatalf("seed byte %d, stream %d repeats another stream", i, n)
			}
			seen[v] = true
		}
	}
}
