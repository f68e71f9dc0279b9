package cuda

import (
	"errors"
	"fmt"
	"sync"

	"attrib/kernels/cuda/driver"
)

// trace is told of every kernel that a card is to run, for tests.
var trace func(source, name string, arch int)

// gpu is one card, ready for work. Its methods may be called by several goroutines.
type gpu struct {
	card *driver.Device
	ctx  *driver.Context
	arch int // of the kernels: 75, 80 or 90

	program *driver.Stream // whose work comes before ours, or
	before  func() error   // what waits for the program's work; see Adopt

	mu      sync.Mutex
	modules map[string]*driver.Module
	kernels map[string]*driver.Function

	launches map[string]int64 // by kernel

	pool *pool
}

// archs are those that kernels have forms for, newest first. A card takes the newest that its compute capability
// reaches; that of 9.0 runs on no other.
var archs = []int{90, 80, 75}

func archFor(capability int) int {
	for _, a := range archs {
		if a == capability || a < capability && a != 90 {
			return a
		}
	}
	return 0
}

func openGPU(card *driver.Device, arch int) (*gpu, error) {
	ctx, err := card.Context()
	if err != nil {
		return nil, err
	}
	return newGPU(card, ctx, arch, idleShare), nil
}

func newGPU(card *driver.Device, ctx *driver.Context, arch int, share int64) *gpu {
	if arch == 0 {
		arch = archFor(int(card.Info().Capability))
	}
	return &gpu{card: card, ctx: ctx, arch: arch, modules: map[string]*driver.Module{}, kernels: map[string]*driver.Function{}, launches: map[string]int64{},
		pool: newPool(ctx, card.Info().Memory, share)}
}

func (g *gpu) close() error {
	g.pool.forget()
	return g.ctx.Close()
}

// kernel finds a kernel of a source file, for a launch. One that wants more dynamic shared memory than cards give without being asked
// may have all there is.
func (g *gpu) kernel(source, name string, shared int) (*driver.Function, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.launches[name]++
	if f := g.kernels[name]; f != nil {
		return f, nil
	}
	m := g.modules[source]
	if m == nil {
		text, _, err := PTX(source, g.arch/10, g.arch%10)
		if err != nil {
			return nil, err
		}
		if m, err = g.ctx.Load(source, text); err != nil {
			return nil, err
		}
		g.modules[source] = m
	}
	f, err := m.Function(name)
	if err != nil {
		return nil, err
	}
	if shared > 48<<10 {
		if err := f.AllowShared(g.card.Info().SharedPerBlock); err != nil {
			return nil, err
		}
	}
	g.kernels[name] = f
	if trace != nil {
		trace(source, name, g.arch)
	}
	return f, nil
}

// kernel is a kernel and how it is launched.
type kernel struct {
	source, name string
	threads      int
	shared       int // bytes of dynamic shared memory
}

// work is what one call of the device holds of a card: memory and queues that are given back together.
type work struct {
	*gpu
	open []interface{ Close() error }
	held int64 // bytes of the card
}

func (g *gpu) work() *work { return &work{gpu: g} }

// lease is a piece of the pool's memory and what a call sees of it.
type lease struct {
	view, piece interface{ Close() error }
	size        int64        // of the card's memory
	keep        func() error // gives the piece back to the pool
}

// Close frees the piece.
func (l *lease) Close() error { return errors.Join(l.view.Close(), l.piece.Close()) }

// alloc is memory of the card; its content is whatever was there.
func (w *work) alloc(bytes int64) (*driver.Memory, error) {
	size := sizeClass(bytes)
	m, err := w.pool.alloc(size)
	if err != nil {
		return nil, err
	}
	v := w.ctx.AdoptMemory(m.Pointer(), uint64(bytes))
	w.held += size
	w.open = append(w.open, &lease{v, m, size, func() error { return w.pool.keepMemory(m) }})
	return v, nil
}

// pinned is memory of the host that the card copies from and to on its own.
func (w *work) pinned(bytes int64) (*driver.Pinned, error) {
	size := sizeClass(bytes)
	m, err := w.pool.allocHost(size)
	if err != nil {
		return nil, err
	}
	v := m.View(int(bytes))
	w.open = append(w.open, &lease{v, m, 0, func() error { return w.pool.keepPinned(m, size) }})
	return v, nil
}

func (w *work) stream() (*driver.Stream, error) {
	s, err := obtainSpare(w.pool, &w.pool.streams, w.ctx.NewStream)
	if s, err = keep(w, s, err); err != nil {
		return nil, err
	}
	return s, w.follow(s)
}

func (w *work) event() (*driver.Event, error) {
	e, err := obtainSpare(w.pool, &w.pool.events, func() (*driver.Event, error) { return w.ctx.NewEvent(false) })
	return keep(w, e, err)
}

func keep[T interface{ Close() error }](w *work, v T, err error) (T, error) {
	if err == nil {
		w.open = append(w.open, v)
	}
	return v, err
}

// upload is memory of the card with a copy of numbers.
func upload[T any](w *work, s *driver.Stream, v []T) (*driver.Memory, error) {
	b := driver.Bytes(v)
	m, err := w.alloc(int64(len(b)))
	if err != nil {
		return nil, err
	}
	return m, s.CopyIn(m, 0, b)
}

// download copies n numbers from the beginning of memory, when all that the stream was given before is done.
func download[T any](s *driver.Stream, m *driver.Memory, n int) ([]T, error) {
	v := make([]T, n)
	return v, s.CopyOut(driver.Bytes(v), m, 0)
}

// launch puts a kernel of so many blocks into a stream. args are its parameters (driver.Args).
func (w *work) launch(s *driver.Stream, k kernel, grid driver.Dim, args ...any) error {
	f, err := w.gpu.kernel(k.source, k.name, k.shared)
	if err != nil {
		return err
	}
	return s.Launch(f, driver.Launch{Grid: grid, Block: driver.Dim{X: uint32(k.threads)}, Shared: uint32(k.shared)}, driver.Args(args...))
}

// free gives memory to the driver before the rest is given back, since memory is short. The driver waits for what uses it.
func (w *work) free(view interface{ Close() error }) error {
	for i, o := range w.open {
		if l, ok := o.(*lease); ok && l.view == view {
			w.open = append(w.open[:i], w.open[i+1:]...)
			w.held -= l.size
			return l.Close()
		}
	}
	return view.Close()
}

// close waits for the card and gives everything back: what is certain not to be in use, to the pool.
func (w *work) close() error {
	err := w.ctx.Synchronise()
	errs := []error{err}
	for i := len(w.open) - 1; i >= 0; i-- {
		if err != nil {
			errs = append(errs, w.open[i].Close())
			continue
		}
		switch x := w.open[i].(type) {
		case *lease:
			errs = append(errs, x.view.Close(), x.keep())
		case *driver.Stream:
			errs = append(errs, keepSpare(w.pool, &w.pool.streams, x))
		case *driver.Event:
			errs = append(errs, keepSpare(w.pool, &w.pool.events, x))
		default:
			errs = append(errs, x.Close())
		}
	}
	w.open = nil
	return errors.Join(errs...)
}

// first is the first of errors that follow each other: what a card does not do after one only says so again.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// blocks is how many pieces of size per cover n.
func blocks(n, per int) uint32 { return uint32((n + per - 1) / per) }

// String names the card for messages.
func (g *gpu) String() string { return fmt.Sprintf("cuda:%d", g.card.Info().Ordinal) }
