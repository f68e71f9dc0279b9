package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"attrib/corpus"
	"attrib/influence"
	"attrib/influence/gorgonia"
	"attrib/kernels"
	"attrib/kernels/cpu"
	"attrib/kernels/ref"
	"attrib/train"
)

// modelFlags name a trained model: a folder that attrib train wrote, or model.json and parameters apart.
type modelFlags struct {
	Model  string
	Params string
}

func (m *modelFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&m.Model, "model", "", "folder that attrib train wrote, or a model.json")
	cmd.Flags().StringVar(&m.Params, "params", "", "parameters (safetensors with PyTorch state_dict names); default: those in the model's folder")
}

// trained is a model with its parameters and the task that differentiates it.
type trained struct {
	Model  train.Model
	Params train.Params
	Task   influence.Task
	Files  []string
}

func (e *env) loadModel(m modelFlags) (*trained, error) {
	path, params := m.Model, m.Params
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("--model: %w", err)
	}
	if info.IsDir() {
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
	task, err := e.registry.Task(t.Model, gorgonia.Options{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	t.Task = task
	t.Params, err = train.ReadCheckpoint(params, task.Specs())
	return t, err
}

// network makes the networks that train m: plain Go for layers, gorgonia for a registered graph.
func (e *env) network(m train.Model) func() (train.Network, error) {
	return func() (train.Network, error) { return e.registry.Network(m) }
}

// openDevice returns the device that --device names.
func (e *env) openDevice() kernels.Device {
	if e.device == "ref" {
		return ref.New()
	}
	return cpu.New(cpu.Options{Workers: e.workers})
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
