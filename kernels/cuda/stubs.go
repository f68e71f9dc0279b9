package cuda

import (
	"context"
	"errors"

	"attrib/kernels"
)

func (d *device) ScanFactored(ctx context.Context, s kernels.Source, q kernels.FactoredQueries, scan kernels.Scan) (*kernels.Result, error) {
	return nil, errors.New("cuda: not yet")
}
func (d *device) ScanSketch(ctx context.Context, sketch, exact kernels.Source, scan kernels.Scan, o kernels.SketchOptions) (*kernels.Result, error) {
	return nil, errors.New("cuda: not yet")
}
