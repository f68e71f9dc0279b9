package cuda

import (
	"context"
	"errors"

	"attrib/kernels"
)

func (d *device) ScanFactored(ctx context.Context, s kernels.Source, q kernels.FactoredQueries, scan kernels.Scan) (*kernels.Result, error) {
	return nil, errors.New("cuda: not yet")
}
