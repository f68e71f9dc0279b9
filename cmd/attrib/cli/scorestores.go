package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"attrib/corpus"
	"attrib/embed"
	"attrib/influence"
	"attrib/kernels"
	"attrib/store"
)

// planStores scores rows of outputs that were imported against rows of samples that were imported.
func (o scoreOptions) planStores(ctx context.Context, c *corpus.Corpus, features *store.Store, device kernels.Device, p *scorePlan) error {
	if o.Model != "" || o.Params != "" {
		return usage(errors.New("--queries holds the rows of the outputs: --model is not needed"))
	}
	rows, err := store.Open(ctx, o.Queries)
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := o.queriesFit(c, features.Header(), rows.Header()); err != nil {
		return fmt.Errorf("%s: %w", o.Queries, err)
	}
	p.files, p.hashes["queries"], p.measured = []string{storeHeader(o.Queries)}, rows.Header().Digest, rows.Header().Measurement
	if p.queries, err = readQueries(ctx, c, rows); err != nil {
		return fmt.Errorf("%s: %w", o.Queries, err)
	}
	var method influence.Method
	if rows.Header().Kind == store.KindEmbeddings {
		var near embed.Neighbours
		near, err = o.neighbours(c, features)
		method, p.measured = near, "nearness of imported embeddings"
	} else if method, err = influence.ByName(o.Method); err != nil {
		err = usage(err)
	}
	if err != nil {
		return err
	}
	align(p.queries.Gradients, rows.Header(), features.Header())
	p.scorer, err = method.Fit(ctx, o.run(features, device, p))
	return err
}

// align turns the outputs' rows so that methods, which take −∇m·∇ℓ, get ∇m where the samples' rows are ∇ℓ: round where both
// are gradients of a loss, or both of a goodness (∇ log p is −∇ℓ). Embeddings have no sign.
func align(m kernels.Matrix, outputs, samples store.Header) {
	if outputs.Sign != samples.Sign || outputs.Sign == store.SignNone {
		return
	}
	v := m.Floats()
	for i := range v {
		v[i] = -v[i]
	}
}

// queriesFit compares the rows of the outputs with those of the samples.
func (o scoreOptions) queriesFit(c *corpus.Corpus, samples, outputs store.Header) error {
	type field struct {
		name      string
		got, want any
	}
	fields := []field{
		{"of", outputs.Of, store.OfOutputs}, {"corpus", outputs.Corpus, c.QueriesHash()}, {"kind", outputs.Kind, samples.Kind},
		{"layout.width", outputs.Layout.Width, samples.Layout.Width}, {"projectionSeed", outputs.ProjectionSeed, samples.ProjectionSeed},
	}
	if len(outputs.Layout.Layers) > 0 && len(samples.Layout.Layers) > 0 {
		fields = append(fields, field{"layout.layers", layerNames(outputs), layerNames(samples)})
	}
	if a, b := samples.Columns(), outputs.Columns(); a != b {
		return fmt.Errorf("field recipe: the numbers of a row of %s lie in another order than those of %s, or nobody said in which (%s; %s): make both in the same way, or write both with attrib store convert --flat", o.Queries, o.Store, rowForm(outputs), rowForm(samples))
	}
	if outputs.Model != "" && samples.Model != "" {
		fields = append(fields, field{"model", outputs.Model, samples.Model})
	}
	var errs []error
	for _, f := range fields {
		if f.got != f.want {
			errs = append(errs, fmt.Errorf("field %s: %v, want %v as the outputs of %s and the rows of %s have it", f.name, f.got, f.want, o.Corpus, o.Store))
		}
	}
	if samples.Measurement == store.MeasureMargin {
		errs = append(errs, fmt.Errorf("the rows of %s are gradients of the margin: methods need those of the training loss, or of log-prob, which is minus the loss", o.Store))
	}
	return errors.Join(errs...)
}

// rowForm says in words what the rows of a store are made of.
func rowForm(h store.Header) string {
	switch {
	case len(h.Layout.Layers) > 0:
		return "factors of " + strings.TrimSpace(layerNames(h))
	case h.Recipe == "":
		return "a single matrix"
	}
	return "flat rows of recipe " + h.Recipe[:12]
}

// layerNames are the layers without their positions, which samples and outputs need not share.
func layerNames(h store.Header) string {
	text := ""
	for _, l := range h.Layout.Layers {
		text += fmt.Sprintf("%s %d×%d ", l.Name, l.Out, l.In)
	}
	return text
}

// readQueries reads the rows of all outputs, in the order of the outputs. q×w numbers are held.
func readQueries(ctx context.Context, c *corpus.Corpus, rows *store.Store) (influence.Queries, error) {
	width := rows.Layout().Width
	q := influence.Queries{Gradients: kernels.F32(len(c.Queries), width, make([]float32, len(c.Queries)*width))}
	seen := make([]bool, len(c.Queries))
	flat, t := kernels.Flatten(rows), kernels.Tile{Rows: 1}
	defer t.Release()
	for i, id := range rows.RowIDs() {
		if id < 0 || id >= int64(len(seen)) {
			return q, fmt.Errorf("row %d: row_ids is %d, but there are %d outputs", i, id, len(seen))
		}
		if err := flat.Read(ctx, i, &t); err != nil {
			return q, err
		}
		copy(q.Gradients.Row(int(id)), t.Flat.Row(0))
		seen[id] = true
	}
	for i, query := range c.Queries {
		if !seen[i] {
			return q, fmt.Errorf("output %q (line %d from 0) has no row", query.ID, i)
		}
		q.IDs = append(q.IDs, query.ID)
	}
	return q, nil
}
