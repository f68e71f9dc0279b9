package cli

import (
	"context"
	"fmt"
	"iter"

	"attrib/corpus"
	"attrib/influence"
	"attrib/kernels"
)

// splitSamples reads a corpus's split front to back as influence.Samples, holding one batch at a time. Going back
// begins again from the front.
type splitSamples struct {
	corpus *corpus.Corpus
	split  corpus.Split
	next   func() (*corpus.Batch, error, bool)
	stop   func()
	at     int64 // row after the last one handed out

	have *corpus.Batch // pulled, from row used on not handed out
	used int
}

// pullRows is how many rows are read from the corpus at a time.
const pullRows = 256

func newSplitSamples(c *corpus.Corpus, split corpus.Split) *splitSamples {
	s := &splitSamples{corpus: c, split: split}
	s.rewind()
	return s
}

func (s *splitSamples) rewind() {
	s.close()
	s.at, s.have, s.used = 0, nil, 0
	s.next, s.stop = iter.Pull2(func(yield func(*corpus.Batch, error) bool) {
		err := s.corpus.Batches(s.split, pullRows, func(b *corpus.Batch) error {
			if !yield(b, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && err != errStopped {
			yield(nil, err)
		}
	})
}

var errStopped = fmt.Errorf("stopped")

func (s *splitSamples) close() {
	if s.stop != nil {
		s.stop()
	}
}

// Len is the number of samples of the split.
func (s *splitSamples) Len() int64 { return int64(s.corpus.Count(s.split)) }

// Batch is rows row0 … row0+n−1 of the split; their ids are positions in the corpus file.
func (s *splitSamples) Batch(ctx context.Context, row0 int64, n int) (influence.Batch, error) {
	if row0 < s.at {
		s.rewind()
	}
	var out influence.Batch
	var x []float32
	width := s.corpus.Width()
	for end := row0 + int64(n); s.at < end; {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		if err := s.fill(); err != nil {
			return out, err
		}
		take := int(min(int64(s.have.Len()-s.used), end-s.at))
		if skip := row0 - s.at; skip > 0 {
			take = int(min(int64(take), skip))
		} else {
			x = append(x, s.have.X[s.used*width:(s.used+take)*width]...)
			out.Y = append(out.Y, s.have.Y[s.used:s.used+take]...)
			out.IDs = append(out.IDs, s.have.Row[s.used:s.used+take]...)
		}
		s.used, s.at = s.used+take, s.at+int64(take)
	}
	out.X = kernels.F32(len(out.Y), width, x)
	return out, nil
}

// fill makes sure that a pulled row is at hand.
func (s *splitSamples) fill() error {
	if s.have != nil && s.used < s.have.Len() {
		return nil
	}
	b, err, ok := s.next()
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%s: split %q ends after %d samples", s.corpus.Dir(), s.split, s.at)
	}
	if err := b.NeedLabels(); err != nil {
		return err
	}
	s.have, s.used = b, 0
	return nil
}
