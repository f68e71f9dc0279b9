package kernels

import (
	"errors"
	"fmt"
	"math"
)

// Validate reports everything that is wrong with the scan of a source, together. Devices call it before they read.
func (s Scan) Validate(src Source) error {
	n, l := src.Len(), src.Layout()
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	if err := l.Validate(); err != nil {
		bad("source: %w", err)
	}
	errs = append(errs, CheckQueries(s.Queries, s.Metric, l.Width), s.checkReach(n), s.checkGroups(n), s.checkExclude(n))
	return errors.Join(errs...)
}

// checkReach checks how much of n rows is asked for.
func (s Scan) checkReach(n int64) error {
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	if n <= 0 {
		errs = append(errs, ErrEmptySource)
	}
	for _, k := range []struct {
		name string
		v    int
	}{{"K", s.K}, {"Worst", s.Worst}} {
		if k.v < 0 {
			bad("field %s is %d, less than 0", k.name, k.v)
		} else if n > 0 && int64(k.v) > n {
			bad("field %s is %d, but the source has only %d rows", k.name, k.v, n)
		}
	}
	if s.K <= 0 && s.Worst <= 0 && len(s.Reduce) == 0 {
		bad("nothing is asked for: K, Worst and Reduce are all empty")
	}
	return errors.Join(errs...)
}

func (s Scan) checkGroups(n int64) error {
	if len(s.Reduce) == 0 && s.Group == nil {
		return nil
	}
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	for i, r := range s.Reduce {
		if r > SumOfSquares {
			bad("field Reduce[%d]: unknown reduction %v", i, r)
		}
	}
	if s.Unit < MinUnit || s.Unit > MaxUnit {
		bad("field Unit %d is not in %d … %d", s.Unit, MinUnit, MaxUnit)
	}
	if s.Groups <= 0 {
		bad("field Groups is %d, but a reduction needs at least one group", s.Groups)
	} else if s.Groups > math.MaxInt32 {
		bad("field Groups is %d, more than rows can name", s.Groups)
	}
	if int64(len(s.Group)) != n {
		bad("field Group has %d entries for %d rows", len(s.Group), n)
	}
	for i, g := range s.Group {
		if g < -1 || int(g) >= s.Groups {
			bad("field Group[%d] is %d, not in −1 … %d", i, g, s.Groups-1)
			break // one is enough to say what is wrong
		}
	}
	return errors.Join(errs...)
}

func (s Scan) checkExclude(n int64) error {
	if s.Exclude == nil {
		return nil
	}
	if len(s.Exclude) != s.Queries.Rows {
		return fmt.Errorf("field Exclude has %d entries for %d queries", len(s.Exclude), s.Queries.Rows)
	}
	for i, r := range s.Exclude {
		if r < -1 || r >= n {
			return fmt.Errorf("field Exclude[%d] is row %d, not in −1 … %d", i, r, n-1)
		}
	}
	return nil
}

// CheckQueries reports everything that keeps the queries from being compared with rows of that width.
func CheckQueries(q Matrix, m Metric, width int) error {
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf(format, a...)) }
	if m > L2 {
		bad("unknown metric %v", m)
	}
	if q.Rows == 0 {
		errs = append(errs, ErrNoQueries)
	} else if q.Cols != width {
		bad("queries have width %d, rows have width %d", q.Cols, width)
	}
	if err := q.Validate(); err != nil {
		bad("queries: %w", err)
	} else if q.Type != TypeF32 {
		bad("queries are %v, want F32", q.Type)
	} else if i := q.FirstNonFinite(); i >= 0 {
		errs = append(errs, &RowError{What: "query", Row: int64(i), Reason: "holds a NaN or an infinity"})
	}
	return errors.Join(errs...)
}

// ScoreOverflow is the ErrOverflow for a score that float32 cannot hold.
func ScoreOverflow(query int, row int64) error {
	return fmt.Errorf("query %d, row %d: %w for float32; scale the features down", query, row, ErrOverflow)
}

// UnitOverflow is the ErrOverflow for a score that is too large for the unit of the sums.
func UnitOverflow(query int, row int64, score float32, unit int) error {
	return fmt.Errorf("query %d, row %d: %w: %g does not fit sums in 2^%d; use UnitFor with a bound of the scores",
		query, row, ErrOverflow, score, unit)
}
