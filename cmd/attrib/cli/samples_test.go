package cli

import (
	"context"
	"reflect"
	"testing"

	"attrib/corpus"
	"attrib/internal/scenario"
)

// Rows come out the same whatever the sizes asked for, after a skip, and after going back.
func TestSplitSamplesReadsAnyRange(t *testing.T) {
	dir := t.TempDir()
	if err := scenario.Write(dir, scenario.Options{DataOnly: true}); err != nil {
		t.Fatal(err)
	}
	c, err := corpus.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	all, err := c.Load(corpus.SplitTrain)
	if err != nil {
		t.Fatal(err)
	}
	s := newSplitSamples(c, corpus.SplitTrain)
	defer s.close()
	for _, r := range [][2]int{{0, 7}, {7, 300}, {900, 256}, {3, 1}, {1400, 60}, {0, 1460}} {
		b, err := s.Batch(context.Background(), int64(r[0]), r[1])
		if err != nil {
			t.Fatalf("rows from %d: %v", r[0], err)
		}
		lo, hi := r[0], r[0]+r[1]
		if !reflect.DeepEqual(b.X.Floats(), all.X[lo*64:hi*64]) || !reflect.DeepEqual(b.Y, all.Y[lo:hi]) || !reflect.DeepEqual(b.IDs, all.Row[lo:hi]) {
			t.Errorf("rows %d to %d are not those of the corpus", lo, hi)
		}
	}
	if _, err := s.Batch(context.Background(), 1400, 100); err == nil {
		t.Error("a range past the end was accepted")
	}
}
