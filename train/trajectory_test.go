package train

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// walked is a short run with a folder: 6 epochs of 4 steps, checkpoints after 0, 2, 4 and 6.
func walked(t *testing.T, m Model) (string, Data, Params) {
	t.Helper()
	dir, d := t.TempDir(), blobs(50, 5, 3, 1)
	d.Weight = randomWeights(1, 50)[0]
	p, _ := train(t, m, d, Options{Out: dir, CheckpointEvery: 2})
	return dir, d, p
}

func adamModel() Model {
	m := mlp()
	m.Optimizer = Optimizer{Name: Adam, LearningRate: .01, WeightDecay: .01}
	m.Schedule = &Schedule{Kind: Cosine, WarmupSteps: 3}
	return m
}

// Every segment gives the moments that the whole walk gives, and a step taken by hand leads from one to the next.
func TestTrajectoryWalksAnySegment(t *testing.T) {
	for _, m := range []Model{mlp(), adamModel()} {
		dir, d, final := walked(t, m)
		j := must[*Trajectory](t)(OpenTrajectory(m, d, dir, Options{}))
		if j.Steps() != 24 {
			t.Fatalf("%d steps", j.Steps())
		}
		var whole []string
		net := must[Network](t)(NewNetwork(m))
		grad := final.Zero()
		var next Params
		err := j.Walk(t.Context(), 0, 24, func(at Moment) error {
			if at.Number != len(whole) || at.Epoch != at.Number/4 || len(at.Rows) != []int{16, 16, 16, 2}[at.Number%4] {
				t.Errorf("moment %d: number %d, epoch %d, %d rows", len(whole), at.Number, at.Epoch, len(at.Rows))
			}
			if next != nil && next.Hash() != at.Params.Hash() {
				t.Errorf("step %d does not lead to the next moment", at.Number-1)
			}
			whole = append(whole, at.Params.Hash())
			batch := Data{X: d.X, Y: d.Y}
			x, y := make([]float32, len(at.Rows)*5), make([]int32, len(at.Rows))
			batch.gather(at.Rows, x, y)
			b := blobs(len(at.Rows), 5, 3, 1)
			copy(b.X.Floats(), x)
			if err := net.Backward(at.Params, b.X, y, at.Scale, grad, make([]float32, len(y))); err != nil {
				return err
			}
			next = at.Params.Clone()
			for k := range next {
				var state [][]float32
				for _, s := range at.State {
					state = append(state, slices.Clone(s[k].Data))
				}
				m.Optimizer.rule().update(next[k].Data, grad[k].Data, state, at.Step, at.Number)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if next.Hash() != final.Hash() {
			t.Error("the last step does not lead to the final parameters")
		}
		for from := 0; from <= 24; from += 3 {
			for to := from; to <= 24; to += 5 {
				var part []string
				if err := j.Walk(t.Context(), from, to, func(at Moment) error { part = append(part, at.Params.Hash()); return nil }); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(part, whole[from:to]) {
					t.Errorf("steps %d to %d differ from the whole walk", from, to)
				}
			}
		}
		stop := errors.New("enough")
		if err := j.Walk(t.Context(), 3, 20, func(Moment) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("error %v", err)
		}
		if err := j.Walk(t.Context(), 3, 25, nil); err == nil || !strings.Contains(err.Error(), "run of 24") {
			t.Errorf("error %v", err)
		}
	}
}

func TestReplayFromTheMiddle(t *testing.T) {
	for _, m := range []Model{mlp(), adamModel()} {
		dir, d, final := walked(t, m)
		for _, epochs := range []int{0, 2, 4, 6} {
			p, err := ReplayFrom(t.Context(), m, d, dir, epochs, Options{})
			if err != nil || p.Hash() != final.Hash() {
				t.Errorf("from epoch %d: %v", epochs, err)
			}
		}
		if _, err := ReplayFrom(t.Context(), m, d, dir, 3, Options{}); err == nil || !strings.Contains(err.Error(), CheckpointName(3)) {
			t.Errorf("from a checkpoint that is not there: %v", err)
		}
		other := d
		other.Weight = nil
		if _, err := ReplayFrom(t.Context(), m, other, dir, 2, Options{}); err == nil || !strings.Contains(err.Error(), `field "weights"`) {
			t.Errorf("other weights: %v", err)
		}
	}
}

// A run that was interrupted while its learning rate was still rising is walked as far as it came.
func TestTrajectoryOfAnInterruptedRun(t *testing.T) {
	m, d, dir := adamModel(), blobs(50, 5, 3, 1), t.TempDir()
	m.Schedule.WarmupSteps = 10
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Run(ctx, m, d, Options{Out: dir}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	j := must[*Trajectory](t)(OpenTrajectory(m, d, dir, Options{}))
	steps := 0
	if err := j.Walk(t.Context(), 1, 4, func(at Moment) error { steps++; return nil }); err != nil || steps != 3 || j.Steps() != 4 {
		t.Errorf("%v after %d steps of %d", err, steps, j.Steps())
	}
}

func TestLogOfAnotherClassOfArithmetic(t *testing.T) {
	m := mlp()
	dir, d, _ := walked(t, m)
	path := filepath.Join(dir, LogName)
	log := string(must[[]byte](t)(os.ReadFile(path)))
	other := map[string]string{"fused": "plain", "plain": "fused"}[Arithmetic()]
	for _, c := range []struct{ to, want string }{
		{`"arithmetic":"` + other + `"`, `field "arithmetic" is ` + other + ", want " + Arithmetic()},
		{`"seed":7`, ""}, // as earlier versions wrote it
	} {
		text := strings.Replace(log, `,"arithmetic":"`+Arithmetic()+`"`, ","+c.to, 1)
		if c.want == "" {
			text = strings.Replace(log, `,"arithmetic":"`+Arithmetic()+`"`, "", 1)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := ReplayFrom(t.Context(), m, d, dir, 2, Options{})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func TestDiverged(t *testing.T) {
	for _, c := range []struct {
		losses   []float32
		diverged bool
	}{
		{[]float32{2, 1, .5}, false}, {[]float32{2, 1, 2.1}, true}, {[]float32{2, .1, 1.5}, true},
		{[]float32{2, .001, .05}, false}, {[]float32{2}, false}, {[]float32{2, .3, .4}, false},
	} {
		var l Log
		for _, loss := range c.losses {
			l.Epochs = append(l.Epochs, LogEpoch{Loss: loss})
		}
		if err := l.Diverged(); (err != nil) != c.diverged || err != nil && !errors.Is(err, ErrDiverged) {
			t.Errorf("%v: %v", c.losses, err)
		}
	}
}

// TestKilledAgainAndAgain kills a run at 20 random times, each time going on where the last one ended, until one is
// through.
func TestKilledAgainAndAgain(t *testing.T) {
	dir, r := t.TempDir(), rand.New(rand.NewPCG(1, 9))
	m, d := longModel()
	kills := 0
	for ; kills < 20; kills++ {
		cmd := exec.Command(os.Args[0], "-test.run=^TestHelperRun$")
		cmd.Env = append(os.Environ(), killEnv+"="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+r.IntN(100)) * time.Millisecond)
		cmd.Process.Kill()
		if cmd.Wait() == nil {
			break
		}
	}
	got, log := train(t, m, d, Options{Out: dir, CheckpointEvery: 1000, Resume: true})
	want, whole := train(t, m, d, Options{})
	t.Logf("killed %d times", kills)
	if got.Hash() != want.Hash() || len(log.Epochs) != len(whole.Epochs) {
		t.Error("the run that was killed ends in other bits")
	}
	if kills < 3 {
		t.Errorf("only %d kills hit the run", kills)
	}
}
