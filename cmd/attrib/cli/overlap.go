package cli

import (
	"context"
	"fmt"

	"attrib/kernels"
)

// What an overlap looks at: more outputs and samples say little more.
const overlapOutputs, overlapSamples = 8, 1 << 17

// overlap is how many of the best samples by the scores of one device are the best by those of another.
type overlap struct {
	exact            kernels.Device
	found, wanted    int
	outputs, samples int64
}

// scan compares the first outputs over the first samples of a scan that a device was given.
func (o *overlap) scan(ctx context.Context, d kernels.Device, s kernels.Source, scan kernels.Scan) error {
	rows := min(s.Len(), overlapSamples)
	scan = kernels.Scan{Queries: scan.Queries.Slice(0, min(scan.Queries.Rows, overlapOutputs)), Metric: scan.Metric, K: int(min(int64(scan.K), rows))}
	got, err := d.Scan(ctx, kernels.Section(s, 0, rows), scan)
	if err != nil {
		return err
	}
	want, err := o.exact.Scan(ctx, kernels.Section(s, 0, rows), scan)
	if err != nil {
		return err
	}
	o.count(got.ID, want.ID, scan.Queries.Rows, rows)
	return nil
}

// factored is scan for rows in factors.
func (o *overlap) factored(ctx context.Context, d kernels.FactoredScanner, s kernels.Source, q kernels.FactoredQueries, scan kernels.Scan) error {
	exact, ok := o.exact.(kernels.FactoredScanner)
	if !ok {
		return nil
	}
	rows := min(s.Len(), overlapSamples)
	some := firstOf(q, min(q.Rows, overlapOutputs))
	scan = kernels.Scan{Metric: scan.Metric, K: int(min(int64(scan.K), rows))}
	got, err := d.ScanFactored(ctx, kernels.Section(s, 0, rows), some, scan)
	if err != nil {
		return err
	}
	want, err := exact.ScanFactored(ctx, kernels.Section(s, 0, rows), some, scan)
	if err != nil {
		return err
	}
	o.count(got.ID, want.ID, some.Rows, rows)
	return nil
}

// firstOf is the first n queries.
func firstOf(q kernels.FactoredQueries, n int) kernels.FactoredQueries {
	out := kernels.FactoredQueries{Rows: n, Factors: q.Factors}
	for l, f := range q.Factors {
		out.A, out.D = append(out.A, q.A[l].Slice(0, n*f.Positions)), append(out.D, q.D[l].Slice(0, n*f.Positions))
	}
	return out
}

// count adds lists of the same length for every query.
func (o *overlap) count(got, want []int64, queries int, rows int64) {
	k := len(want) / max(1, queries)
	for q := range queries {
		best := map[int64]bool{}
		for _, id := range want[q*k : (q+1)*k] {
			best[id] = true
		}
		for _, id := range got[q*k : (q+1)*k] {
			if best[id] {
				o.found++
			}
		}
	}
	o.wanted, o.outputs, o.samples = o.wanted+len(want), int64(queries), rows
}

// String is what run.json says, "" when nothing was compared.
func (o *overlap) String() string {
	if o == nil || o.wanted == 0 {
		return ""
	}
	return fmt.Sprintf("of the best samples of %d outputs among the first %d samples, %d of %d (%.4g) are those of the CPU's exact scores",
		o.outputs, o.samples, o.found, o.wanted, float64(o.found)/float64(o.wanted))
}
