package main

import (
	"context"
	"errors"
	"fmt"

	"attrib/bench/results"
	"attrib/kernels"
	"attrib/kernels/blas"
	"attrib/kernels/cuda"
	"attrib/kernels/cuda/driver"
	"attrib/kernels/project"
)

// device is the first card's, closed by done.
func (t *timer) device(o cuda.Options, work func(d cuda.Device) error) (err error) {
	o.Devices = []int{0}
	d, err := cuda.New(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return work(d)
}

// lacks is the error of a device without a capability.
func lacks(what string) error { return errors.New("the device has no " + what) }

// cholesky times ridge regressions of coalitions: sums of Gram matrices, factors and one solution each.
func (t *timer) cholesky() error {
	const players = 16
	n, count := t.size(128, 20), t.size(1_000_000, 50)
	r := kernels.Ridge[float32]{N: n, M: 1, Players: players, Ridge: 1, Count: count, Coalitions: make([]uint64, count),
		Gram: make([]float32, players*n*n), Cross: uniform(players*n, 1), Solution: make([]float32, count*n)}
	for p := range players {
		v := uniform(n, uint64(2+p))
		for i := range n * n {
			r.Gram[p*n*n+i] = v[i/n] * v[i%n]
		}
	}
	for i := range r.Coalitions {
		r.Coalitions[i] = uint64(i) * 40503 % (1 << players)
	}
	return t.device(cuda.Options{}, func(d cuda.Device) error {
		s, ok := d.(kernels.RidgeSolver)
		if !ok {
			return lacks("ridge regressions")
		}
		seconds, err := t.time(func() error {
			_, err := s.RidgeCoalitions(context.Background(), r)
			return err
		})
		if err != nil {
			return err
		}
		return t.hand(results.Shape{Name: fmt.Sprintf("cholesky %d² × %d", n, count), Seconds: seconds, Sizes: map[string]int64{"n": int64(n), "count": int64(count)},
			Work:  fmt.Sprintf("%d coalitions of %d players: the sum of their %d×%d Gram matrices, its factor, one solution, to the host", count, players, n, n),
			Bytes: 4 * float64(count) * float64(n), Ops: float64(count) * (float64(n*n*n)/3 + float64(players/2*n*n/2))})
	})
}

// projection times random signs that are never kept, of lines that lie on the card: brought from the host, their way would
// take longer than the products.
func (t *timer) projection() (err error) {
	lines, columns, k := t.size(128, 3), t.size(4_000_000, 3000), t.size(4096, 40)
	x, err := t.windows(driver.Bytes(uniform(min(lines*columns, 1<<24), 3)), lines*columns, 4)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	return t.device(cuda.Options{Precision: t.precision()}, func(d cuda.Device) (err error) {
		s, err := cuda.OnCard(d, cuda.CardRows{Address: x.Pointer(), Rows: int64(lines), Width: columns, Type: kernels.TypeF32})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		seconds, err := t.time(func() error {
			_, err := cuda.ProjectOnCard(context.Background(), d, project.New([32]byte{5}, 0), s, k, project.Options{})
			return err
		})
		if err != nil {
			return err
		}
		return t.hand(results.Shape{Name: fmt.Sprintf("projection %d × %d → %d", lines, columns, k), Seconds: seconds,
			Sizes: map[string]int64{"lines": int64(lines), "columns": int64(columns), "k": int64(k)},
			Work:  "lines on the card, rounded to two bytes, times random signs; projections to the host",
			Bytes: 4 * float64(lines) * float64(columns), Ops: 2 * float64(lines) * float64(columns) * float64(k)})
	})
}

// precision is that of tensor cores on the card.
func (t *timer) precision() cuda.Precision {
	if t.context.Device().Info().Capability < 80 {
		return cuda.F16
	}
	return cuda.BF16
}

// products times a layer of many small networks: products of a batch.
func (t *timer) products() error {
	models, batch, in, out := t.size(1024, 3), t.size(256, 20), t.size(512, 30), t.size(128, 10)
	operand := func(rows, cols int, stream uint64) blas.Batch {
		return blas.Batch{Matrix: blas.Dense(rows, cols, uniform(models*rows*cols, stream)), Step: rows * cols}
	}
	a, b, c := operand(batch, in, 1), operand(in, out, 2), operand(batch, out, 3)
	return t.device(cuda.Options{Precision: t.precision()}, func(d cuda.Device) error {
		g, ok := d.(interface {
			GemmBatch(ctx context.Context, count int, alpha float32, a, b blas.Batch, beta float32, c blas.Batch, o blas.Options) error
		})
		if !ok {
			return lacks("products of a batch")
		}
		seconds, err := t.time(func() error { return g.GemmBatch(context.Background(), models, 1, a, b, 0, c, blas.Options{}) })
		if err != nil {
			return err
		}
		return t.hand(results.Shape{Name: fmt.Sprintf("products %d × (%d×%d·%d×%d)", models, batch, in, in, out), Seconds: seconds,
			Sizes: map[string]int64{"models": int64(models), "batch": int64(batch), "in": int64(in), "out": int64(out)},
			Work:  "one layer of so many models, operands from the host and products back to it",
			Bytes: 4 * float64(models) * float64(batch*in+in*out+batch*out), Ops: 2 * float64(models) * float64(batch) * float64(in) * float64(out)})
	})
}
