package influence

import (
	"fmt"

	"attrib/kernels"
)

// tally keeps what Totalise wants of scores that come block by block, each query's rows in rising order.
type tally struct {
	o       TotalsOptions
	rows    int64
	rounder kernels.Rounder
	out     *Totals
	best    []ranking // per query
	worst   []ranking
	next    []int64 // per query the row that must come next
}

func newTally(queries int, rows int64, unit int, o TotalsOptions) *tally {
	t := &tally{o: o, rows: rows, rounder: kernels.NewRounder(unit, rows), next: make([]int64, queries)}
	t.out = &Totals{Queries: queries, K: o.K, Groups: o.Groups, Unit: unit, Sum: make([]int64, queries*o.Groups)}
	t.best, t.worst = make([]ranking, queries), make([]ranking, queries)
	return t
}

// add takes the scores m of queries from q0 and rows from row0.
func (t *tally) add(q0 int, row0 int64, m kernels.Matrix) error {
	for i := range m.Rows {
		q := q0 + i
		if q >= t.out.Queries || row0 != t.next[q] || row0+int64(m.Cols) > t.rows {
			return fmt.Errorf("the scorer handed out rows %d … of query %d out of order", row0, q)
		}
		t.next[q] += int64(m.Cols)
		for j, score := range m.Row(i) {
			if err := t.one(q, row0+int64(j), score); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tally) one(q int, row int64, score float32) error {
	v, ok := t.rounder.Linear(score)
	if !ok {
		return fmt.Errorf("query %d, row %d: score %v: %w", q, row, score, kernels.ErrOverflow)
	}
	if t.o.Groups > 0 && t.o.Group[row] >= 0 {
		t.out.Sum[q*t.o.Groups+int(t.o.Group[row])] += v
	}
	t.best[q].offer(t.o.K, row, score)
	t.worst[q].offer(t.o.K, row, -score)
	return nil
}

func (t *tally) totals() (*Totals, error) {
	for q := range t.next {
		if t.next[q] != t.rows {
			return nil, fmt.Errorf("the scorer handed out %d of %d rows of query %d", t.next[q], t.rows, q)
		}
		for _, e := range t.best[q] {
			t.out.TopID, t.out.TopScore = append(t.out.TopID, e.row), append(t.out.TopScore, e.score)
		}
		for _, e := range t.worst[q] {
			t.out.WorstID, t.out.WorstScore = append(t.out.WorstID, e.row), append(t.out.WorstScore, -e.score)
		}
	}
	return t.out, nil
}

// ranking holds at most k rows by falling score, ties by lower row. Rows are offered in rising order.
type ranking []ranked

type ranked struct {
	row   int64
	score float32
}

func (r *ranking) offer(k int, row int64, score float32) {
	if k == 0 || len(*r) == k && !(score > (*r)[k-1].score) {
		return
	}
	if len(*r) < k {
		*r = append(*r, ranked{})
	}
	at := len(*r) - 1
	for ; at > 0 && (*r)[at-1].score < score; at-- {
		(*r)[at] = (*r)[at-1]
	}
	(*r)[at] = ranked{row, score}
}
