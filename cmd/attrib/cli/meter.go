package cli

import (
	"context"
	"time"

	"attrib/internal/runfile"
	"attrib/kernels"
)

// meter is a device that notes what it did, for run.json.
type meter struct {
	kernels.Device
	done    []runfile.Kernel
	overlap *overlap // with exact scores; nil for a device whose scores are exact
}

// note adds a call of an operation.
func (m *meter) note(name string, bytes, ops int64, began time.Time) {
	for i := range m.done {
		if k := &m.done[i]; k.Name == name {
			k.Calls, k.Bytes, k.Ops, k.Seconds = k.Calls+1, k.Bytes+bytes, k.Ops+ops, k.Seconds+time.Since(began).Seconds()
			return
		}
	}
	m.done = append(m.done, runfile.Kernel{Name: name, Calls: 1, Bytes: bytes, Ops: ops, Seconds: time.Since(began).Seconds()})
}

// Scan notes a pass.
func (m *meter) Scan(ctx context.Context, s kernels.Source, scan kernels.Scan) (*kernels.Result, error) {
	began := time.Now()
	r, err := m.Device.Scan(ctx, s, scan)
	if err == nil {
		m.note("scan", r.Bytes, r.Ops, began)
		if m.overlap != nil && scan.K > 0 {
			err = m.overlap.scan(ctx, m.Device, s, scan)
		}
	}
	return r, err
}

// Gram notes a pass; an operation is a multiplication or an addition of the symmetric half.
func (m *meter) Gram(ctx context.Context, s kernels.Source) (*kernels.Sym64, error) {
	began := time.Now()
	g, err := m.Device.Gram(ctx, s)
	if err == nil {
		m.note("gram", rowBytes(s), gramOps(s.Len(), s.Layout().Width), began)
	}
	return g, err
}

// meteredMultiplier is a meter of a device that hands out scores.
type meteredMultiplier struct {
	*meter
	inner kernels.Multiplier
}

// Multiply notes a pass.
func (m meteredMultiplier) Multiply(ctx context.Context, s kernels.Source, queries kernels.Matrix, metric kernels.Metric, emit func(int64, kernels.Matrix) error) error {
	began := time.Now()
	err := m.inner.Multiply(ctx, s, queries, metric, emit)
	if err == nil {
		m.note("multiply", rowBytes(s), scanOps(s.Len(), queries.Rows, s.Layout().Width), began)
	}
	return err
}

// meteredFactored is a meter of a device that also scans factored rows.
type meteredFactored struct {
	meteredMultiplier
	scanner kernels.FactoredScanner
}

// ScanFactored notes a pass.
func (m meteredFactored) ScanFactored(ctx context.Context, s kernels.Source, q kernels.FactoredQueries, scan kernels.Scan) (*kernels.Result, error) {
	began := time.Now()
	r, err := m.scanner.ScanFactored(ctx, s, q, scan)
	if err == nil {
		m.note("scan-factored", r.Bytes, r.Ops, began)
		if m.overlap != nil && scan.K > 0 {
			err = m.overlap.factored(ctx, m.scanner, s, q, scan)
		}
	}
	return r, err
}

// metered wraps a device; what it did is in the meter.
func metered(d kernels.Device) (kernels.Device, *meter) {
	m := &meter{Device: d}
	inner, ok := d.(kernels.Multiplier)
	if !ok {
		return m, m
	}
	if scanner, ok := d.(kernels.FactoredScanner); ok {
		return meteredFactored{meteredMultiplier{m, inner}, scanner}, m
	}
	return meteredMultiplier{m, inner}, m
}

func rowBytes(s kernels.Source) int64 { return s.Len() * s.Layout().RowBytes() }

func scanOps(n int64, queries, width int) int64 { return 2 * n * int64(queries) * int64(width) }

func gramOps(n int64, width int) int64 { return n * int64(width) * int64(width+1) }
