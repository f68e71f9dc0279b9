package cli

import (
	"io"
	"math"
	"path/filepath"

	"github.com/parquet-go/parquet-go"

	"attrib/corpus"
	"attrib/internal/atomicfile"
	"attrib/internal/runfile"
	"attrib/shapley"
	"attrib/store"
)

// Names of the tables in a score folder.
const (
	scoresTable = "scores.parquet" // output × contributor
	topTable    = "top.parquet"    // the kept samples of every output
)

// ScoreRow is a row of scores.parquet: what a contributor's samples did to an output. Score is τ summed over the
// samples, in the unit of scores.json; Quantised is the integer that shares are computed from.
type ScoreRow struct {
	Output      string  `parquet:"output,dict"`
	Contributor string  `parquet:"contributor,dict"`
	Score       float64 `parquet:"score"`
	Quantised   int32   `parquet:"quantised"`
}

// TopRow is a row of top.parquet. Rank is 1 for the most helpful sample, −1 for the most harmful one.
type TopRow struct {
	Output      string  `parquet:"output,dict"`
	Rank        int32   `parquet:"rank"`
	Sample      string  `parquet:"sample"`
	Contributor string  `parquet:"contributor,dict"`
	Score       float32 `parquet:"score"`
}

func writeScoreTables(f *runfile.Folder, c *corpus.Corpus, r *ScoreResult, s *shapley.Scores) error {
	rows := make([]ScoreRow, 0, len(s.Value))
	for q, output := range s.Outputs {
		for p, name := range s.Players {
			k := q*len(s.Players) + p
			rows = append(rows, ScoreRow{output.ID, name, math.Ldexp(float64(r.totals.Sum[k]), r.totals.Unit), s.Value[k]})
		}
	}
	if err := writeTable(f.Path(scoresTable), rows); err != nil {
		return err
	}
	return writeTable(f.Path(topTable), r.topRows(c))
}

func (r *ScoreResult) topRows(c *corpus.Corpus) []TopRow {
	var rows []TopRow
	t := r.totals
	for q, query := range c.Queries {
		add := func(rank int, id int64, score float32) {
			if id < 0 {
				return
			}
			row := r.rowID(id)
			rows = append(rows, TopRow{query.ID, int32(rank), c.SampleID(row), c.Owner(row), score})
		}
		for k := range t.K {
			add(k+1, t.TopID[q*t.K+k], t.TopScore[q*t.K+k])
		}
		for k := range t.K {
			add(-k-1, t.WorstID[q*t.K+k], t.WorstScore[q*t.K+k])
		}
	}
	return rows
}

func writeTable[T any](path string, rows []T) error {
	return atomicfile.Write(path, func(w io.Writer) error { return parquet.Write(w, rows) })
}

func storeHeader(dir string) string { return filepath.Join(dir, store.HeaderFile) }
