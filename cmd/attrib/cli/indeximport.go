package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
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
}

func (o *importFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.Import, "import", "", "file or folder of .safetensors and .npy files that hold the rows")
	f.StringVar(&o.Of, "of", store.OfSamples, "what imported rows belong to: samples, or outputs (for attrib score --queries)")
	f.StringVar(&o.Sign, "sign", "", "of imported rows: +loss-gradient (∇ℓ), +goodness-gradient (∇m, m better when larger), none (embeddings)")
	f.StringVar(&o.Measurement, "measurement", "", "of imported rows: loss, margin or log-prob (the function they are the gradient of), or embedding")
	f.StringVar(&o.Type, "type", "", "numbers of imported rows in the store: F32, BF16, F16 or I8; default: as in the files, F32 for F64")
	f.StringVar(&o.MadeBy, "made-by", "", "what made imported rows, such as a checkpoint's hash: rows of samples and outputs must agree in it")
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
		if o.InOrder || o.Of == store.OfOutputs {
			return errors.New("--in-order and --of are for rows that --import takes")
		}
		return nil
	}
	if o.Sign == "" || o.Measurement == "" {
		return errors.New("--import needs --sign and --measurement: what are the rows the gradient of?")
	}
	if _, err := kernels.ParseDType(o.Type); o.Type != "" && err != nil {
		return fmt.Errorf("--type: %w", err)
	}
	return nil
}

// indexImport puts rows of other programs into a store.
func indexImport(ctx context.Context, e *env, o indexOptions, c *corpus.Corpus) (*IndexResult, error) {
	rows, err := store.OpenForeign(o.Import, store.ForeignOptions{InOrder: o.InOrder})
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
	if err := rows.CheckIDs(lines); err != nil {
		return nil, fmt.Errorf("%w (%s has %d %s)", err, o.Corpus, lines, o.Of)
	}
	return o.writeStore(append(corpusFiles(c), rows.Files()...), header, func(w *store.Writer) error {
		return rows.Import(ctx, w, e.progress("import", "rows"))
	})
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
