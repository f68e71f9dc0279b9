package store

import (
	"context"
	"fmt"
	"math"

	"attrib/kernels"
)

// Check verifies a store as Open does and then reads every row: none may hold a NaN or an infinity, and the norms must be
// those that the header records.
func Check(ctx context.Context, dir string) error {
	s, err := Open(ctx, dir)
	if err != nil {
		return err
	}
	defer s.Close()
	for i, sh := range s.header.Shards {
		norm, err := kernels.MaxNorm(ctx, section{s, sh.Row0, sh.Rows})
		if err != nil {
			return fmt.Errorf("%s/%s: %w", dir, sh.File, err)
		}
		if math.Abs(norm-sh.MaxNorm) > 1e-6*norm { // another program adds up in another order
			return fmt.Errorf("%s/%s: shards[%d].maxNorm is %g, the rows say %g", dir, HeaderFile, i, sh.MaxNorm, norm)
		}
	}
	return nil
}

// Section is a run of the store's rows as a source of its own.
func (s *Store) Section(row0, n int64) kernels.Source { return section{s, row0, n} }

// section is a run of a store's rows.
type section struct {
	s       *Store
	row0, n int64
}

func (c section) Len() int64             { return c.n }
func (c section) Layout() kernels.Layout { return c.s.Layout() }
func (c section) Fault(at uintptr) error { return c.s.Fault(at) }

func (c section) Read(ctx context.Context, row0 int64, t *kernels.Tile) error {
	return c.s.Read(ctx, c.row0+row0, t)
}
