package cuda

import (
	"errors"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"attrib/kernels/cuda/driver"
)

// pool keeps memory of a card, pinned memory of the host, streams and events that a call has done with for the next one: the driver
// takes a tenth of a millisecond and more for each piece, and holds up all streams to free one.
//
// A piece comes back only after the whole context was waited for (work.close), so nothing uses it any more, in whatever
// stream. It is used again for requests of its own size class. At most a share of the card's memory lies idle, that which
// came back last; what is idle goes to the driver when the driver has no memory for any device of the card, and when the context is
// closed.
type pool struct {
	ctx *driver.Context

	mu     sync.Mutex
	memory idle[*driver.Memory]
	pinned idle[*driver.Pinned]

	streams []*driver.Stream // with nothing in them
	events  []*driver.Event  // that have happened
}

// spares is how many streams, and how many events, wait for the next call at most. One that makes ten of them waits a
// tenth of a millisecond for the driver.
const spares = 64

// pools are those of all devices that are open: several may be on one card, whose memory is one.
var pools struct {
	sync.Mutex
	open     []*pool
	released atomic.Int64 // how often idle memory was given to the driver, by any of them
}

// idle is pieces that nobody uses, the oldest first.
type idle[T interface{ Close() error }] struct {
	pieces []T
	sizes  []int64
	bytes  int64
	most   int64
}

// newPool keeps up to a share of the card's memory, and as much of the host's up to a share of 4 GiB.
func newPool(ctx *driver.Context, memory uint64, share int64) *pool {
	p := &pool{ctx: ctx}
	p.memory.most = int64(memory) / share
	p.pinned.most = min(p.memory.most, 4<<30/share)
	pools.Lock()
	defer pools.Unlock()
	pools.open = append(pools.open, p)
	return p
}

// forget is for a pool whose context is closed next.
func (p *pool) forget() {
	pools.Lock()
	defer pools.Unlock()
	pools.open = slices.DeleteFunc(pools.open, func(o *pool) bool { return o == p })
}

// ofCard are the pools of the same card.
func (p *pool) ofCard() (out []*pool) {
	pools.Lock()
	defer pools.Unlock()
	for _, o := range pools.open {
		if o.ctx.Device().Info().Ordinal == p.ctx.Device().Info().Ordinal {
			out = append(out, o)
		}
	}
	return out
}

// Shares that may lie idle: one part in so many. A program whose context we work in allocates there too.
const (
	idleShare    = 4
	adoptedShare = 32
)

// Tests have every piece as long as was asked for, so that guards behind it are where they should be, and filled with
// poison when it comes back.
var exactPieces, poisonPieces bool

const poison = 0x7e

// sizeClass is the bytes of a piece that is to have so many: eight classes from one power of two to the next, and at
// least 512 bytes.
func sizeClass(n int64) int64 {
	if exactPieces {
		return n
	}
	if n <= 4096 {
		return roundUp(max(n, 1), 512)
	}
	return roundUp(n, int64(1)<<(bits.Len64(uint64(n-1))-4))
}

func (i *idle[T]) put(v T, size int64) {
	i.pieces, i.sizes = append(i.pieces, v), append(i.sizes, size)
	i.bytes += size
}

// take is the piece of that size that came last.
func (i *idle[T]) take(size int64) (v T, ok bool) {
	for n := len(i.sizes) - 1; n >= 0; n-- {
		if i.sizes[n] == size {
			return i.remove(n), true
		}
	}
	return v, false
}

func (i *idle[T]) remove(n int) T {
	v := i.pieces[n]
	i.bytes -= i.sizes[n]
	i.pieces, i.sizes = append(i.pieces[:n], i.pieces[n+1:]...), append(i.sizes[:n], i.sizes[n+1:]...)
	return v
}

// shrink gives the oldest to the driver while there are more bytes.
func (i *idle[T]) shrink(most int64) error {
	var errs []error
	for len(i.pieces) > 0 && i.bytes > most {
		errs = append(errs, i.remove(0).Close())
	}
	return errors.Join(errs...)
}

// alloc is a piece of memory of a size class; its content is whatever was there.
func (p *pool) alloc(size int64) (*driver.Memory, error) {
	return obtain(p, &p.memory, size, func() (*driver.Memory, error) { return p.ctx.Alloc(uint64(size)) })
}

// allocHost is a piece of pinned memory.
func (p *pool) allocHost(size int64) (*driver.Pinned, error) {
	return obtain(p, &p.pinned, size, func() (*driver.Pinned, error) { return p.ctx.AllocHost(int(size)) })
}

func obtain[T interface{ Close() error }](p *pool, i *idle[T], size int64, fresh func() (T, error)) (T, error) {
	p.mu.Lock()
	v, ok := i.take(size)
	p.mu.Unlock()
	if ok {
		return v, nil
	}
	before := pools.released.Load()
	v, err := fresh()
	if errors.Is(err, driver.ErrOutOfMemory) && (p.release() || pools.released.Load() != before) { // another call may have been first
		return fresh()
	}
	return v, err
}

// release gives all that is idle on the card to the driver and says whether there was anything.
func (p *pool) release() bool {
	any := false
	for _, o := range p.ofCard() {
		any = o.empty() || any
	}
	if any {
		pools.released.Add(1)
	}
	return any
}

// empty is release of this pool alone.
func (p *pool) empty() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	any := len(p.memory.pieces)+len(p.pinned.pieces) > 0
	for _, i := range []interface{ shrink(int64) error }{&p.memory, &p.pinned} {
		_ = i.shrink(-1) // what cannot be freed shows in the next call
	}
	return any
}

// idleBytes is what lies idle of the card's memory.
func (p *pool) idleBytes() (bytes int64) {
	for _, o := range p.ofCard() {
		o.mu.Lock()
		bytes += o.memory.bytes
		o.mu.Unlock()
	}
	return bytes
}

// keepMemory takes back a piece that nothing uses any more.
func (p *pool) keepMemory(m *driver.Memory) error {
	if poisonPieces {
		s, err := p.ctx.NewStream()
		if err != nil {
			return errors.Join(err, m.Close())
		}
		if err := first(s.Fill(m, 0, m.Bytes(), poison), s.Synchronise(), s.Close()); err != nil {
			return errors.Join(err, m.Close())
		}
	}
	return keepPiece(p, &p.memory, m, int64(m.Bytes()))
}

func (p *pool) keepPinned(h *driver.Pinned, size int64) error {
	if poisonPieces {
		for i := range h.Bytes() {
			h.Bytes()[i] = poison
		}
	}
	return keepPiece(p, &p.pinned, h, size)
}

// obtainSpare is a stream or an event of an earlier call, or a fresh one.
func obtainSpare[T any](p *pool, from *[]T, fresh func() (T, error)) (T, error) {
	p.mu.Lock()
	n := len(*from)
	if n == 0 {
		p.mu.Unlock()
		return fresh()
	}
	defer p.mu.Unlock()
	v := (*from)[n-1]
	*from = (*from)[:n-1]
	return v, nil
}

// keepSpare takes back one that nothing waits for any more.
func keepSpare[T interface{ Close() error }](p *pool, to *[]T, v T) error {
	p.mu.Lock()
	full := len(*to) >= spares
	if !full {
		*to = append(*to, v)
	}
	p.mu.Unlock()
	if full {
		return v.Close()
	}
	return nil
}

func keepPiece[T interface{ Close() error }](p *pool, i *idle[T], v T, size int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	i.put(v, size)
	return i.shrink(i.most)
}
