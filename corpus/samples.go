package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// Samples visits every sample in file order, one at a time, with its number, SHA256 and Split filled in. It reads the
// file again and stops with an error when that was changed since Open. Files that paths lead to are not read; Features and Bytes do that and compare
// their hash.
func (c *Corpus) Samples(visit func(row int64, s Sample) error) error {
	n := 0
	err := sampleTable.read(c.samplesFile, func(_ int, data []byte, bad error) error {
		var s Sample
		if bad == nil {
			bad = json.Unmarshal(data, &s) // Open was strict; fill compares what came out
		}
		if bad != nil || n >= c.rows.len() || !c.fill(n, &s) {
			return errChanged
		}
		n++
		return visit(int64(n-1), s)
	})
	if err == nil && n < c.rows.len() {
		return fmt.Errorf("%s: %w", c.samplesFile, errChanged)
	}
	return err
}

var errChanged = errors.New("the corpus was changed while it was in use; start again")

// fill completes a sample that was read again, and tells whether it is the one that Open saw.
func (c *Corpus) fill(n int, s *Sample) bool {
	r := c.rows.at(n)
	if s.Split == "" {
		s.Split = SplitTrain
	}
	if s.ID != r.id || s.Split != r.split || s.Label != nil && *s.Label != r.label || s.Content != nil && s.Content.SHA256() != r.hash {
		return false
	}
	if r.hash != ([32]byte{}) {
		s.SHA256 = hex.EncodeToString(r.hash[:])
	}
	return true
}

// Bytes are a sample's content bytes, compared with its SHA256 when that is set.
func (c *Corpus) Bytes(s Sample) ([]byte, error) { return c.use(s.asset(), s.SHA256, "sample", s.ID) }

// Features are the numbers of a sample: its array, or the grey values of its image, row by row from 0 (black) to 1
// (white). Texts and other files have none of their own, which is an error.
func (c *Corpus) Features(s Sample) ([]float32, error) {
	return c.features(s.asset(), s.SHA256, "sample", s.ID)
}

// QueryBytes are a query's content bytes.
func (c *Corpus) QueryBytes(q Query) ([]byte, error) { return c.use(q.asset(), "", "query", q.ID) }

// QueryFeatures are the numbers of a query, as Features gives those of a sample.
func (c *Corpus) QueryFeatures(q Query) ([]float32, error) {
	return c.features(q.asset(), "", "query", q.ID)
}

func (c *Corpus) use(a asset, want, kind, id string) ([]byte, error) {
	if a.kind() == KindAbsent {
		return nil, fmt.Errorf("%s %q has no content in the corpus: import features made elsewhere", kind, id)
	}
	root, err := os.OpenRoot(c.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	data, err := a.bytes(root)
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", kind, id, err)
	}
	if sum := sha256.Sum256(data); want != "" && hex.EncodeToString(sum[:]) != want {
		return nil, fmt.Errorf("%s %q: the asset was edited: the file says %s, the content has %x", kind, id, want, sum)
	}
	return data, nil
}

func (c *Corpus) features(a asset, want, kind, id string) ([]float32, error) {
	switch {
	case a.kind() == KindText:
		return nil, fmt.Errorf("%s %q is text, which has no features of its own: name a text encoder, such as char-ngram", kind, id)
	case a.kind() == KindAbsent:
		return nil, fmt.Errorf("%s %q has no content in the corpus: import features made elsewhere", kind, id)
	case a.kind() == KindOpaque:
		return nil, fmt.Errorf("%s %q is a file of a kind that is not decoded here (.png and .pgm are): import features made elsewhere", kind, id)
	case a.content != nil:
		return a.content.Features(), nil
	}
	data, err := c.use(a, want, kind, id)
	if err != nil {
		return nil, err
	}
	v, err := imageFeatures(a.path, data)
	if err == nil && len(v) != c.width {
		err = fmt.Errorf("has %d features, want %d", len(v), c.width)
	}
	if err != nil {
		return nil, fmt.Errorf("%s %q: %w", kind, id, err)
	}
	return v, nil
}
