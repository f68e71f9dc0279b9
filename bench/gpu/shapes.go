package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"attrib/bench/results"
	"attrib/kernels/cuda/driver"
)

// group is shapes that share their data.
type group struct {
	name string
	run  func(t *timer) error
}

// groups are those of the design: kernels.md, "Limits and targets".
func groups(tiny bool) []group {
	widths := []int{512, 2048, 4096}
	if tiny {
		widths = []int{64}
	}
	var all []group
	for _, w := range widths {
		all = append(all, group{fmt.Sprintf("w=%d", w), func(t *timer) error { return t.rows(w) }})
	}
	return append(all, group{"cholesky", (*timer).cholesky}, group{"projection", (*timer).projection}, group{"products", (*timer).products}, group{"coalitions", (*timer).coalitions})
}

// timer times shapes on a card.
type timer struct {
	context *driver.Context
	tiny    bool
	hand    func(results.Shape) error
}

// size is n, or what an emulated card can bear.
func (t *timer) size(n, tiny int) int {
	if t.tiny {
		return tiny
	}
	return n
}

// rounds are timed after one that is not.
const rounds = 5

// time is the median of the rounds' seconds.
func (t *timer) time(work func() error) (float64, error) {
	var took []float64
	for round := range t.size(rounds, 1) + 1 {
		began := time.Now()
		if err := work(); err != nil {
			return 0, err
		}
		if round > 0 {
			took = append(took, time.Since(began).Seconds())
		}
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// judgeTargets says of every shape whether it reached its target, where what that takes was measured.
func judgeTargets(all []results.Shape) {
	for i := range all {
		s := &all[i]
		s.Target, s.Met = "", nil
		var have, least float64
		q, w := s.Sizes["q"], s.Sizes["w"]
		switch {
		case strings.HasSuffix(s.Name, " int8"):
			s.Target, least = "≥ 1.7 × bf16 at equal recall", 1.7
			have = againstBF16(all, s)
		case strings.HasPrefix(s.Name, "q=") && q <= 64:
			s.Target, have, least = "≥ 85 % of copy bandwidth", s.OfCopy, 0.85
		case strings.HasPrefix(s.Name, "q=") && w <= 512:
			s.Target, have, least = "≥ 2 × PyTorch", s.Speedup, 2
		case strings.HasPrefix(s.Name, "q="):
			s.Target, have, least = "≥ 75 % of cuBLAS bf16", s.OfBF16, 0.75
		case strings.HasPrefix(s.Name, "cholesky"):
			s.Target, have, least = "≥ 10 × PyTorch", s.Speedup, 10
		case strings.HasPrefix(s.Name, "projection"):
			s.Target, have, least = "≥ half of cuBLAS bf16", s.OfBF16, 0.5
		case strings.HasPrefix(s.Name, "coalitions"):
			s.Target, have, least = "≤ 1 s", 1/s.Seconds, 1
		}
		if have > 0 {
			met := have >= least
			s.Met = &met
		}
	}
}

// againstBF16 is how many times faster a sketch is than the tensor cores' scan of the same rows; 0 when a recall is
// unknown, less than nothing reached when it is lower.
func againstBF16(all []results.Shape, s *results.Shape) float64 {
	name := strings.TrimSuffix(s.Name, "int8") + "bf16"
	i := slices.IndexFunc(all, func(o results.Shape) bool { return o.Name == name })
	if i < 0 || s.Recall == 0 || all[i].Recall == 0 {
		return 0
	}
	if s.Recall < all[i].Recall {
		return 0.001
	}
	return all[i].Seconds / s.Seconds
}
