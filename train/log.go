package train

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"attrib/internal/atomicfile"
	"attrib/internal/strictjson"
	"attrib/kernels/simd"
)

// LogSchema is the schema of train.log.
const LogSchema = "attrib.train-log/1"

// MaxLoggedOrder is how many sample visits a run may make for its log to spell out the order of every epoch. The log of
// a longer run leaves the orders to EpochOrder, whose rule the package documentation gives.
const MaxLoggedOrder = 1 << 22

// Log says what a run did, step by step: with the model, the data and the initial parameters it replays the run bit
// for bit. As a file it is JSON Lines: the header, then one line an epoch.
type Log struct {
	Header LogHeader
	Epochs []LogEpoch
}

// LogHeader is the first line of train.log. Hashes are SHA-256 in hexadecimal.
type LogHeader struct {
	Schema  string `json:"schema"`
	Model   string `json:"model"`   // Model.Hash
	Data    string `json:"data"`    // Data.Hash
	Weights string `json:"weights"` // WeightHash; "" when every sample weighs 1
	Initial string `json:"initial"` // Params.Hash of the initial parameters
	Seed    int64  `json:"seed"`
	Samples int    `json:"samples"`
	Batch   int    `json:"batch"`

	// Arithmetic is the class of machines that get the same bits: "fused" with AVX2 or AVX-512, "plain" without. It is
	// left out for a registered graph and in logs of earlier versions, whose hashes then tell.
	Arithmetic string `json:"arithmetic,omitempty"`
}

// LogEpoch is one epoch: the order of its samples (drawn from the header's seed when Order is left out), the
// hyperparameters of its steps, run-length coded, and where they led.
type LogEpoch struct {
	Epoch  int     `json:"epoch"` // from 1
	Order  []int   `json:"order,omitempty"`
	Steps  []Step  `json:"steps"`
	Loss   float32 `json:"loss"`   // mean weighted loss while training
	Params string  `json:"params"` // Params.Hash after the epoch
}

// Step holds the hyperparameters of Count consecutive steps.
type Step struct {
	Count        int     `json:"count"`
	LearningRate float64 `json:"learningRate"`
	Momentum     float64 `json:"momentum"`
	WeightDecay  float64 `json:"weightDecay"`
	Beta1        float64 `json:"beta1,omitempty"` // adam and adamw
	Beta2        float64 `json:"beta2,omitempty"`
	Epsilon      float64 `json:"epsilon,omitempty"`
}

// Write puts the log at path.
func (l *Log) Write(path string) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		buf := bufio.NewWriter(w)
		enc := json.NewEncoder(buf)
		if err := enc.Encode(l.Header); err != nil {
			return err
		}
		for _, e := range l.Epochs {
			if err := enc.Encode(e); err != nil {
				return err
			}
		}
		return buf.Flush()
	})
}

// ReadLog reads train.log. Errors name the file, the line and the field.
func ReadLog(path string) (*Log, error) {
	l := &Log{}
	seen := false
	err := strictjson.Lines(path, func(_ int, data []byte) error {
		if !seen {
			seen = true
			if err := strictjson.Unmarshal(data, &l.Header); err != nil {
				return err
			}
			return l.Header.check()
		}
		var e LogEpoch
		if err := strictjson.Unmarshal(data, &e); err != nil {
			return err
		}
		if e.Epoch != len(l.Epochs)+1 {
			return fmt.Errorf(`field "epoch": %d, want %d`, e.Epoch, len(l.Epochs)+1)
		}
		l.Epochs = append(l.Epochs, e)
		return l.checkEpoch(e)
	})
	if err == nil && !seen {
		err = fmt.Errorf("%s: the log is empty", path)
	}
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (h LogHeader) check() error {
	if err := strictjson.CheckSchema(h.Schema, LogSchema); err != nil {
		return err
	}
	var all []error
	if h.Samples < 1 {
		all = append(all, fmt.Errorf(`field "samples": %d, want at least 1`, h.Samples))
	}
	if h.Batch < 1 {
		all = append(all, fmt.Errorf(`field "batch": %d, want at least 1`, h.Batch))
	}
	return errors.Join(all...)
}

func (l *Log) checkEpoch(e LogEpoch) error {
	n := len(e.Order)
	if e.Order == nil {
		n = l.Header.Samples
	}
	for _, i := range e.Order {
		if i < 0 || i >= l.Header.Samples {
			return fmt.Errorf(`field "order": row %d is outside the %d samples`, i, l.Header.Samples)
		}
	}
	steps := 0
	for _, s := range e.Steps {
		if s.Count < 1 {
			return fmt.Errorf(`field "steps": a count of %d`, s.Count)
		}
		steps += s.Count
	}
	if want := (n + l.Header.Batch - 1) / l.Header.Batch; steps != want {
		return fmt.Errorf(`field "steps": %d steps, %d samples in batches of %d take %d`, steps, n, l.Header.Batch, want)
	}
	return nil
}

// Matches reports every field of the header that differs from want's, by name.
func (h LogHeader) Matches(want LogHeader) error {
	var all []error
	differ := func(field string, got, want any) {
		if got != want {
			all = append(all, fmt.Errorf(`the log does not match: field "%s" is %v, want %v`, field, got, want))
		}
	}
	differ("schema", h.Schema, want.Schema)
	differ("model", h.Model, want.Model)
	differ("data", h.Data, want.Data)
	differ("weights", h.Weights, want.Weights)
	differ("initial", h.Initial, want.Initial)
	differ("seed", h.Seed, want.Seed)
	differ("samples", h.Samples, want.Samples)
	differ("batch", h.Batch, want.Batch)
	if h.Arithmetic != "" && want.Arithmetic != "" {
		differ("arithmetic", h.Arithmetic, want.Arithmetic)
	}
	return errors.Join(all...)
}

// OrderOf is the order of the samples in epoch e (from 0).
func (l *Log) OrderOf(e int) []int {
	if order := l.Epochs[e].Order; order != nil {
		return slices.Clone(order)
	}
	return EpochOrder(l.Header.Seed, e, l.Header.Samples)
}

// StepOf holds the hyperparameters of one batch (from 0) of epoch e (from 0).
func (l *Log) StepOf(e, batch int) Step {
	for _, s := range l.Epochs[e].Steps {
		if batch < s.Count {
			return s
		}
		batch -= s.Count
	}
	panic("train: the log has fewer steps than batches") // ReadLog and record keep them equal
}

func (t *trainer) header(initial Params) LogHeader {
	return LogHeader{
		Schema: LogSchema, Model: t.model.Hash(), Data: t.data.Hash(), Weights: WeightHash(t.weights),
		Initial: initial.Hash(), Seed: t.model.Init.Seed, Samples: t.data.Len(), Batch: t.model.Batch,
		Arithmetic: t.arithmetic(),
	}
}

// arithmetic is the class of arithmetic of the network, "" when it is not known.
func (t *trainer) arithmetic() string {
	if _, ok := t.net.(*layerNet); !ok {
		return ""
	}
	return Arithmetic()
}

// Arithmetic is the class of machines that get the same bits as this one: "fused" with AVX2 or AVX-512, else "plain".
func Arithmetic() string {
	if simd.Active() == simd.Generic {
		return "plain"
	}
	return "fused"
}

// ErrDiverged says that training ended, but not near a minimum.
var ErrDiverged = errors.New("training diverged")

// Diverged reports a run whose mean loss was higher in the last epoch than in the first, or ten times its lowest while
// above a twentieth of the first: its parameters are no minimum, and what is estimated from them means nothing. The
// error is an ErrDiverged.
func (l *Log) Diverged() error {
	if len(l.Epochs) < 2 {
		return nil
	}
	first, last, lowest := l.Epochs[0].Loss, l.Epochs[len(l.Epochs)-1].Loss, 0
	for e := range l.Epochs {
		if l.Epochs[e].Loss < l.Epochs[lowest].Loss {
			lowest = e
		}
	}
	if least := l.Epochs[lowest].Loss; last > first || last > 10*least && last > diverging*first {
		return fmt.Errorf("%w: the mean loss is %.4g in epoch %d, %.4g in epoch 1 and at its lowest, %.4g, in epoch %d: lower the learning rate",
			ErrDiverged, last, len(l.Epochs), first, least, lowest+1)
	}
	return nil
}

// diverging is the part of the first epoch's loss below which a loss that grew again is near zero all the same.
const diverging = .05

// record appends the epoch that was just done.
func (t *trainer) record(e int, loss float32) {
	line := LogEpoch{Epoch: e + 1, Loss: loss, Params: t.params.Hash()}
	n := t.data.Len()
	switch {
	case t.opt.Order != nil:
		line.Order = t.opt.Order[e]
		n = len(line.Order)
	case n*t.model.Epochs <= MaxLoggedOrder:
		line.Order = t.orderOf(e)
	}
	line.Steps = runs(t.steps.of(e), (n+t.model.Batch-1)/t.model.Batch)
	t.log.Epochs = append(t.log.Epochs, line)
}

// runs codes the steps of an epoch by the length of their runs.
func runs(at func(batch int) Step, count int) []Step {
	var out []Step
	for b := range count {
		s := at(b)
		if n := len(out); n > 0 {
			if s.Count = out[n-1].Count; s == out[n-1] {
				out[n-1].Count++
				continue
			}
		}
		s.Count = 1
		out = append(out, s)
	}
	return out
}
