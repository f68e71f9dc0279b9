package train

import (
	"fmt"
	"math"
)

// Kinds of schedules of the learning rate η over the steps t = 0 … T−1 of a run.
const (
	Constant     = "constant"
	LinearWarmup = "linear-warmup" // η·(t+1)/warmupSteps for t < warmupSteps, then η
	Cosine       = "cosine"        // a warm-up as above, if any, then from η down to finalRate along half a cosine
)

// Schedule says how the learning rate changes from step to step; a step is a batch. The zero value is constant.
type Schedule struct {
	Kind        string  `json:"kind"`
	WarmupSteps int     `json:"warmupSteps,omitempty"`
	FinalRate   float64 `json:"finalRate,omitempty"` // cosine: the rate that step T would have
}

// rate is the learning rate of step t of total, for a base rate.
func (s Schedule) rate(base float64, t, total int) float64 {
	switch {
	case t < s.WarmupSteps:
		return base * float64(t+1) / float64(s.WarmupSteps)
	case s.Kind == Cosine:
		part := float64(t-s.WarmupSteps) / float64(total-s.WarmupSteps)
		return s.FinalRate + (base-s.FinalRate)*(1+math.Cos(math.Pi*part))/2
	}
	return base
}

func (s Schedule) check(base float64, bad report) {
	switch s.Kind {
	case Constant, LinearWarmup, Cosine:
	default:
		bad(`field "schedule.kind": %q is not supported; use %q, %q or %q`, s.Kind, Constant, LinearWarmup, Cosine)
		return
	}
	if s.WarmupSteps < 0 || s.Kind == LinearWarmup && s.WarmupSteps == 0 {
		bad(`field "schedule.warmupSteps": %d, want at least %d`, s.WarmupSteps, map[bool]int{true: 1}[s.Kind == LinearWarmup])
	}
	if s.Kind == Constant && s.WarmupSteps != 0 {
		bad(`field "schedule.warmupSteps" does not belong to %q; use %q`, Constant, LinearWarmup)
	}
	if s.Kind != Cosine && s.FinalRate != 0 {
		bad(`field "schedule.finalRate" does not belong to %q; use %q`, s.Kind, Cosine)
	}
	if !(s.FinalRate >= 0 && s.FinalRate <= base) {
		bad(`field "schedule.finalRate": %v, want 0 to the learning rate`, s.FinalRate)
	}
}

// stepper gives the hyperparameters of every step of a run.
type stepper struct {
	model Model
	begin []int // by epoch: the number of steps before it; at the end, of all
}

// newStepper counts the steps of epochs of such lengths.
func newStepper(m Model, length func(epoch int) int) (*stepper, error) {
	s := &stepper{model: m, begin: []int{0}}
	for e := range m.Epochs {
		s.begin = append(s.begin, s.begin[e]+(length(e)+m.Batch-1)/m.Batch)
	}
	if total := s.begin[m.Epochs]; m.Schedule != nil && m.Schedule.Kind == Cosine && m.Schedule.WarmupSteps >= total {
		return nil, fmt.Errorf(`field "schedule.warmupSteps": %d, but the run has %d steps`, m.Schedule.WarmupSteps, total)
	}
	return s, nil
}

// at is step t of the run.
func (s *stepper) at(t int) Step {
	o := s.model.Optimizer
	if s.model.Schedule == nil {
		return o.step(o.LearningRate)
	}
	return o.step(s.model.Schedule.rate(o.LearningRate, t, s.begin[len(s.begin)-1]))
}

// of are the steps of an epoch, for its batches from 0.
func (s *stepper) of(epoch int) func(batch int) Step {
	return func(batch int) Step { return s.at(s.begin[epoch] + batch) }
}
