package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"attrib/corpus"
	"attrib/internal/runfile"
	"attrib/kernels"
	"attrib/train"
)

// modelFile is the copy of model.json in a training folder.
const modelFile = "model.json"

type trainOptions struct {
	stage
	Corpus          string
	Model           string
	Initial         string
	CheckpointEvery int
	Truth           truthOptions
}

// TrainResult is what attrib train prints.
type TrainResult struct {
	Schema          string   `json:"schema"`
	Out             string   `json:"out"`
	Samples         int      `json:"samples"`
	Parameters      int      `json:"parameters"`
	Epochs          int      `json:"epochs"`
	Loss            float64  `json:"loss"`
	Accuracy        float64  `json:"accuracy"`
	HeldOutAccuracy *float64 `json:"heldOutAccuracy"`
	Seconds         float64  `json:"seconds"`
}

func newTrain(e *env) *cobra.Command {
	var o trainOptions
	cmd := &cobra.Command{
		Use:   "train",
		Short: "Train a model on a corpus, with checkpoints and a log that replays it",
		Long: `Trains the model that model.json describes on the training split of a corpus. The output folder holds the log
(train.log: seed, batch order and hyperparameters of every step), checkpoints and the final parameters as safetensors
with PyTorch's state_dict names. An interrupted run goes on from its last checkpoint and ends in the same bits. A run
whose loss grew ends with exit code 3, and the commands that take its model refuse it without --accept-warnings.

With --subsets it makes ground truth instead (truth.json): for every part of --remove that many random subsets of the
training split, and models retrained on each under every seed, removed samples at weight zero; then it measures the
outputs of the corpus. attrib bench accuracy --truth holds scores against it.`,
		Example: `  attrib train --corpus corpus --model model.json --out out/train
  attrib train --corpus corpus --model model.json --subsets 8 --remove 0.25,0.5 --seeds 7,20-23 --measure margin --out out/truth`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.stage = o.outFlags.stage(cmd)
			if err := o.Truth.check(); err != nil {
				return err
			}
			if o.Truth.asked() {
				made, err := runTruth(cmd.Context(), e, o)
				if err != nil {
					return err
				}
				return e.print(made, made.text)
			}
			result, err := runTrain(cmd.Context(), e, o)
			var w blockingWarnings
			if err != nil && !errors.As(err, &w) {
				return err
			}
			return errors.Join(e.print(result, result.text), err)
		},
	}
	cmd.AddCommand(newReplay(e))
	f := cmd.Flags()
	o.outFlags.register(f)
	f.StringVar(&o.Corpus, "corpus", "", "corpus folder")
	f.StringVar(&o.Model, "model", "", "model.json: layers or a registered graph, loss, optimiser, schedule")
	f.StringVar(&o.Initial, "initial", "", "initial parameters: safetensors with PyTorch state_dict names. Default: drawn from the model's seed")
	f.IntVar(&o.CheckpointEvery, "checkpoint-every", 10, "epochs between checkpoints")
	o.Truth.register(f)
	require(cmd, "corpus", "model", "out")
	return cmd
}

func runTrain(ctx context.Context, e *env, o trainOptions) (*TrainResult, error) {
	model, err := train.ReadModel(o.Model)
	if err != nil {
		return nil, err
	}
	c, err := corpus.Open(o.Corpus)
	if err != nil {
		return nil, err
	}
	if c.Count(corpus.SplitTrain) == 0 {
		return nil, fmt.Errorf("%s: the corpus has no samples of split %q", c.Dir(), corpus.SplitTrain)
	}
	if err := modelFits(c, model.Input, model.Classes(), o.Model); err != nil {
		return nil, err
	}
	data, err := loadData(c, corpus.SplitTrain)
	if err != nil {
		return nil, err
	}
	if err := tokensFit(c, model, data); err != nil {
		return nil, err
	}
	device, err := e.openProducts()
	if err != nil {
		return nil, err
	}
	defer device.close()
	network := device.network(e, model)
	initial, inputs, err := o.initial(network)
	if err != nil {
		return nil, err
	}
	var diverged error
	result := &TrainResult{Schema: "attrib.train-result/1", Out: o.Out, Samples: data.Len(), Epochs: model.Epochs}
	err = o.write(append(append(corpusFiles(c), o.Model), inputs...), func(f *runfile.Folder) error {
		f.Record.Seeds = map[string]string{"init": fmt.Sprint(model.Init.Seed)}
		if err := model.Write(f.Path(modelFile)); err != nil {
			return err
		}
		show := e.progress("train", "epochs")
		params, log, err := train.Run(ctx, model, data, train.Options{
			Initial: initial, Out: f.Dir, Resume: f.Resumed, CheckpointEvery: o.CheckpointEvery, Network: network,
			Progress: func(epochs int, loss float32) { show(int64(epochs), int64(model.Epochs)) },
		})
		if err != nil {
			return err
		}
		if diverged = log.Diverged(); diverged != nil {
			f.Block(diverged)
		}
		result.Parameters = params.Count()
		result.Seconds = f.Stage("train")
		err = result.evaluate(model, network, params, data, c)
		device.record(f, true)
		return err
	})
	if err == nil && diverged != nil {
		err = blockingWarnings{fmt.Errorf("%s: %w", o.Out, diverged)}
	}
	return result, err
}

// initial reads the parameters to start from, if a file is named, and returns that file as an input.
func (o trainOptions) initial(network func() (train.Network, error)) (train.Params, []string, error) {
	if o.Initial == "" {
		return nil, nil, nil
	}
	net, err := network()
	if err != nil {
		return nil, nil, err
	}
	p, err := train.ReadCheckpoint(o.Initial, net.Specs())
	if err != nil {
		return nil, nil, fmt.Errorf("--initial: %w", err)
	}
	return p, []string{o.Initial}, nil
}

// evaluate measures the trained model on its training data and on what was held out.
func (r *TrainResult) evaluate(m train.Model, network func() (train.Network, error), p train.Params, d train.Data, c *corpus.Corpus) error {
	net, err := network()
	if err != nil {
		return err
	}
	if r.Loss, r.Accuracy, err = train.Evaluate(m, net, p, d); err != nil {
		return err
	}
	if c.Count(corpus.SplitHeldOut) == 0 {
		return nil
	}
	held, err := loadData(c, corpus.SplitHeldOut)
	if err != nil {
		return err
	}
	_, accuracy, err := train.Evaluate(m, net, p, held)
	r.HeldOutAccuracy = &accuracy
	return err
}

func (r *TrainResult) text(w io.Writer) {
	fmt.Fprintf(w, "trained on %d samples: %d parameters, %d epochs, loss %.4f, accuracy %.1f %%", r.Samples, r.Parameters, r.Epochs, r.Loss, 100*r.Accuracy)
	if r.HeldOutAccuracy != nil {
		fmt.Fprintf(w, ", held out %.1f %%", 100**r.HeldOutAccuracy)
	}
	fmt.Fprintf(w, " (%.1f s)\n%s\n", r.Seconds, filepath.Join(r.Out, train.FinalName))
}

// tokensFit names the sample that holds no token, for a model that takes tokens.
func tokensFit(c *corpus.Corpus, m train.Model, d train.Data) error {
	if m.Builder != "" {
		return nil
	}
	net, err := train.NewNet(m)
	if err != nil || net.Tokens() == 0 {
		return err
	}
	for i, row := range c.RowsOf(corpus.SplitTrain) {
		if err := net.CheckTokens(d.X.Row(i)); err != nil {
			return fmt.Errorf("%s: sample %q: %w", c.Dir(), c.SampleID(row), err)
		}
	}
	return nil
}

// loadData reads a labelled split.
func loadData(c *corpus.Corpus, split corpus.Split) (train.Data, error) {
	b, err := c.Load(split)
	if err != nil {
		return train.Data{}, err
	}
	if b.Len() == 0 {
		return train.Data{}, fmt.Errorf("%s: the corpus has no samples of split %q", c.Dir(), split)
	}
	if err := b.NeedLabels(); err != nil {
		return train.Data{}, err
	}
	return train.Data{X: kernels.F32(b.Len(), b.Width, b.X), Y: b.Y}, nil
}
