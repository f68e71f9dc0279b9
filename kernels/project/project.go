package project

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"attrib/internal/philox"
	"attrib/kernels"
	"attrib/kernels/simd"
)

// Matrix is a random matrix: its entries are a function of seed, number, row and column.
type Matrix struct {
	key    [2]uint32
	number [2]uint32
}

// New is the matrix of that number under a seed.
func New(seed [32]byte, number uint64) Matrix {
	var w [8]uint32
	for i := range w {
		w[i] = binary.LittleEndian.Uint32(seed[4*i:])
	}
	x := philox.Block([4]uint32{w[2], w[3], w[4], w[5]}, [2]uint32{w[0] ^ w[6], w[1] ^ w[7]})
	return Matrix{[2]uint32{w[0] ^ x[0], w[1] ^ x[1]}, [2]uint32{uint32(number) ^ x[2], uint32(number>>32) ^ x[3]}}
}

// Kind is how entries are distributed. All have mean 0 and variance 1/k in a projection to k numbers.
type Kind uint8

// The kinds.
const (
	Sign     Kind = iota // ±1/√k
	Gaussian             // normal, by a table of 8,192 values
	Sparse               // ±1/√s in s places of every column, 0 elsewhere (SJLT)
)

// String is the kind's name.
func (k Kind) String() string {
	if names := [...]string{"sign", "gaussian", "sparse"}; int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Options of a projection. The zero value is dense signs on all cores.
type Options struct {
	Kind     Kind
	Nonzeros int       // s of Sparse, at most the number of rows. Default: 4, or all rows where these are fewer
	Workers  int       // goroutines. Default: GOMAXPROCS
	Path     simd.Path // class of instructions. Default: [simd.Active]
}

func (o Options) validate(k int) error {
	var errs []error
	if k < 1 || int64(k) > math.MaxInt32 {
		errs = append(errs, fmt.Errorf("project: to %d numbers, want at least 1", k))
	}
	if o.Kind > Sparse {
		errs = append(errs, fmt.Errorf("project: unknown kind %v", o.Kind))
	}
	if o.Nonzeros < 0 || o.Nonzeros > k || o.Nonzeros > 0 && o.Kind != Sparse {
		errs = append(errs, fmt.Errorf("project: %d nonzeros a column of %v with %d rows", o.Nonzeros, o.Kind, k))
	}
	if o.Workers < 0 {
		errs = append(errs, fmt.Errorf("project: %d workers", o.Workers))
	}
	_, err := simd.Resolve(o.Path)
	return errors.Join(append(errs, err)...)
}

// Signs sets dst to entries 0 … len(dst)−1 of a row: +1 or −1.
func (m Matrix) Signs(row uint32, dst []float32) { m.maker(simd.Active()).entries(Sign, row, 0, dst) }

// Normals sets dst to entries 0 … len(dst)−1 of a row of normal numbers of variance 1.
func (m Matrix) Normals(row uint32, dst []float32) {
	m.maker(simd.Active()).entries(Gaussian, row, 0, dst)
}

// Apply projects the lines of x (n×w, F32) to k numbers each, by dense signs: Project with the zero Options. It panics where
// that is an error.
func (m Matrix) Apply(x kernels.Matrix, k int) kernels.Matrix {
	y, err := m.Project(x, k, Options{})
	if err != nil {
		panic(err)
	}
	return y
}

// TwoSided projects the factors of layer l of a network: activations a (lines × in) to kIn numbers by matrix 2l of the seed,
// output gradients d (lines × out) to kOut by matrix 2l+1. The gradient Dᵀ·A becomes P_out·Dᵀ·A·P_inᵀ without being made.
// Factors that are not wider than that are left as they are.
func TwoSided(seed [32]byte, layer int, a, d kernels.Matrix, kIn, kOut int, o Options) (pa, pd kernels.Matrix, err error) {
	pa, pd = a, d
	if a.Cols > kIn {
		if pa, err = New(seed, uint64(2*layer)).Project(a, kIn, o); err != nil {
			return pa, pd, err
		}
	}
	if d.Cols > kOut {
		pd, err = New(seed, uint64(2*layer+1)).Project(d, kOut, o)
	}
	return pa, pd, err
}
