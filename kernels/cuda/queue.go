package cuda

import (
	"errors"
	"fmt"

	"attrib/kernels/cuda/driver"
)

// launcher runs kernels one after the other.
type launcher interface {
	launch(k kernel, grid driver.Dim, args ...any) error
}

// queue is a card's stream as a launcher.
type queue struct {
	*work
	stream *driver.Stream
}

func (w *work) queue() (queue, error) {
	s, err := w.stream()
	return queue{w, s}, err
}

// launch lets a kernel have all the shared memory there is: how much it wants differs from call to call, and what one call
// allows must not be too little for another that is under way.
func (q queue) launch(k kernel, grid driver.Dim, args ...any) error {
	f, err := q.gpu.kernel(k.source, k.name, k.shared)
	if err != nil {
		return err
	}
	if k.shared > 48<<10 {
		if err := f.AllowShared(max(k.shared, q.card.Info().SharedPerBlock)); err != nil {
			return err
		}
	}
	return q.stream.Launch(f, driver.Launch{Grid: grid, Block: driver.Dim{X: uint32(k.threads)}, Shared: uint32(k.shared)}, driver.Args(args...))
}

// room allocates several pieces of memory.
func (w *work) room(bytes ...int64) ([]*driver.Memory, error) {
	var out []*driver.Memory
	var errs []error
	for _, n := range bytes {
		m, err := w.alloc(max(n, 16))
		out, errs = append(out, m), append(errs, err)
	}
	return out, first(errs...)
}

// within refuses what a call holds of a card beyond the option MemoryLimit.
func (d *device) within(w *work) error {
	if d.MemoryLimit > 0 && w.held > d.MemoryLimit {
		return fmt.Errorf("%w: %d bytes are wanted of %d", driver.ErrOutOfMemory, w.held, d.MemoryLimit)
	}
	return nil
}

// belt brings data to a card through two pinned buffers while the piece before is worked on.
type belt struct {
	queue
	copies *driver.Stream
	slots  [2]beltSlot
	turn   int
}

type beltSlot struct {
	host         *driver.Pinned
	mem          *driver.Memory
	copied, used *driver.Event
}

func (w *work) belt(bytes int64) (*belt, error) {
	b := &belt{}
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	q, err := w.queue()
	note(err)
	b.queue = q
	b.copies, err = w.stream()
	note(err)
	for i := range b.slots {
		s := &b.slots[i]
		s.host, err = w.pinned(bytes)
		note(err)
		s.mem, err = w.alloc(bytes)
		note(err)
		s.copied, err = w.event()
		note(err)
		s.used, err = w.event()
		note(err)
	}
	return b, first(errs...)
}

// carry fills a buffer, copies its first bytes to the card and has them used: fill says how many, use puts kernels into
// the queue.
func (b *belt) carry(fill func(host []byte) (int, error), use func(m *driver.Memory) error) error {
	s := &b.slots[b.turn]
	b.turn ^= 1
	if err := s.copied.Synchronise(); err != nil {
		return err
	}
	n, err := fill(s.host.Bytes())
	if err != nil {
		return err
	}
	if err := first(b.copies.Wait(s.used), b.copies.CopyIn(s.mem, 0, s.host.Bytes()[:n]), b.copies.Record(s.copied), b.stream.Wait(s.copied)); err != nil {
		return err
	}
	return first(use(s.mem), b.stream.Record(s.used))
}

// smaller tries with ever smaller pieces while memory is short: work gets how many units a piece may have.
func (d *device) smaller(g *gpu, what string, most, least int64, work func(units int64) error) error {
	for n := most; ; n = max(least, n/2) {
		err := work(n)
		if !errors.Is(err, driver.ErrOutOfMemory) || n <= least {
			return err
		}
		g.pool.release()
		d.note("%s: pieces of %d %s, since memory was short", g, max(least, n/2), what)
	}
}
