package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"strings"

	"attrib/corpus"
	"attrib/embed"
	"attrib/kernels"
	"attrib/store"
)

// openEncoder is the encoder of that name for a corpus, with the hash that stores carry of it.
func openEncoder(name string, c *corpus.Corpus) (embed.Encoder, string, error) {
	var o embed.Options
	switch {
	case name == embed.PixelName && c.Kind() != corpus.KindNumbers:
		return nil, "", fmt.Errorf("%s: encoder %q needs numbers or images, the samples are %s", c.Dir(), name, c.Kind())
	case name == embed.CharName && c.Kind() != corpus.KindText:
		return nil, "", fmt.Errorf("%s: encoder %q needs texts, the samples are %s", c.Dir(), name, c.Kind())
	case name == embed.PixelName:
		o.Width = c.Width()
	}
	enc, err := embed.New(name, o)
	if err != nil {
		return nil, "", usage(err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "attrib encoder %s width %d max 1", enc.Name(), enc.Width()))
	return enc, hex.EncodeToString(sum[:]), nil
}

func indexEmbeddings(ctx context.Context, e *env, o indexOptions, c *corpus.Corpus) (*IndexResult, error) {
	enc, hash, err := openEncoder(o.Encoder, c)
	if err != nil {
		return nil, err
	}
	items := newSplitItems(c, corpus.SplitTrain)
	defer items.close()
	header := embed.Header(enc, items.Len())
	header.Corpus, header.Method = c.Hash(), hash
	rows, limit, err := o.limit(header, embed.WriteRows)
	if err != nil {
		return nil, err
	}
	return o.writeStore(corpusFiles(c), header, limit, e.noProducts(), func(w *store.Writer) error {
		return embed.WriteEmbeddings(ctx, enc, items, w, rows, e.progress("index", "samples"))
	})
}

// planEmbeddings encodes the outputs like the rows of the store.
func (o scoreOptions) planEmbeddings(c *corpus.Corpus, features *store.Store, device kernels.Device, p *scorePlan) error {
	enc, err := encoderOf(c, features)
	if err != nil {
		return fmt.Errorf("%s: %w", o.Store, err)
	}
	method, err := o.neighbours(c, features)
	if err != nil {
		return err
	}
	items := make([]embed.Item, len(c.Queries))
	for i, q := range c.Queries {
		if items[i], err = queryItem(c, q); err != nil {
			return err
		}
		p.queries.IDs = append(p.queries.IDs, q.ID)
	}
	if p.queries.Gradients, err = embed.Encode(enc, items, func(i int) string { return c.Queries[i].ID }); err != nil {
		return err
	}
	p.measured = "nearness of " + enc.Name() + " embeddings"
	p.scorer, err = method.Fit(context.Background(), o.run(features, device, p))
	return err
}

// encoderOf finds the encoder that made a store.
func encoderOf(c *corpus.Corpus, features *store.Store) (embed.Encoder, error) {
	for _, name := range []string{embed.PixelName, embed.CharName} {
		enc, hash, err := openEncoder(name, c)
		if err == nil && hash == features.Header().Method {
			return enc, nil
		}
	}
	return nil, errors.New("field method: the embeddings were not made by an encoder of this program for this corpus")
}

// neighbours reads "neighbours-<measure>", with "-label" when scores take the sign of the label.
func (o scoreOptions) neighbours(c *corpus.Corpus, features *store.Store) (embed.Neighbours, error) {
	measure, ok := strings.CutPrefix(o.Method, "neighbours-")
	if !ok {
		return embed.Neighbours{}, usage(fmt.Errorf("--method %q needs gradients, and %s holds embeddings: use neighbours-cosine, neighbours-l2 or neighbours-rbf, with -label for the label's sign", o.Method, o.Store))
	}
	n := embed.Neighbours{}
	n.Measure, n.LabelSign = strings.CutSuffix(measure, "-label")
	if !n.LabelSign {
		return n, nil
	}
	for _, row := range features.RowIDs() {
		n.Labels = append(n.Labels, c.Label(row))
	}
	for _, q := range c.Queries {
		if q.Label == nil {
			return n, fmt.Errorf("output %q has no label, which %s needs", q.ID, o.Method)
		}
		n.QueryLabels = append(n.QueryLabels, *q.Label)
	}
	return n, nil
}

func queryItem(c *corpus.Corpus, q corpus.Query) (embed.Item, error) {
	if c.Kind() == corpus.KindText {
		text, err := c.QueryBytes(q)
		return embed.Item{Text: string(text)}, err
	}
	values, err := c.QueryFeatures(q)
	return embed.Item{Values: values}, err
}

// splitItems reads a corpus's split front to back as embed.Items, holding one run at a time.
type splitItems struct {
	corpus *corpus.Corpus
	split  corpus.Split
	next   func() (numberedItem, error, bool)
	stop   func()
	at     int64
}

type numberedItem struct {
	row  int64
	item embed.Item
}

func newSplitItems(c *corpus.Corpus, split corpus.Split) *splitItems {
	s := &splitItems{corpus: c, split: split}
	s.rewind()
	return s
}

func (s *splitItems) close() { s.stop() }

func (s *splitItems) rewind() {
	if s.stop != nil {
		s.stop()
	}
	s.at = 0
	s.next, s.stop = iter.Pull2(func(yield func(numberedItem, error) bool) {
		err := s.corpus.Samples(func(row int64, sample corpus.Sample) error {
			if sample.Split != s.split {
				return nil
			}
			item, err := s.item(sample)
			if err == nil && !yield(numberedItem{row, item}, nil) {
				err = errStopped
			}
			return err
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(numberedItem{}, err)
		}
	})
}

func (s *splitItems) item(sample corpus.Sample) (embed.Item, error) {
	if s.corpus.Kind() == corpus.KindText {
		text, err := s.corpus.Bytes(sample)
		return embed.Item{Text: string(text)}, err
	}
	values, err := s.corpus.Features(sample)
	return embed.Item{Values: values}, err
}

// Len is the number of samples of the split.
func (s *splitItems) Len() int64 { return int64(s.corpus.Count(s.split)) }

// Items are items row0 … row0+n−1 of the split with their positions in the corpus file.
func (s *splitItems) Items(ctx context.Context, row0 int64, n int) ([]embed.Item, []int64, error) {
	if row0 < s.at {
		s.rewind()
	}
	items, ids := make([]embed.Item, 0, n), make([]int64, 0, n)
	for len(items) < n {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		v, err, ok := s.next()
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			return nil, nil, fmt.Errorf("%s: split %q ends after %d samples", s.corpus.Dir(), s.split, s.at)
		}
		if s.at++; s.at > row0 {
			items, ids = append(items, v.item), append(ids, v.row)
		}
	}
	return items, ids, nil
}
