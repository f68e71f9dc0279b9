package cuda

import (
	"errors"

	"attrib/kernels/cuda/driver"
)

// Adopted is a context that the program already has, for [Adopt].
type Adopted struct {
	Ordinal int     // the card of the context, as in "cuda:0"
	Context uintptr // CUcontext; it must not be destroyed before the Device is closed
	Stream  uintptr // CUstream of that context; 0 when the program has none of its own
}

// Adopt is [New] on one card over a context that the program already has: both work in it at the same time, and memory
// of the one can be read by the other ([OnCard]). A call of the device begins when all is done that was put into Stream
// before, or into the whole context when Stream is 0; when it returns, nothing of it runs there any more, and up to a
// thirty-second of the card's memory is kept for the next call. Close gives that back and leaves the context and the
// stream as they are.
func Adopt(a Adopted, o Options) (Device, error) {
	if len(o.Devices) > 0 {
		return nil, errors.New("option Devices is for devices of their own, not for a context that is adopted")
	}
	if err := o.Validate(); err != nil {
		return nil, err
	}
	lib, err := driver.Open()
	if err != nil {
		return nil, err
	}
	d := &device{Options: o}
	d.Devices = []int{a.Ordinal}
	card, err := lib.Device(a.Ordinal)
	if err != nil {
		return nil, err
	}
	g, err := adoptGPU(card, a, d.Arch)
	if err != nil {
		return nil, err
	}
	if err := d.take(g); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	d.defaults()
	return d, nil
}

func adoptGPU(card *driver.Device, a Adopted, arch int) (*gpu, error) {
	ctx, err := card.Adopt(a.Context)
	if err != nil {
		return nil, err
	}
	g := newGPU(card, ctx, arch, adoptedShare)
	g.before = ctx.Synchronise
	if a.Stream == 0 {
		return g, nil
	}
	s, err := ctx.AdoptStream(a.Stream)
	if err != nil {
		return nil, errors.Join(err, g.close())
	}
	g.before, g.program = nil, s
	return g, nil
}

// follow lets what is put into a stream from now on wait for what the program has put into its own.
func (g *gpu) follow(s *driver.Stream) error {
	if g.before != nil {
		return g.before()
	}
	if g.program == nil {
		return nil
	}
	e, err := g.ctx.NewEvent(false)
	if err != nil {
		return err
	}
	return errors.Join(g.program.Record(e), s.Wait(e), e.Close())
}
