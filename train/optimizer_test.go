package train

import (
	"math"
	"math/rand/v2"
	"testing"
)

// reference64 moves one parameter by step t from the textbook, in float64; state holds the velocity, or the two means.
func reference64(o Optimizer, p, g float64, state *[2]float64, rate float64, t int) float64 {
	if o.Name == SGD {
		state[0] = o.Momentum*state[0] + g + o.WeightDecay*p
		return p - rate*state[0]
	}
	if o.Name == Adam {
		g += o.WeightDecay * p
	} else {
		p -= rate * o.WeightDecay * p
	}
	state[0] = o.Beta1*state[0] + (1-o.Beta1)*g
	state[1] = o.Beta2*state[1] + (1-o.Beta2)*g*g
	mean := state[0] / (1 - math.Pow(o.Beta1, float64(t+1)))
	square := state[1] / (1 - math.Pow(o.Beta2, float64(t+1)))
	return p - rate*mean/(math.Sqrt(square)+o.Epsilon)
}

func TestRulesAgreeWithTheTextbook(t *testing.T) {
	for _, o := range []Optimizer{
		{Name: SGD, LearningRate: .1}, {Name: SGD, LearningRate: .1, Momentum: .9, WeightDecay: .01},
		{Name: Adam, LearningRate: .01, WeightDecay: .1, Beta1: .9, Beta2: .999, Epsilon: 1e-8},
		{Name: AdamW, LearningRate: .01, WeightDecay: .1, Beta1: .8, Beta2: .99, Epsilon: 1e-3},
	} {
		const n, steps = 23, 60
		r := rand.New(rand.NewPCG(2, 3))
		s := Schedule{Kind: Cosine, WarmupSteps: 7}
		theta, grad, state := make([]float32, n), make([]float32, n), make([][]float32, len(o.rule().states()))
		want, kept := make([]float64, n), make([][2]float64, n)
		for i := range state {
			state[i] = make([]float32, n)
		}
		for i := range theta {
			theta[i] = float32(r.NormFloat64())
			want[i] = float64(theta[i])
		}
		for k := range steps {
			rate := s.rate(o.LearningRate, k, steps)
			for i := range grad {
				grad[i] = float32(r.NormFloat64())
				want[i] = reference64(o, want[i], float64(grad[i]), &kept[i], rate, k)
			}
			if !o.rule().update(theta, grad, state, o.step(rate), k) {
				t.Fatal("finite parameters were called infinite")
			}
		}
		for i := range theta {
			if math.Abs(float64(theta[i])-want[i]) > 1e-6*(1+math.Abs(want[i])) {
				t.Errorf("%+v: parameter %d is %g, want %g", o, i, theta[i], want[i])
			}
		}
		grad[20] = float32(math.NaN())
		if o.rule().update(theta, grad, state, o.step(.1), steps) {
			t.Errorf("%s: a NaN was not noticed", o.Name)
		}
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		s    Schedule
		t    int
		want float64
	}{
		{Schedule{Kind: Constant}, 5, 2}, {Schedule{Kind: LinearWarmup, WarmupSteps: 4}, 0, .5}, {Schedule{Kind: LinearWarmup, WarmupSteps: 4}, 3, 2},
		{Schedule{Kind: LinearWarmup, WarmupSteps: 4}, 9, 2}, {Schedule{Kind: Cosine}, 0, 2}, {Schedule{Kind: Cosine}, 5, 1},
		{Schedule{Kind: Cosine, FinalRate: 1}, 5, 1.5}, {Schedule{Kind: Cosine, WarmupSteps: 2, FinalRate: .5}, 6, 1.25},
		{Schedule{Kind: Cosine, WarmupSteps: 2}, 1, 2},
	} {
		if got := c.s.rate(2, c.t, 10); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v at step %d: %g, want %g", c.s, c.t, got, c.want)
		}
	}
	m := mlp()
	m.Schedule = &Schedule{Kind: Cosine, WarmupSteps: 24}
	if _, _, err := Run(t.Context(), m, blobs(50, 5, 3, 1), Options{}); err == nil || err.Error() != `field "schedule.warmupSteps": 24, but the run has 24 steps` {
		t.Errorf("error %v", err)
	}
}
