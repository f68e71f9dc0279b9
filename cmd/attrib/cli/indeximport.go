package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"attrib/corpus"
	"attrib/kernels"
	"attrib/store"
)

// importFlags say what rows are that another program made.
type importFlags struct {
	Import      string
	Of          string
	Sign        string
	Measurement string
	Type        string
	MadeBy      string
	InOrder     bool
	Partial     bool
	Rows        string
}

func (o *importFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.Import, "import", "", "file or folder of .safetensors and .npy files that hold the rows")
	f.StringVar(&o.Of, "of", store.OfSamples, "what imported rows belong to: samples, or outputs (for attrib score --queries)")
	f.StringVar(&o.Sign, "sign", "", "of imported rows: +loss-gradient (∇ℓ), +goodness-gradient (∇m, m better when larger), none (embeddings)")
	f.StringVar(&o.Measurement, "measurement", "", "of imported rows: loss, margin or log-prob (the function they are the gradient of), or embedding")
	f.StringVar(&o.Type, "type", "", "numbers of imported rows in the store: F32, BF16, F16 or I8; default: as in the files, F32 for F64")
	f.StringVar(&o.MadeBy, "made-by", "", "what made imported rows, such as a checkpoint's hash: rows of samples and outputs must agree in it")
	f.BoolVar(&o.Partial, "partial", false, "some training samples have no row: their contributors get nothing for them")
	f.StringVar(&o.Rows, "rows", store.RowsAuto, "what tensors a.<layer>, d.<layer> are: factored (factors), flat (parameters of a module that are called so), or auto, by their names")
	f.BoolVar(&o.InOrder, "in-order", false, "imported files hold no row_ids: their rows are the lines of the corpus, in order")
}

// check refuses flags that do not go together.
func (o importFlags) check() error {
	if o.Import == "" {
		for flag, v := range map[string]string{"--sign": o.Sign, "--measurement": o.Measurement, "--type": o.Type, "--made-by": o.MadeBy} {
			if v != "" {
				return fmt.Errorf("%s is for rows that --import takes", flag)
			}
		}
		if o.InOrder || o.Partial || o.Of == store.OfOutputs || o.Rows != "" && o.Rows != store.RowsAuto {
			return errors.New("--in-order, --partial, --rows and --of are for rows that --import takes")
		}
		return nil
	}
	if o.Sign == "" || o.Measurement == "" {
		return errors.New("--import needs --sign and --measurement: what are the rows the gradient of?")
	}
	if !slices.Contains([]string{store.RowsAuto, store.RowsFlat, store.RowsFactored}, o.Rows) {
		return fmt.Errorf("--rows is %q, want auto, flat or factored", o.Rows)
	}
	if _, err := kernels.ParseDType(o.Type); o.Type != "" && err != nil {
		return fmt.Errorf("--type: %w", err)
	}
	return nil
}

// indexImport puts rows of other programs into a store.
func indexImport(ctx context.Context, e *env, o indexOptions, c *corpus.Corpus) (*IndexResult, error) {
	rows, err := store.OpenForeign(o.Import, store.ForeignOptions{InOrder: o.InOrder, Rows: o.Rows})
	if err != nil {
		return nil, err
	}
	header, err := o.header(c, rows)
	if err != nil {
		return nil, err
	}
	lines := int64(c.Len())
	if o.Of == store.OfOutputs {
		lines = int64(len(c.Queries))
	}
	has, err := rows.CheckIDs(lines)
	if err != nil {
		return nil, fmt.Errorf("%w (%s has %d %s)", err, o.Corpus, lines, o.Of)
	}
	if err := o.complete(c, has); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Import, err)
	}
	return o.writeStore(append(corpusFiles(c), rows.Files()...), header, nil, e.noProducts(), func(w *store.Writer) error {
		return rows.Import(ctx, w, e.progress("import", "rows"))
	})
}

// complete is an error for samples or outputs without a row, unless --partial says that some samples have none.
func (o importFlags) complete(c *corpus.Corpus, has func(int64) bool) error {
	missing, first, lines := int64(0), int64(-1), int64(c.Len())
	if o.Of == store.OfOutputs {
		lines = int64(len(c.Queries))
	}
	for line := range lines {
		if wanted := o.Of == store.OfOutputs || c.Split(line) == corpus.SplitTrain; wanted && !has(line) {
			if missing++; first < 0 {
				first = line
			}
		}
	}
	switch {
	case missing == 0 || o.Partial && o.Of == store.OfSamples:
		return nil
	case o.Of == store.OfOutputs:
		return fmt.Errorf("%d outputs have no row, the first is %q (line %d from 0)", missing, c.Queries[first].ID, first)
	}
	return fmt.Errorf("%d training samples have no row, the first is %q (line %d from 0): give them, or --partial, and their contributors get nothing for them", missing, c.SampleID(first), first)
}

func (o importFlags) header(c *corpus.Corpus, rows *store.Foreign) (store.Header, error) {
	h := store.Header{
		Of: o.Of, Kind: store.KindGradients, Sign: o.Sign, Measurement: o.Measurement, Unit: store.UnitInfluence,
		Layout: rows.Layout(), Corpus: c.Hash(), Rows: rows.Rows(),
	}
	if o.Measurement == store.MeasureEmbedding {
		h.Kind, h.Unit = store.KindEmbeddings, store.UnitArbitrary
	}
	if o.Of == store.OfOutputs {
		h.Corpus = c.QueriesHash()
	}
	if o.Type != "" {
		h.Layout.Type = o.Type
	}
	h.Recipe = rows.Recipe()
	h.Shards = rows.Shards(h)
	if o.MadeBy != "" {
		sum := sha256.Sum256([]byte(strings.TrimSpace(o.MadeBy)))
		h.Model = hex.EncodeToString(sum[:])
	}
	if err := h.Check(); err != nil {
		return h, usage(err)
	}
	return h, nil
}
