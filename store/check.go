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
		norm, err := kernels.MaxNorm(ctx, kernels.Section(s, sh.Row0, sh.Rows))
		if err != nil {
			return fmt.Errorf("%s/%s: %w", dir, sh.File, err)
		}
		if math.Abs(norm-sh.MaxNorm) > 1e-6*norm { // another program adds up in another order
			return fmt.Errorf("%s/%s: shards[%d].maxNorm is %g, the rows say %g", dir, HeaderFile, i, sh.MaxNorm, norm)
		}
	}
	return nil
}
