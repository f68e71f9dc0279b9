package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"attrib/corpus"
	"attrib/influence"
	"attrib/internal/runfile"
	"attrib/store"
)

type indexOptions struct {
	stage
	modelFlags
	Corpus   string
	Encoder  string
	Factored bool
	Memory   string
	importFlags
}

// IndexResult is what attrib index prints.
type IndexResult struct {
	Schema  string  `json:"schema"`
	Out     string  `json:"out"`
	Kind    string  `json:"kind"`
	Rows    int64   `json:"rows"`
	Width   int     `json:"width"`
	Shards  int     `json:"shards"`
	MaxNorm float64 `json:"maxNorm"`
	Seconds float64 `json:"seconds"`
}

func newIndex(e *env) *cobra.Command {
	var o indexOptions
	cmd := &cobra.Command{
		Use:   "index",
		Short: "Features of every training sample into a store: gradients, or embeddings",
		Long: `Writes a row per training sample into a feature store: the gradient of its loss at the trained parameters
(--model), a fixed encoder's embedding (--encoder), or what PyTorch or NumPy wrote (--import): a file or a folder of
.safetensors and .npy files with a row per sample and its row_ids, the sample's line in the corpus, counted from 0. An interrupted run
goes on at the last whole shard.`,
		Example: `  attrib index --corpus corpus --model out/train --out out/store
  attrib index --corpus corpus --import train.safetensors --sign +loss-gradient --measurement loss --out out/imported`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.stage = o.outFlags.stage(cmd)
			result, err := runIndex(cmd.Context(), e, o)
			if err != nil {
				return err
			}
			return e.print(result, result.text)
		},
	}
	f := cmd.Flags()
	o.outFlags.register(f)
	o.modelFlags.register(cmd)
	f.StringVar(&o.Corpus, "corpus", "", "corpus folder")
	f.StringVar(&o.Encoder, "encoder", "", "instead of gradients: pixel (features in 0..1) or char-ngram (hashed character n-grams)")
	f.BoolVar(&o.Factored, "factored", false, "keep activations and output gradients instead of their product: smaller for wide layers")
	f.StringVar(&o.Memory, "memory", "", "with --model or --encoder: resident memory to keep to, such as 200MB: fewer samples at a time; the store does not depend on it (default: no limit)")
	o.importFlags.register(f)
	require(cmd, "corpus", "out")
	return cmd
}

func runIndex(ctx context.Context, e *env, o indexOptions) (*IndexResult, error) {
	if err := o.oneSource(); err != nil {
		return nil, usage(err)
	}
	defer lean()()
	c, err := corpus.Open(o.Corpus)
	if err != nil {
		return nil, err
	}
	switch {
	case o.Import != "":
		return indexImport(ctx, e, o, c)
	case o.Encoder != "":
		return indexEmbeddings(ctx, e, o, c)
	}
	m, err := e.loadModel(o.modelFlags)
	if err != nil {
		return nil, err
	}
	if err := m.fits(c); err != nil {
		return nil, err
	}
	device, err := e.openProducts()
	if err != nil {
		return nil, err
	}
	defer device.close()
	device.give(m.Task)
	samples := newSplitSamples(c, corpus.SplitTrain)
	defer samples.close()
	header := store.Header{
		Schema: store.Schema, Kind: store.KindGradients, Sign: store.SignLossGradient, Measurement: store.MeasureLoss, Unit: store.UnitInfluence,
		Layout: influence.StoreLayout(m.Task, o.Factored), Model: m.Params.Hash(), Corpus: c.Hash(), Rows: samples.Len(),
	}
	if !o.Factored {
		header.Recipe = store.FlattenedRecipe(influence.StoreLayout(m.Task, true).Layers)
	}
	rows, limit, err := o.limit(header, influence.WriteBatch)
	if err != nil {
		return nil, err
	}
	return o.writeStore(append(corpusFiles(c), m.Files...), header, limit, device, func(w *store.Writer) error {
		show := e.progress("index", "samples")
		return influence.WriteFeatures(ctx, m.Task, m.Params, samples, w, influence.WriteOptions{Batch: rows, Progress: show})
	})
}

// oneSource says where the rows come from.
func (o indexOptions) oneSource() error {
	given := 0
	for _, v := range []string{o.Model, o.Encoder, o.Import} {
		if v != "" {
			given++
		}
	}
	if given != 1 {
		return errors.New("give one of --model for gradients, --encoder for embeddings and --import for rows made elsewhere")
	}
	if o.Import != "" && o.Memory != "" {
		return errors.New("--memory is for --model and --encoder: imported rows are read where they lie, a shard at a time")
	}
	return o.importFlags.check()
}

// writeStore creates or resumes the store in the output folder and lets fill write its rows. limit is what run.json says of
// memory, or nil. device says what was computed where.
func (o indexOptions) writeStore(inputs []string, header store.Header, limit *runfile.Limit, device *products, fill func(*store.Writer) error) (*IndexResult, error) {
	result := &IndexResult{Schema: "attrib.index-result/1", Out: o.Out, Kind: header.Kind, Rows: header.Rows, Width: header.Layout.Width}
	err := o.write(inputs, func(f *runfile.Folder) error {
		f.Record.Limit = limit
		w, err := store.Create(f.Dir, header, store.Options{Resume: true})
		if err != nil {
			return err
		}
		defer w.Close()
		if err := fill(w); err != nil {
			return err
		}
		if err := w.Finish(); err != nil {
			return err
		}
		device.record(f, true)
		result.Seconds = f.Stage("index")
		return result.describe(f.Dir)
	})
	return result, err
}

func (r *IndexResult) describe(dir string) error {
	h, err := store.ReadHeader(dir)
	if err != nil {
		return err
	}
	r.Shards = len(h.Shards)
	for _, s := range h.Shards {
		r.MaxNorm = max(r.MaxNorm, s.MaxNorm)
	}
	return nil
}

func (r *IndexResult) text(w io.Writer) {
	fmt.Fprintf(w, "%s: %d rows of width %d in %d shards (%.1f s)\n%s\n", r.Kind, r.Rows, r.Width, r.Shards, r.Seconds, r.Out)
}
