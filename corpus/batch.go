package corpus

import (
	"errors"
	"fmt"
)

// Batch is a run of samples, or the queries, as rows of features.
type Batch struct {
	Row         []int64   // number of the sample in the corpus, or of the query
	ID          []string  //
	Width       int       // features a row
	X           []float32 // len(Row) × Width, row-major
	Y           []int32   // label, −1 for none
	Contributor []int32   // place in Corpus.Contributors, −1 for none; nil for queries
}

// Len is the number of rows.
func (b *Batch) Len() int { return len(b.Row) }

// NeedLabels is an error naming the first row without a label.
func (b *Batch) NeedLabels() error {
	for i, y := range b.Y {
		if y < 0 {
			return fmt.Errorf("%q has no label, which training and gradients need", b.ID[i])
		}
	}
	return nil
}

// Batches visits the samples of a split in file order, at most size at a time. The batch is valid until visit returns. Only
// one batch is held in memory.
func (c *Corpus) Batches(split Split, size int, visit func(*Batch) error) error {
	if size < 1 {
		return errors.New("batch size must be at least 1")
	}
	b := &Batch{Width: c.width}
	err := c.Samples(func(row int64, s Sample) error {
		r := c.rows.at(int(row))
		if r.split != split {
			return nil
		}
		x, err := c.Features(s)
		if err != nil {
			return err
		}
		b.add(row, r.id, x, r.label)
		b.Contributor = append(b.Contributor, r.contributor)
		if b.Len() < size {
			return nil
		}
		defer b.reset()
		return visit(b)
	})
	if err != nil || b.Len() == 0 {
		return err
	}
	return visit(b)
}

func (b *Batch) add(row int64, id string, x []float32, label int32) {
	b.Row, b.ID, b.X, b.Y = append(b.Row, row), append(b.ID, id), append(b.X, x...), append(b.Y, label)
}

func (b *Batch) reset() {
	b.Row, b.ID, b.X, b.Y, b.Contributor = b.Row[:0], b.ID[:0], b.X[:0], b.Y[:0], b.Contributor[:0]
}

// Load holds all samples of a split at once.
func (c *Corpus) Load(split Split) (*Batch, error) {
	out := &Batch{Width: c.width}
	err := c.Batches(split, max(1, c.rows.len()), func(b *Batch) error {
		*out = *b
		return nil
	})
	return out, err
}

// LoadQueries holds all queries at once.
func (c *Corpus) LoadQueries() (*Batch, error) {
	out := &Batch{Width: c.width}
	for i, q := range c.Queries {
		x, err := c.QueryFeatures(q)
		if err != nil {
			return nil, err
		}
		y := int32(-1)
		if q.Label != nil {
			y = *q.Label
		}
		out.add(int64(i), q.ID, x, y)
	}
	return out, nil
}
