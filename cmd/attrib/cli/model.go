package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"attrib/corpus"
	"attrib/influence"
	"attrib/influence/gorgonia"
	"attrib/internal/runfile"
	"attrib/train"
)

// modelFlags name a trained model: a folder that attrib train wrote, or model.json and parameters apart.
type modelFlags struct {
	Model  string
	Params string
	Accept bool
}

func (m *modelFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&m.Model, "model", "", "folder that attrib train wrote, or a model.json")
	cmd.Flags().StringVar(&m.Params, "params", "", "parameters (safetensors with PyTorch state_dict names); default: those in the model's folder")
	cmd.Flags().BoolVar(&m.Accept, "accept-warnings", false, "take a model whose training left a blocking warning")
}

// vouched refuses a folder whose run left a blocking warning.
func (m modelFlags) vouched(dir string) error {
	record, err := runfile.Read(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && (m.Accept || len(record.Blocking) == 0) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("--model: %w", err)
	}
	return blockingWarnings{fmt.Errorf("--model: %s: %s; give --accept-warnings to take the model all the same", filepath.Join(dir, runfile.Name), strings.Join(record.Blocking, "; "))}
}

// trained is a model with its parameters and the task that differentiates it.
type trained struct {
	Model  train.Model
	Params train.Params
	Task   modelTask
	Files  []string

	Input, Classes int
}

// modelTask is a task that says what its model takes and gives.
type modelTask interface {
	influence.Task
	Specs() []train.Spec
	Input() int
	Classes() int
}

// task differentiates a model: by its layers, or by the registered graph that it names.
func (e *env) task(m train.Model) (modelTask, error) {
	if m.Builder == "" {
		return influence.NewTask(m)
	}
	return e.registry.Task(m, gorgonia.Options{})
}

// fits checks that a corpus has the width and the labels of the model, before anything is computed.
func (t *trained) fits(c *corpus.Corpus) error { return modelFits(c, t.Input, t.Classes, t.Files[0]) }

// modelFits names the sample or output of a corpus that a model cannot take. Input or classes of 0 are not checked.
func modelFits(c *corpus.Corpus, input, classes int, model string) error {
	if c.Kind() != corpus.KindNumbers {
		return fmt.Errorf("%s: the samples are %s and have no numbers that a model could take: use attrib index with --encoder or --import, or give features", c.Dir(), c.Kind())
	}
	if input > 0 && c.Width() != input {
		return fmt.Errorf("%s: the samples have %d features, but %s takes %d (field input)", c.Dir(), c.Width(), model, input)
	}
	for _, row := range c.RowsOf(corpus.SplitTrain) {
		if err := labelFits(c.Label(row), classes, model); err != nil {
			return fmt.Errorf("%s: sample %q: %w", c.Dir(), c.SampleID(row), err)
		}
	}
	for _, q := range c.Queries {
		label := int32(-1)
		if q.Label != nil {
			label = *q.Label
		}
		if err := labelFits(label, classes, model); err != nil {
			return fmt.Errorf("%s: output %q: %w", c.Dir(), q.ID, err)
		}
	}
	return nil
}

func labelFits(label int32, classes int, model string) error {
	switch {
	case label < 0:
		return errors.New("it has no label, which the model needs")
	case classes > 0 && int(label) >= classes:
		return fmt.Errorf("label %d is outside the %d classes of %s", label, classes, model)
	}
	return nil
}

func (e *env) loadModel(m modelFlags) (*trained, error) {
	path, params := m.Model, m.Params
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("--model: %w", err)
	}
	if info.IsDir() {
		if err := runfile.Check(path); err != nil {
			return nil, fmt.Errorf("--model: %w", err)
		}
		if err := m.vouched(path); err != nil {
			return nil, err
		}
		if params == "" {
			params = filepath.Join(path, train.FinalName)
		}
		path = filepath.Join(path, modelFile)
	} else if params == "" {
		return nil, usage(fmt.Errorf("--params is missing: --model %s is a file and not a training folder", path))
	}
	t := &trained{Files: []string{path, params}}
	if t.Model, err = train.ReadModel(path); err != nil {
		return nil, err
	}
	task, err := e.task(t.Model)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t.Task, t.Input, t.Classes = task, task.Input(), task.Classes()
	t.Params, err = train.ReadCheckpoint(params, task.Specs())
	return t, err
}

// network makes the networks that train m: plain Go for layers, gorgonia for a registered graph.
func (e *env) network(m train.Model) func() (train.Network, error) {
	return func() (train.Network, error) { return e.registry.Network(m) }
}

// corpusFiles are the files of a corpus that a run depends on.
func corpusFiles(c *corpus.Corpus) []string {
	var files []string
	for _, base := range []string{"corpus", "contributors", "queries", "approvals"} {
		for _, ext := range []string{".jsonl", ".csv"} {
			path := filepath.Join(c.Dir(), base+ext)
			if _, err := os.Stat(path); err == nil {
				files = append(files, path)
			}
		}
	}
	return files
}

// require marks flags that a command cannot do without.
func require(cmd *cobra.Command, names ...string) {
	for _, n := range names {
		if err := cmd.MarkFlagRequired(n); err != nil {
			panic(err) // a flag that the constructor did not define
		}
	}
}
