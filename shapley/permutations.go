package shapley

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"

	"attrib/internal/philox"
)

// Permutations estimates Shapley values by antithetic pairs: a random order and its reversal. Pair p draws from
// Philox stream p, so the result does not depend on the number of workers; pairs are independent, which gives the
// standard error.
type Permutations struct{}

// DefaultPermutations is the budget where none is given.
const DefaultPermutations = 1 << 14

// MaxBatches is into how many batches the pairs are divided: enough to know the error of shares to about a tenth.
const MaxBatches = 64

// Streams of errors, apart from those of pairs, which are below 2³¹.
const (
	streamEstimator = 1<<40 + iota
	streamOutputs
	streamRuns
)

// Name is "permutations".
func (Permutations) Name() string { return "permutations" }

// Estimate walks pairs until the budget is used or, at a checkpoint (64, 128, 256, … pairs), the expected
// misallocation is at most Epsilon. The budget is rounded down to whole pairs, the same number in every batch.
func (Permutations) Estimate(ctx context.Context, g Game, b Budget, seed [32]byte) (*Estimate, error) {
	if err := b.Validate(); err != nil {
		return nil, err
	}
	if g.Players() < 1 {
		return nil, errors.New("permutations: the game has no players")
	}
	if b.Permutations == 0 {
		b.Permutations = DefaultPermutations
	}
	pairs := b.Permutations / 2
	s := newSampler(g, seed, int(min(MaxBatches, pairs)))
	sample := s.sample
	if d := newDeviceSampler(s, b); d != nil {
		sample = d.sample
	}
	last := pairs / int64(len(s.batch))
	for target := int64(1); ; target *= 2 {
		target = min(target, last)
		if b.Epsilon == 0 {
			target = last
		}
		if err := sample(ctx, target, b.Workers); err != nil {
			return nil, err
		}
		e := s.estimate()
		if b.Epsilon > 0 && e.ExpectedMisallocation <= b.Epsilon && target >= minPerBatch {
			e.Stopped = "epsilon"
			return e, nil
		}
		if target == last {
			return s.warn(e, b), nil
		}
	}
}

// minPerBatch keeps a lucky first look from ending the sampling.
const minPerBatch = 2

func (s *sampler) warn(e *Estimate, b Budget) *Estimate {
	e.Stopped = "budget"
	if e.Permutations < 64 {
		e.Warnings = append(e.Warnings, fmt.Errorf("permutations: %d permutations are too few to know the error well", e.Permutations))
	}
	if b.Epsilon > 0 && e.ExpectedMisallocation > b.Epsilon {
		e.Warnings = append(e.Warnings, fmt.Errorf("permutations: the budget of %d ended at an expected misallocation of %.4f, above the wanted %.4f",
			b.Permutations, e.ExpectedMisallocation, b.Epsilon))
	}
	return e
}

// batch is every len(batches)-th pair: sums and squares of the pairs' marginals, per player.
type batch struct {
	done int64 // pairs walked
	sum  []int128
	sq   []squares
}

type sampler struct {
	game   Game
	seed   [32]byte
	n      int
	batch  []batch
	output []int64 // players × outputs: sums of v_q marginals, for Separable games
}

func newSampler(g Game, seed [32]byte, batches int) *sampler {
	s := &sampler{game: g, seed: seed, n: g.Players(), batch: make([]batch, batches)}
	for k := range s.batch {
		s.batch[k] = batch{sum: make([]int128, s.n), sq: make([]squares, s.n)}
	}
	if sep, ok := g.(Separable); ok {
		s.output = make([]int64, s.n*len(sep.OutputWeights()))
	}
	return s
}

// sample brings every batch to target pairs; batches go to workers.
func (s *sampler) sample(ctx context.Context, target int64, workers int) error {
	var all []*pairWalk
	walks := make(chan *pairWalk, len(s.batch))
	err := parallel(ctx, workers, len(s.batch), func() func(int) error {
		w := newPairWalk(ctx, s.game)
		walks <- w
		return func(k int) error {
			b := &s.batch[k]
			for ; b.done < target; b.done++ {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := w.walk(philox.New(s.seed, uint64(b.done)*uint64(len(s.batch))+uint64(k))); err != nil {
					return err
				}
				for i, m := range w.pair {
					b.sum[i].add(m)
					b.sq[i].add(m)
				}
			}
			return nil
		}
	})
	close(walks)
	for w := range walks {
		all = append(all, w)
	}
	for _, w := range all {
		for k, v := range w.output {
			s.output[k] += v
		}
	}
	return err
}

// estimate sums the batches.
func (s *sampler) estimate() *Estimate {
	pairs := s.batch[0].done * int64(len(s.batch))
	e := &Estimate{Form: "permutations", Permutations: 2 * pairs, Evaluations: 2 * pairs * int64(s.n)}
	two := big.NewInt(2 * pairs)
	t := SimultaneousT(s.n, float64(pairs-1))
	for i := range s.n {
		sum, sq := new(big.Int), new(big.Int)
		for k := range s.batch {
			sum.Add(sum, s.batch[k].sum[i].big())
			sq.Add(sq, s.batch[k].sq[i].big())
		}
		value := new(big.Rat).SetFrac(sum, two)
		mid, _ := value.Float64()
		e.Value = append(e.Value, value)
		e.StdErr = append(e.StdErr, stdErr(sum, sq, pairs))
		half := float64(t * e.StdErr[i])
		e.Low, e.High = append(e.Low, mid-half), append(e.High, mid+half)
	}
	for k := range s.batch {
		part := make([]float64, s.n)
		for i := range part {
			part[i] = ratio(s.batch[k].sum[i].big(), two)
		}
		e.Batches = append(e.Batches, part)
	}
	s.perOutput(e, pairs)
	if !e.Certain() {
		e.ExpectedMisallocation = BatchErrors(e.Batches, s.seed, estimatorReplicates).Misallocation
	}
	return e
}

// estimatorReplicates is the bootstrap's size at a checkpoint.
const estimatorReplicates = 200

func (s *sampler) perOutput(e *Estimate, pairs int64) {
	if s.output == nil {
		return
	}
	outputs := len(s.output) / s.n
	for i := range s.n {
		row := make([]float64, outputs)
		for q := range row {
			row[q] = float64(s.output[i*outputs+q]) / float64(2*pairs)
		}
		e.PerOutput = append(e.PerOutput, row)
	}
}

// stdErr is that of the mean of pairs, each pair being half the sum of its two marginals:
// √((P·Σb² − (Σb)²) / (4·P²·(P−1))), the root's argument exact.
func stdErr(sum, sq *big.Int, pairs int64) float64 {
	if pairs < 2 {
		return math.Inf(1)
	}
	p := big.NewInt(pairs)
	num := new(big.Int).Mul(p, sq)
	num.Sub(num, new(big.Int).Mul(sum, sum))
	den := new(big.Int).Mul(big.NewInt(4), new(big.Int).Mul(p, p))
	return math.Sqrt(ratio(num, den.Mul(den, big.NewInt(pairs-1))))
}

// pairWalk is one worker's state: the orders of a pair and the marginals of both.
type pairWalk struct {
	order  []int
	pair   []int64
	output []int64
	add    func(order []int) error
}

func (w *pairWalk) walk(stream *philox.Stream) error {
	clear(w.pair)
	stream.Perm(w.order)
	if err := w.add(w.order); err != nil {
		return err
	}
	slices.Reverse(w.order)
	return w.add(w.order)
}

func newPairWalk(ctx context.Context, g Game) *pairWalk {
	n := g.Players()
	w := &pairWalk{order: make([]int, n), pair: make([]int64, n)}
	switch g := g.(type) {
	case Separable:
		walk, outputs := g.WalkOutputs(), len(g.OutputWeights())
		w.output = make([]int64, n*outputs)
		w.add = func(order []int) error {
			walk.Reset()
			for _, i := range order {
				w.pair[i] += walk.AddOutputs(i, w.output[i*outputs:(i+1)*outputs])
			}
			return nil
		}
	case Walker:
		walk := g.Walk()
		w.add = func(order []int) error {
			walk.Reset()
			for _, i := range order {
				w.pair[i] += walk.Add(i)
			}
			return nil
		}
	default:
		w.add = func(order []int) error { return w.addBatched(ctx, g, order) }
	}
	return w
}

// addBatched asks a game that cannot walk for all prefixes of the order at once.
func (w *pairWalk) addBatched(ctx context.Context, g Game, order []int) error {
	prefix := []Bitset{NewBitset(len(order))}
	for k, i := range order {
		next := slices.Clone(prefix[k])
		next.Set(i)
		prefix = append(prefix, next)
	}
	v, err := g.Value(ctx, prefix)
	if err != nil {
		return err
	}
	if err := checkValues(v, len(prefix)); err != nil {
		return err
	}
	for k, i := range order {
		w.pair[i] += v[k+1] - v[k]
	}
	return nil
}
