package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"attrib/corpus"
	"attrib/train"
)

// ReplayResult is what attrib train replay prints.
type ReplayResult struct {
	Schema     string `json:"schema"`
	Run        string `json:"run"`
	From       int    `json:"from"`
	Epochs     int    `json:"epochs"`
	Parameters string `json:"parameters"` // hash of the final parameters
	Same       bool   `json:"same"`
}

func newReplay(e *env) *cobra.Command {
	var dir string
	var from int
	cmd := &cobra.Command{
		Use:   "replay RUN",
		Short: "Repeat a training run from its log, bit for bit",
		Long: `Repeats the run in a folder that attrib train wrote, from its log and a checkpoint, and compares the parameters after
every epoch with the hashes in the log. Exit code 4 says that they differ. Machines with AVX2 or AVX-512 get the same
bits; the log says which class of machine the run was made on.`,
		Example: "  attrib train replay --corpus corpus out/train",
		Args:    oneArg("RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := runReplay(cmd.Context(), e, args[0], dir, from)
			if err != nil {
				return err
			}
			return e.print(r, r.text)
		},
	}
	cmd.Flags().StringVar(&dir, "corpus", "", "corpus folder")
	cmd.Flags().IntVar(&from, "from", 0, "epochs after which to begin; a checkpoint must be there")
	require(cmd, "corpus")
	return cmd
}

func runReplay(ctx context.Context, e *env, run, dir string, from int) (*ReplayResult, error) {
	model, err := train.ReadModel(filepath.Join(run, modelFile))
	if err != nil {
		return nil, err
	}
	c, err := corpus.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := modelFits(c, model.Input, model.Classes(), run); err != nil {
		return nil, err
	}
	data, err := loadData(c, corpus.SplitTrain)
	if err != nil {
		return nil, err
	}
	log, err := train.ReadLog(filepath.Join(run, train.LogName))
	if err != nil {
		return nil, err
	}
	network := e.network(model)
	initial, _, err := trainOptions{Initial: filepath.Join(run, train.CheckpointName(0))}.initial(network)
	if err != nil {
		return nil, err
	}
	p, err := train.ReplayFrom(ctx, model, data, run, from, train.Options{Network: network, Initial: initial})
	switch {
	case errors.Is(err, train.ErrDiffers):
		return nil, mismatch{fmt.Errorf("%s: %w", run, err)}
	case err != nil:
		return nil, fmt.Errorf("%s: %w", run, err)
	}
	return &ReplayResult{"attrib.replay-result/1", run, from, len(log.Epochs), p.Hash(), true}, nil
}

func (r *ReplayResult) text(w io.Writer) {
	fmt.Fprintf(w, "epochs %d to %d of %s: the same bits, parameters %s…\n", r.From+1, r.Epochs, r.Run, r.Parameters[:16])
}
