package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"attrib/internal/runfile"
	"attrib/kernels"
	"attrib/store"
)

func newStore(e *env) *cobra.Command {
	cmd := &cobra.Command{Use: "store", Short: "Look into feature stores, check them, write them in another form", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(newStoreInfo(e), newStoreCheck(e), newStoreCompact(e), newStoreConvert(e))
	return cmd
}

// StoreResult is what the commands about stores print.
type StoreResult struct {
	Schema      string  `json:"schema"`
	Store       string  `json:"store"`
	Of          string  `json:"of"`
	Kind        string  `json:"kind"`
	Sign        string  `json:"sign"`
	Measurement string  `json:"measurement"`
	Unit        string  `json:"unit"`
	Type        string  `json:"type"`
	Width       int     `json:"width"`
	Layers      int     `json:"layers"` // 0 for flat rows
	Rows        int64   `json:"rows"`
	Shards      int     `json:"shards"`
	Done        int     `json:"done"` // shards that are written
	Bytes       int64   `json:"bytes"`
	MaxNorm     float64 `json:"maxNorm"`
	Digest      string  `json:"digest"`
	Checked     bool    `json:"checked"` // every byte was read and found right
}

// describeStore reads what a store's folder says, also of one that is still being written.
func describeStore(dir string) (*StoreResult, error) {
	h, err := store.ReadHeader(dir)
	if err != nil {
		return nil, err
	}
	r := &StoreResult{Schema: "attrib.store-result/1", Store: dir, Of: h.Of, Kind: h.Kind, Sign: h.Sign, Measurement: h.Measurement, Unit: h.Unit,
		Type: h.Layout.Type, Width: h.Layout.Width, Layers: len(h.Layout.Layers), Rows: h.Rows, Shards: len(h.Shards), Digest: h.Digest}
	for i, s := range h.Shards {
		if s.Done || store.HasRecord(dir, i) {
			r.Done++
		}
		r.MaxNorm = max(r.MaxNorm, s.MaxNorm)
		if st, err := os.Stat(filepath.Join(dir, s.File)); err == nil {
			r.Bytes += st.Size()
		}
	}
	return r, nil
}

func (r *StoreResult) text(w io.Writer) {
	fmt.Fprintf(w, "%s of %s: %d rows of width %d, %s", r.Kind, r.Of, r.Rows, r.Width, r.Type)
	if r.Layers > 0 {
		fmt.Fprintf(w, ", factored in %d layers", r.Layers)
	}
	fmt.Fprintf(w, "\nmeasurement %s, sign %s, unit %s\n%d shards, %.1f MB, largest norm %.6g\n", r.Measurement, r.Sign, r.Unit, r.Shards, float64(r.Bytes)/1e6, r.MaxNorm)
	switch {
	case r.Done < r.Shards:
		fmt.Fprintf(w, "%d shards are not written yet: run the command that makes the store again\n", r.Shards-r.Done)
	case r.Checked:
		fmt.Fprintln(w, "every byte is as it was written")
	}
}

func newStoreInfo(e *env) *cobra.Command {
	return &cobra.Command{
		Use:     "info DIR",
		Short:   "What a store holds and how far it is written, without reading the rows",
		Example: "  attrib store info out/store",
		Args:    oneArg("a store's folder"),
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := describeStore(args[0])
			if err != nil {
				return err
			}
			return e.print(r, r.text)
		},
	}
}

func newStoreCheck(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "check DIR",
		Short: "Read every byte of a store and compare it with what was written",
		Long: `Compares the header with its digest and every shard with its SHA-256, and looks at every row: ids that come twice, values that are
not finite, norms that are not those recorded. Exit code 4 when something differs; all that differs is named.`,
		Example: "  attrib store check out/store",
		Args:    oneArg("a store's folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := os.Stat(filepath.Join(args[0], store.HeaderFile)); errors.Is(err, fs.ErrNotExist) {
				return err
			}
			if err := store.Check(cmd.Context(), args[0]); err != nil {
				if cmd.Context().Err() != nil {
					return err
				}
				return mismatch{err}
			}
			r, err := describeStore(args[0])
			if err != nil {
				return err
			}
			r.Checked = true
			return e.print(r, r.text)
		},
	}
}

func newStoreCompact(e *env) *cobra.Command {
	var o outFlags
	var rows int64
	cmd := &cobra.Command{
		Use:   "compact DIR",
		Short: "Write a store with few large shards instead of many small ones",
		Long: `Writes the rows, bit for bit and in order, in shards of about 64 MiB (or --shard-rows) into another folder: for stores that many hosts
wrote or that were imported from many files.`,
		Example: "  attrib store compact out/store --out out/compact",
		Args:    oneArg("a store's folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return rewriteStore(cmd.Context(), e, o.stage(cmd), args[0], store.RewriteOptions{ShardRows: rows})
		},
	}
	o.register(cmd.Flags())
	cmd.Flags().Int64Var(&rows, "shard-rows", 0, "rows of a shard; 0: what takes about 64 MiB")
	require(cmd, "out")
	return cmd
}

func newStoreConvert(e *env) *cobra.Command {
	var o outFlags
	var r store.RewriteOptions
	cmd := &cobra.Command{
		Use:   "convert DIR",
		Short: "Write a store with other numbers, or flat instead of factored",
		Long: `Rounds the rows to another type (to nearest; I8 with a scale for every vector) or multiplies factors out, into another folder. A value
that the type cannot hold is refused by row id.`,
		Example: "  attrib store convert out/store --type F16 --out out/half",
		Args:    oneArg("a store's folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if r.Type == "" && !r.Flat {
				return usage(errors.New("give --type, --flat or both"))
			}
			if _, err := kernels.ParseDType(r.Type); r.Type != "" && err != nil {
				return usage(fmt.Errorf("--type: %w", err))
			}
			return rewriteStore(cmd.Context(), e, o.stage(cmd), args[0], r)
		},
	}
	o.register(cmd.Flags())
	cmd.Flags().StringVar(&r.Type, "type", "", "F32, BF16, F16 or I8; default: as it is")
	cmd.Flags().BoolVar(&r.Flat, "flat", false, "multiply factors out")
	require(cmd, "out")
	return cmd
}

func rewriteStore(ctx context.Context, e *env, st stage, dir string, o store.RewriteOptions) error {
	defer lean()()
	src, err := store.Open(ctx, dir)
	if err != nil {
		return err
	}
	defer src.Close()
	st.config[positional] = dir
	header := o.Header(src.Header())
	if err := header.Check(); err != nil {
		return usage(err)
	}
	err = st.write([]string{storeHeader(dir)}, func(f *runfile.Folder) error {
		w, err := store.Create(f.Dir, header, store.Options{Resume: true})
		if err != nil {
			return err
		}
		defer w.Close()
		if err := store.Rewrite(ctx, src, w, e.progress("rewrite", "rows")); err != nil {
			return err
		}
		if err := src.Unchanged(); err != nil {
			return err
		}
		return w.Finish()
	})
	if err != nil {
		return err
	}
	r, err := describeStore(st.Out)
	if err != nil {
		return err
	}
	return e.print(r, r.text)
}
