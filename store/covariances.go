package store

import (
	"fmt"
	"path/filepath"

	"attrib/internal/runfile"
	"attrib/internal/safetensors"
	"attrib/kernels"
)

const covariancesFile = "covariances.safetensors"

// checkCovariances verifies the file's hash and its tensors.
func (s *Store) checkCovariances() error {
	c := s.header.Covariances
	if c == nil {
		return nil
	}
	path := filepath.Join(s.dir, c.File)
	sum, err := runfile.HashFile(path)
	if err != nil {
		return err
	}
	if sum != c.SHA256 {
		return fmt.Errorf("%s: SHA-256 is %s, the header says %s: the file was changed or cut short", path, sum, c.SHA256)
	}
	_, tensors, err := safetensors.ReadFile(path)
	if err != nil {
		return err
	}
	if want := 2 * len(s.header.Layout.Layers); len(tensors) != want {
		return fmt.Errorf("%s: %d tensors, want %d", path, len(tensors), want)
	}
	for i := range s.header.Layout.Layers {
		if _, _, err := s.covariances(tensors, i); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// Covariances are Σ a aᵀ (in×in) and Σ d dᵀ (out×out) of a layer of a factored store, over all rows and positions: sums, not
// means. Both are nil in a store that has none.
func (s *Store) Covariances(layer int) (a, d *kernels.Sym64, err error) {
	if s.header.Covariances == nil {
		return nil, nil, nil
	}
	path := filepath.Join(s.dir, covariancesFile)
	_, tensors, err := safetensors.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	if a, d, err = s.covariances(tensors, layer); err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return a, d, err
}

func (s *Store) covariances(tensors []safetensors.Tensor, layer int) (a, d *kernels.Sym64, err error) {
	l := s.header.Layout.Layers[layer]
	if a, err = symmetric(tensors, "A."+l.Name, l.In); err != nil {
		return nil, nil, err
	}
	d, err = symmetric(tensors, "D."+l.Name, l.Out)
	return a, d, err
}

func symmetric(tensors []safetensors.Tensor, name string, n int) (*kernels.Sym64, error) {
	for _, t := range tensors {
		if t.Name != name {
			continue
		}
		if err := t.CheckShape(safetensors.F64, int64(n), int64(n)); err != nil {
			return nil, err
		}
		v, err := safetensors.Values[float64](t)
		m := &kernels.Sym64{N: n, Data: v}
		for i := range n {
			for j := range i {
				if err == nil && m.At(i, j) != m.At(j, i) {
					err = fmt.Errorf("tensor %q is not symmetric, or not finite, at (%d, %d)", name, i, j)
				}
			}
		}
		return m, err
	}
	return nil, fmt.Errorf("tensor %q is missing", name)
}
