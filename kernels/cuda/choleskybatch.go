package cuda

import (
	"context"
	"errors"
	"fmt"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// smallArgs is SmallArgs of choleskysmall.cuh.
type smallArgs struct {
	Gram, Cross, Coalition, Factor, Solution, Info, Scratch driver.Pointer
	Ridge                                                   float64
	N, M, Players, Count                                    int32
}

// smallBytes is the shared memory of a block without its matrix, and the matrix.
func smallBytes(n, m, players, size int) (beside, matrix int) {
	width := 16
	if size == 8 {
		width = 8
	}
	beside = (width*(roundUp(n+m, 16)+4)+16*17)*size + roundUp((players+2)*4, 16)
	return beside, (n + m) * (n | 1) * size
}

func smallThreads(n int) int {
	switch {
	case n <= 32:
		return 64
	case n <= 64:
		return 128
	}
	return 256
}

// launchSmall factors Count matrices in so many blocks; with scratch they are held there.
func launchSmall(l launcher, a smallArgs, double bool, grid int) error {
	name, size := "cholesky_small_f32", 4
	if double {
		name, size = "cholesky_small_f64", 8
	}
	shared, matrix := smallBytes(int(a.N), int(a.M), int(a.Players), size)
	if a.Scratch == 0 {
		shared += matrix
	}
	return l.launch(kernel{"cholesky", name, smallThreads(int(a.N)), shared}, driver.Dim{X: uint32(grid)}, a)
}

// RidgeCoalitions solves the ridge regressions of many coalitions on the first card, in float32.
func (d *device) RidgeCoalitions(ctx context.Context, r kernels.Ridge[float32]) ([]int32, error) {
	return ridge(ctx, d, r)
}

// RidgeCoalitions64 is RidgeCoalitions in float64.
func (d *device) RidgeCoalitions64(ctx context.Context, r kernels.Ridge[float64]) ([]int32, error) {
	return ridge(ctx, d, r)
}

const (
	ridgeMost    = 512 // rows of a matrix
	ridgeResults = 64 << 20
)

func checkRidge[T float32 | float64](r kernels.Ridge[T]) error {
	var errs []error
	bad := func(format string, a ...any) { errs = append(errs, fmt.Errorf("ridge: "+format, a...)) }
	if r.N < 1 || r.N > ridgeMost || r.M < 0 || r.M > ridgeMost || r.Players < 1 || r.Count < 0 {
		bad("%d×%d matrices with %d right-hand sides, %d players and %d coalitions: want 1 to %d rows and up to %d sides", r.N, r.N, r.M, r.Players, r.Count, ridgeMost, ridgeMost)
		return errors.Join(errs...)
	}
	words := (r.Players + 63) / 64
	for _, v := range []struct {
		name      string
		got, want int
	}{{"numbers of Gram matrices", len(r.Gram), r.Players * r.N * r.N}, {"of right-hand sides", len(r.Cross), r.Players * r.M * r.N},
		{"words of coalitions", len(r.Coalitions), r.Count * words}, {"of solutions", len(r.Solution), r.Count * r.M * r.N}} {
		if v.got != v.want {
			bad("%d %s, want %d", v.got, v.name, v.want)
		}
	}
	if r.Factor != nil && len(r.Factor) != r.Count*r.N*r.N {
		bad("%d numbers of factors, want %d or none", len(r.Factor), r.Count*r.N*r.N)
	}
	if !(r.Ridge >= 0) || r.Ridge > 1e300 {
		bad("ridge %v, want a number of at least 0", r.Ridge)
	}
	if rest := r.Players % 64; rest != 0 && len(r.Coalitions) == r.Count*words {
		for i := range r.Count {
			if r.Coalitions[(i+1)*words-1]>>rest != 0 {
				bad("coalition %d has a player beyond %d", i, r.Players)
				break
			}
		}
	}
	return errors.Join(errs...)
}

func ridge[T float32 | float64](ctx context.Context, d *device, r kernels.Ridge[T]) (info []int32, err error) {
	if err := checkRidge(r); err != nil || r.Count == 0 {
		return nil, err
	}
	size := driverSize[T]()
	each := int64(size*r.M*r.N + 4 + 8*((r.Players+63)/64))
	if r.Factor != nil {
		each += int64(size * r.N * r.N)
	}
	err = d.smaller(d.gpus[0], "coalitions", max(1, min(int64(r.Count), min(d.TileBytes, ridgeResults)/each)), 1, func(count int64) error {
		info, err = ridgeTiles(ctx, d, r, int(count))
		return err
	})
	return info, err
}

func driverSize[T float32 | float64]() int {
	var zero T
	return len(driver.Bytes([]T{zero}))
}

// ridgeWork is what a call holds of a card.
type ridgeWork[T float32 | float64] struct {
	*belt
	kernels.Ridge[T]
	args smallArgs
	mem  []*driver.Memory // factors, solutions, info
	grid int              // most blocks, where matrices are in global memory
}

// ridgeTiles does so many coalitions at a time.
func ridgeTiles[T float32 | float64](ctx context.Context, d *device, r kernels.Ridge[T], count int) (info []int32, err error) {
	work := d.gpus[0].work()
	defer func() { err = first(err, work.close()) }()
	w := &ridgeWork[T]{Ridge: r}
	if err := first(w.prepare(work, count), d.within(work)); err != nil {
		return nil, err
	}
	info = make([]int32, r.Count)
	for at := 0; at < r.Count; at += count {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := w.tile(at, min(count, r.Count-at), info); err != nil {
			return nil, err
		}
	}
	return info, nil
}

func (w *ridgeWork[T]) prepare(work *work, count int) (err error) {
	size, words := driverSize[T](), (w.Players+63)/64
	if w.belt, err = work.belt(int64(8 * words * count)); err != nil {
		return err
	}
	gram, err1 := upload(work, w.stream, w.Gram)
	cross, err2 := upload(work, w.stream, append(w.Cross[:len(w.Cross):len(w.Cross)], 0))
	if err := first(err1, err2); err != nil {
		return err
	}
	factors := 0
	if w.Factor != nil {
		factors = count * w.N * w.N * size
	}
	if w.mem, err = work.room(int64(factors), int64(count*w.M*w.N*size), int64(4*count)); err != nil {
		return err
	}
	w.args = smallArgs{Gram: gram.Pointer(), Cross: cross.Pointer(), Solution: w.mem[1].Pointer(), Info: w.mem[2].Pointer(),
		Ridge: w.Ridge.Ridge, N: int32(w.N), M: int32(w.M), Players: int32(w.Players)}
	if factors > 0 {
		w.args.Factor = w.mem[0].Pointer()
	}
	w.grid = 1 << 20
	beside, matrix := smallBytes(w.N, w.M, w.Players, size)
	if beside+matrix <= sharedOf(w.arch) {
		return nil
	}
	w.grid = 2 * 132
	scratch, err := work.alloc(int64(min(w.grid, count)) * int64(matrix))
	if err != nil {
		return err
	}
	w.args.Scratch = scratch.Pointer()
	return nil
}

// tile does coalitions at … at+n−1.
func (w *ridgeWork[T]) tile(at, n int, info []int32) error {
	words := (w.Players + 63) / 64
	err := w.carry(func(host []byte) (int, error) {
		return copy(host, driver.Bytes(w.Coalitions[at*words:(at+n)*words])), nil
	}, func(m *driver.Memory) error {
		a := w.args
		a.Coalition, a.Count = m.Pointer(), int32(n)
		return launchSmall(w, a, driverSize[T]() == 8, min(n, w.grid))
	})
	if err != nil {
		return err
	}
	err = errors.Join(w.stream.CopyOut(driver.Bytes(info[at:at+n]), w.mem[2], 0))
	if w.M > 0 {
		err = errors.Join(err, w.stream.CopyOut(driver.Bytes(w.Solution[at*w.M*w.N:(at+n)*w.M*w.N]), w.mem[1], 0))
	}
	if w.Factor != nil {
		err = errors.Join(err, w.stream.CopyOut(driver.Bytes(w.Factor[at*w.N*w.N:(at+n)*w.N*w.N]), w.mem[0], 0))
	}
	return err
}
