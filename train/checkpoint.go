package train

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"attrib/internal/safetensors"
)

// Names of the files in a run's folder.
const (
	LogName   = "train.log"
	FinalName = "model.safetensors" // the final parameters
)

// CheckpointName is the file that holds the parameters after that many epochs; 0 are the initial ones.
func CheckpointName(epochs int) string { return fmt.Sprintf("checkpoint-%06d.safetensors", epochs) }

// optimizerName is the file that holds what the optimiser keeps after that many epochs: the velocity of sgd under the
// parameters' names, the means of adam and adamw with .exp_avg and .exp_avg_sq after them. It is apart from the
// checkpoint so that PyTorch's load_state_dict takes the checkpoint as it is.
func optimizerName(epochs int) string { return fmt.Sprintf("optimizer-%06d.safetensors", epochs) }

// WriteParams writes the tensors as a safetensors file that PyTorch loads as a state_dict. meta is free text.
func WriteParams(path string, p Params, meta map[string]string) error {
	tensors := make([]safetensors.Tensor, len(p))
	for i, t := range p {
		shape := make([]int64, len(t.Shape))
		for k, d := range t.Shape {
			shape[k] = int64(d)
		}
		tensors[i] = safetensors.New(t.Name, t.Data, shape...)
	}
	return safetensors.WriteFile(path, meta, tensors)
}

// ReadParams reads a safetensors file of floating tensors and its metadata: F16 and BF16 exactly, F64 rounded to float32.
// Tensors come in the order of the file; use Params.Match to put them into a model's order and to check names and
// shapes. A pickle (what torch.save writes) is refused, since to read it is to run it.
func ReadParams(path string) (Params, map[string]string, error) {
	if isPickle(path) {
		return nil, nil, fmt.Errorf(`%s: this is what torch.save writes; save it in Python with safetensors.torch.save_file(model.state_dict(), "model.safetensors")`, path)
	}
	meta, tensors, err := safetensors.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	p := make(Params, len(tensors))
	for i, t := range tensors {
		data, err := safetensors.Floats(t)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		p[i] = Tensor{Name: t.Name, Shape: make([]int, len(t.Shape)), Data: data}
		for k, d := range t.Shape {
			p[i].Shape[k] = int(d)
		}
	}
	return p, meta, nil
}

// isPickle recognises the archives and pickles of torch.save by their first bytes.
func isPickle(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [9]byte
	if _, err := io.ReadFull(f, head[:]); err != nil {
		return false
	}
	// a safetensors file has the length of its header first, which may begin with any byte, and then the header
	return string(head[:4]) == "PK\x03\x04" || head[0] == 0x80 && head[1] >= 2 && head[1] <= 5 && head[8] != '{'
}

// ReadCheckpoint reads the parameters of a model: tensors of another name or shape are an error that names file and
// tensor.
func ReadCheckpoint(path string, specs []Spec) (Params, error) {
	p, _, err := ReadParams(path)
	if err != nil {
		return nil, err
	}
	out, err := p.Match(specs)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}

// save writes what belongs on disk after that many epochs: a checkpoint when one is due, at the end, or when told to.
// The optimiser's state goes first and the log last, so that a log never tells of an epoch whose checkpoint is missing.
func (t *trainer) save(epochs int, always bool) error {
	last := epochs == t.model.Epochs
	if t.opt.Out == "" || !t.due(epochs) && !always {
		return nil
	}
	meta := map[string]string{"epochs": strconv.Itoa(epochs), "model": t.log.Header.Model, "data": t.log.Header.Data}
	at := func(name string) string { return filepath.Join(t.opt.Out, name) }
	err := WriteParams(at(optimizerName(epochs)), t.keptState(), meta)
	if err == nil {
		err = WriteParams(at(CheckpointName(epochs)), t.params, meta)
	}
	if err == nil && last {
		err = WriteParams(at(FinalName), t.params, meta)
	}
	if err == nil {
		err = t.log.Write(at(LogName))
	}
	if err == nil && last {
		err = t.tidy()
	}
	return err
}

// keptState is what the optimiser keeps, as tensors of one file.
func (t *trainer) keptState() Params {
	var out Params
	for i, suffix := range t.rule.states() {
		for _, p := range t.state[i] {
			out = append(out, Tensor{p.Name + suffix, p.Shape, p.Data})
		}
	}
	return out
}

// readState reads what keptState wrote.
func (t *trainer) readState(path string) ([]Params, error) {
	all, _, err := ReadParams(path)
	if err != nil {
		return nil, err
	}
	var specs []Spec
	for _, suffix := range t.rule.states() {
		for _, s := range t.net.Specs() {
			s.Name += suffix
			specs = append(specs, s)
		}
	}
	if all, err = all.Match(specs); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var out []Params
	for part := range slices.Chunk(all, len(t.params)) {
		for k := range part {
			part[k].Name = t.params[k].Name
		}
		out = append(out, part)
	}
	return out, nil
}

// due says whether a checkpoint belongs into a finished run's folder.
func (t *trainer) due(epochs int) bool {
	every := t.opt.CheckpointEvery
	if every <= 0 {
		every = 5
	}
	return epochs%every == 0 || epochs == t.model.Epochs
}

// tidy removes the checkpoints that interrupts left between those that are due, so that a resumed run ends in the same
// files as an undisturbed one.
func (t *trainer) tidy() error {
	for epochs := range t.model.Epochs {
		if t.due(epochs) {
			continue
		}
		for _, name := range []string{CheckpointName(epochs), optimizerName(epochs)} {
			if err := os.Remove(filepath.Join(t.opt.Out, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// open prepares Out and returns the epoch (from 0) to start with.
func (t *trainer) open() (int, error) {
	if t.opt.Out == "" {
		return 0, nil
	}
	if err := os.MkdirAll(t.opt.Out, 0o777); err != nil {
		return 0, err
	}
	path := filepath.Join(t.opt.Out, LogName)
	old, err := ReadLog(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, t.save(0, true)
	case err != nil:
		return 0, err
	case !t.opt.Resume:
		return 0, fmt.Errorf("%s: %w", t.opt.Out, ErrHoldsRun)
	}
	if err := old.Header.Matches(t.log.Header); err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	return t.resume(old)
}

// resume takes the state after the last epoch of the log.
func (t *trainer) resume(old *Log) (int, error) {
	done := len(old.Epochs)
	if done == 0 {
		return 0, nil
	}
	if done > t.model.Epochs {
		return 0, fmt.Errorf("%s: %d epochs, the model has %d", LogName, done, t.model.Epochs)
	}
	if t.opt.Order != nil {
		for e := range done {
			if !slices.Equal(old.OrderOf(e), t.opt.Order[e]) {
				return 0, fmt.Errorf(`%s: epoch %d: the log does not match: field "order" differs`, LogName, e+1)
			}
		}
	}
	if err := t.load(t.opt.Out, done, old); err != nil {
		return 0, err
	}
	t.log.Epochs = old.Epochs
	return done, nil
}

// load takes the state after that many epochs from the folder of a run with that log.
func (t *trainer) load(dir string, epochs int, l *Log) error {
	path := filepath.Join(dir, CheckpointName(epochs))
	params, err := ReadCheckpoint(path, t.net.Specs())
	if err != nil {
		return err
	}
	state, err := t.readState(filepath.Join(dir, optimizerName(epochs)))
	if err != nil {
		return err
	}
	want := l.Header.Initial
	if epochs > 0 {
		want = l.Epochs[epochs-1].Params
	}
	if got := params.Hash(); got != want {
		return fmt.Errorf(`%s: its hash is %s, field "params" of epoch %d in %s is %s`, path, got, epochs, LogName, want)
	}
	t.params, t.state = params, state
	return nil
}
