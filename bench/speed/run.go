package speed

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"

	"attrib/kernels"
	"attrib/kernels/simd"
)

// Options of Run. The zero value times everything once on the device of the program.
type Options struct {
	Machine
	Rounds   int           // of each shape. Default: 5
	Pause    time.Duration // before each contestant. Default: 150 ms
	Peers    *Peers        // nil: none but those of this process
	Progress func(shape string)
}

// ceilingTime is how long a ceiling is measured in a round.
const ceilingTime = 60 * time.Millisecond

// Run times the shapes one after another.
func Run(ctx context.Context, works []Work, o Options) (*Report, error) {
	if o.Rounds < 1 {
		o.Rounds = 5
	}
	if o.Pause == 0 {
		o.Pause = 150 * time.Millisecond
	}
	r := &Report{Machine: Processor(), Workers: o.Workers, Rounds: o.Rounds}
	if o.Peers != nil {
		r.Peers, r.Missing = o.Peers.Versions, o.Peers.Missing
	}
	for _, w := range works {
		if o.Progress != nil {
			o.Progress(w.Shape)
		}
		row, err := timeShape(ctx, w, o)
		if err != nil {
			return r, fmt.Errorf("%s: %w", w.Shape, err)
		}
		r.Rows = append(r.Rows, *row)
	}
	return r, nil
}

// contestant is one that is timed; took are its seconds by round.
type contestant struct {
	name   string
	rounds int
	run    func(context.Context) (seconds, check float64, err error)
	took   []float64
}

func timeShape(ctx context.Context, w Work, o Options) (*Row, error) {
	ready, err := w.Prepare(ctx, &o.Machine)
	if err != nil {
		return nil, err
	}
	all := []*contestant{{name: "attrib", rounds: o.Rounds, run: ours(ready)}}
	for _, other := range ready.Others {
		all = append(all, &contestant{other.Name, few(other.Rounds, o.Rounds), here(other), nil})
	}
	if o.Peers != nil && len(ready.Peers) > 0 {
		theirs, err := o.Peers.contestants(ready, o.Rounds)
		if err != nil {
			return nil, err
		}
		all = append(all, theirs...)
	}
	fractions, rates, err := rounds(ctx, w, all, ready.Agree, o)
	if err != nil {
		return nil, err
	}
	row := &Row{Shape: w.Shape, Device: o.Device.Info().Name, Path: simd.Active().String(), Seconds: median(all[0].took), Notes: ready.Notes,
		Ceiling: w.Ceiling, CeilingRate: median(rates), CeilingFraction: median(fractions)}
	row.attribute(w, o.Device)
	row.GFLOPS, row.GBS = w.Ops/row.Seconds/1e9, w.Bytes/row.Seconds/1e9
	for _, c := range all[1:] {
		if row.Peers == nil {
			row.Peers = map[string]float64{}
		}
		row.Peers[c.name] = median(c.took)
	}
	return row, nil
}

// attribute says who computed a row, if that was not the device on the processor's path.
func (row *Row) attribute(w Work, d kernels.Device) {
	if _, gpu := d.(kernels.LaunchCounter); !gpu {
		return
	}
	if w.CPU {
		row.Device = "CPU"
		return
	}
	row.Path = d.Info().Arithmetic
	row.Ceiling, row.CeilingRate, row.CeilingFraction = "", 0, 0
}

func few(wanted, rounds int) int {
	if wanted == 0 {
		return rounds
	}
	return min(wanted, rounds)
}

// rounds lets everybody run once a round, after a first time that is not counted.
func rounds(ctx context.Context, w Work, all []*contestant, agree float64, o Options) (fractions, rates []float64, err error) {
	for round := -1; round < o.Rounds; round++ {
		check := math.NaN()
		for i := range all {
			turn := i
			if round > 0 && len(all) > 1 {
				turn = (i + round) % len(all)
			}
			c := all[turn]
			if round >= c.rounds {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			runtime.GC() // what others left is not for this one to clear away, and its memory can be used again
			time.Sleep(o.Pause)
			rate := w.ceiling(o.Workers) // before everybody: it also wakes the processor from the pause
			seconds, found, err := c.run(ctx)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", c.name, err)
			}
			if check, err = agreed(check, found, agree); err != nil {
				return nil, nil, fmt.Errorf("%s: %w", c.name, err)
			}
			if round < 0 {
				continue
			}
			c.took = append(c.took, seconds)
			if turn == 0 && rate > 0 {
				rates, fractions = append(rates, rate), append(fractions, w.amount()/seconds/rate)
			}
		}
	}
	return fractions, rates, nil
}

// agreed compares a check with what others found in the round; a NaN is nobody's.
func agreed(check, found, agree float64) (float64, error) {
	switch {
	case math.IsNaN(found):
		return check, nil
	case !math.IsNaN(check) && !(math.Abs(found-check) <= agree*math.Abs(check)):
		return check, fmt.Errorf("it found %g, others %g", found, check)
	}
	return found, nil
}

// ceiling measures what the machine can do at most; 0 where it has no such thing.
func (w Work) ceiling(workers int) float64 {
	if w.Single {
		workers = 1
	}
	switch w.Ceiling {
	case Multiply:
		return simd.Peak(simd.Active(), workers, ceilingTime)
	case Multiply64:
		return simd.Peak64(simd.Active(), workers, ceilingTime)
	case Bytes8:
		return simd.PeakBytes(simd.Active(), workers, ceilingTime)
	case Read:
		return simd.Bandwidth(simd.Active(), workers, ceilingTime)
	}
	return 0
}

func ours(ready *Ready) func(context.Context) (float64, float64, error) {
	return func(ctx context.Context) (float64, float64, error) {
		began := time.Now()
		check, err := ready.Ours(ctx)
		return time.Since(began).Seconds(), check, err
	}
}

func here(o Other) func(context.Context) (float64, float64, error) {
	return func(ctx context.Context) (float64, float64, error) {
		began := time.Now()
		err := o.Run(ctx)
		return time.Since(began).Seconds(), math.NaN(), err
	}
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}

// sumOf adds up numbers in float64, as a check.
func sumOf(v []float32) (sum float64) {
	for _, x := range v {
		sum += float64(x)
	}
	return sum
}
