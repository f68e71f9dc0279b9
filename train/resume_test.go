package train

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attrib/kernels"
)

// longModel takes long enough to be killed in the middle.
func longModel() (Model, Data) {
	m := mlp()
	m.Epochs = 1500
	return m, blobs(64, 5, 3, 1)
}

const killEnv = "ATTRIB_TEST_TRAIN_DIR"

// TestHelperRun is the process that TestKilledRunResumesToTheSameBits kills.
func TestHelperRun(t *testing.T) {
	dir := os.Getenv(killEnv)
	if dir == "" {
		return
	}
	m, d := longModel()
	if _, _, err := Run(t.Context(), m, d, Options{Out: dir, CheckpointEvery: 1, Resume: true}); err != nil {
		t.Fatal(err)
	}
}

func TestKilledRunResumesToTheSameBits(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestHelperRun$")
	cmd.Env = append(os.Environ(), killEnv+"="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if _, err := os.Stat(filepath.Join(dir, CheckpointName(3))); err == nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	m, d := longModel()
	l := must[*Log](t)(ReadLog(filepath.Join(dir, LogName)))
	if len(l.Epochs) == 0 || len(l.Epochs) >= m.Epochs {
		t.Fatalf("killed after %d epochs: nothing to resume", len(l.Epochs))
	}
	first := -1
	got, log := train(t, m, d, Options{Out: dir, CheckpointEvery: 1000, Resume: true, Progress: func(e int, _ float32) {
		if first < 0 {
			first = e
		}
	}})
	want, whole := train(t, m, d, Options{})
	if first != len(l.Epochs)+1 {
		t.Errorf("resumed with epoch %d after %d", first, len(l.Epochs))
	}
	if got.Hash() != want.Hash() {
		t.Error("the resumed run ends in other bits")
	}
	if len(log.Epochs) != len(whole.Epochs) || log.Epochs[2].Loss != whole.Epochs[2].Loss {
		t.Error("the resumed log differs from that of a run that was not interrupted")
	}
}

// An interrupted run keeps the epoch in hand, also between two checkpoints.
func TestInterruptedRunKeepsItsEpochs(t *testing.T) {
	dir := t.TempDir()
	m, d := mlp(), blobs(50, 5, 3, 1)
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err := Run(ctx, m, d, Options{Out: dir, CheckpointEvery: 100, Progress: func(e int, _ float32) {
		if e == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	first := 0
	got, _ := train(t, m, d, Options{Out: dir, Resume: true, Progress: func(e int, _ float32) {
		if first == 0 {
			first = e
		}
	}})
	want, _ := train(t, m, d, Options{})
	if first != 4 || got.Hash() != want.Hash() {
		t.Errorf("resumed with epoch %d; the same bits: %v", first, got.Hash() == want.Hash())
	}
}

// A run that is interrupted after every epoch ends in the same files as one that is not, whatever the optimiser keeps.
func TestRunInterruptedAfterEveryEpoch(t *testing.T) {
	for _, m := range []Model{mlp(), adamModel(), tokens()} {
		d := blobs(50, 5, 3, 1)
		if m.Layers[0].Type == Embedding {
			d.X = kernels.F32(50, 3, make([]float32, 150))
		}
		whole, parts := t.TempDir(), t.TempDir()
		train(t, m, d, Options{Out: whole, CheckpointEvery: 2})
		for e := 1; e <= m.Epochs; e++ {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, _, err := Run(ctx, m, d, Options{Out: parts, CheckpointEvery: 2, Resume: true}); (err == nil) != (e == m.Epochs) {
				t.Fatalf("%s: epoch %d: %v", m.Optimizer.Name, e, err)
			}
		}
		files := must[[]os.DirEntry](t)(os.ReadDir(whole))
		if n := len(must[[]os.DirEntry](t)(os.ReadDir(parts))); n != len(files) {
			t.Errorf("%s: %d files, want %d", m.Optimizer.Name, n, len(files))
		}
		for _, f := range files {
			a, b := must[[]byte](t)(os.ReadFile(filepath.Join(whole, f.Name()))), must[[]byte](t)(os.ReadFile(filepath.Join(parts, f.Name())))
			if !bytes.Equal(a, b) {
				t.Errorf("%s: %s differs", m.Optimizer.Name, f.Name())
			}
		}
	}
}

func TestFolderThatHoldsARun(t *testing.T) {
	dir := t.TempDir()
	m, d := mlp(), blobs(50, 5, 3, 1)
	want, _ := train(t, m, d, Options{Out: dir})
	if _, _, err := Run(t.Context(), m, d, Options{Out: dir}); !errors.Is(err, ErrHoldsRun) {
		t.Errorf("overwritten without being asked: %v", err)
	}
	if got, _ := train(t, m, d, Options{Out: dir, Resume: true}); got.Hash() != want.Hash() {
		t.Error("resuming a finished run changes it")
	}
	other := m
	other.Optimizer.Momentum = 0.5
	if _, _, err := Run(t.Context(), other, d, Options{Out: dir, Resume: true}); err == nil || !strings.Contains(err.Error(), `field "model"`) {
		t.Errorf("resumed with another model: %v", err)
	}
}

func TestResumeRefusesOtherCheckpoints(t *testing.T) {
	m, d := mlp(), blobs(50, 5, 3, 1)
	specs := must[Network](t)(NewNetwork(m)).Specs()
	for name, c := range map[string]struct {
		damage func(p Params) Params
		want   string
	}{
		"shape":   {func(p Params) Params { p[2].Shape = []int{7, 3}; return p }, `tensor "fc2.weight" has shape [7 3], the model wants [3 7]`},
		"missing": {func(p Params) Params { return p[:3] }, `tensor "fc2.bias" is missing`},
		"extra":   {func(p Params) Params { return append(p, Tensor{"fc3.bias", []int{1}, []float32{0}}) }, `tensor "fc3.bias" is not part of the model`},
		"values":  {func(p Params) Params { p[0].Data[0]++; return p }, `field "params" of epoch 6`},
	} {
		dir := t.TempDir()
		train(t, m, d, Options{Out: dir})
		path := filepath.Join(dir, CheckpointName(6))
		p := must[Params](t)(ReadCheckpoint(path, specs))
		if err := WriteParams(path, c.damage(p), nil); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Run(t.Context(), m, d, Options{Out: dir, Resume: true}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
