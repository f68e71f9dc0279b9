package corpus

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"attrib/internal/atomicfile"
)

// Folder is what Write puts into a corpus folder.
type Folder struct {
	Samples      []Sample
	MoreSamples  iter.Seq[Sample] // follow Samples; nil for none. For those that are too many to hold
	Contributors []Contributor
	Queries      []Query
	Approvals    []Approval // no file is written when there are none
}

// Write makes the files of a corpus folder, as JSON Lines with the schema in every line and the hash of inline content filled in. The
// same records give the same bytes. It does not check them (Open does) and does not write assets that are files.
func Write(dir string, f Folder) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := writeLines(dir, contributorTable, f.Contributors, func(c *Contributor) { c.Schema = ContributorSchema }); err != nil {
		return err
	}
	if err := writeLines(dir, queryTable, f.Queries, func(q *Query) { q.Schema = QuerySchema }); err != nil {
		return err
	}
	if len(f.Approvals) > 0 {
		if err := writeLines(dir, approvalTable, f.Approvals, func(a *Approval) { a.Schema = ApprovalSchema }); err != nil {
			return err
		}
	}
	return writeEach(dir, sampleTable, f.allSamples(), completeSample)
}

func (f Folder) allSamples() iter.Seq[Sample] {
	return func(yield func(Sample) bool) {
		for _, s := range f.Samples {
			if !yield(s) {
				return
			}
		}
		if f.MoreSamples != nil {
			f.MoreSamples(yield)
		}
	}
}

func completeSample(s *Sample) {
	s.Schema = SampleSchema
	if s.Content != nil && s.SHA256 == "" {
		h := s.Content.SHA256()
		s.SHA256 = hex.EncodeToString(h[:])
	}
}

func writeLines[T any](dir string, t table, records []T, complete func(*T)) error {
	return writeEach(dir, t, slices.Values(records), complete)
}

// writeEach writes one record a line; complete works on a copy.
func writeEach[T any](dir string, t table, records iter.Seq[T], complete func(*T)) error {
	return atomicfile.Write(filepath.Join(dir, t.name+".jsonl"), func(w io.Writer) error {
		buf, i := bufio.NewWriterSize(w, 1<<16), 0
		for r := range records {
			complete(&r)
			line, err := jsonLine(r)
			if err != nil {
				return fmt.Errorf("record %d: %w", i, err)
			}
			if _, err := buf.Write(line); err != nil {
				return err
			}
			i++
		}
		return buf.Flush()
	})
}

// jsonLine is a record on one line, with its newline.
func jsonLine(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return buf.Bytes(), err
}
