package cuda

import (
	"context"
	"errors"

	"attrib/kernels"
)

// Gram is not there yet.
func (d *device) Gram(ctx context.Context, s kernels.Source) (*kernels.Sym64, error) {
	return nil, errors.New("cuda: no Gram yet")
}
