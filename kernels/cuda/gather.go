package cuda

import (
	"errors"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// gatherArgs is GatherArgs of scan_gather.cu.
type gatherArgs struct {
	From, To, Rows driver.Pointer
	Stride, Count  int64
	Pieces         int32
	_              int32
}

// onCard is the same rows as a source on the card, when that is where they lie and there is memory for a copy of them;
// otherwise it is g. done gives the copy back.
func (g *gathered) onCard(d *device) (rows kernels.Source, done func() error, err error) {
	s, ok := g.Source.(*cardSource)
	if !ok || !s.fits() {
		return g, func() error { return nil }, nil
	}
	c, err := s.gather(d, g.rows)
	if errors.Is(err, driver.ErrOutOfMemory) {
		return g, func() error { return nil }, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return c, c.Close, nil
}

// gather copies some rows within the card. What they take counts with what the call holds (job.budget).
func (s *cardSource) gather(d *device, rows []int64) (c *cardSource, err error) {
	w := s.gpu.work()
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	row := int64(s.Width * s.Type.Size())
	if limit := d.MemoryLimit; limit > 0 && sizeClass(row*int64(len(rows))) > limit/2 { // the other half is for tiles
		return nil, driver.ErrOutOfMemory
	}
	c = &cardSource{CardRows: s.CardRows, work: w}
	c.Rows, c.Stride, c.Scale = int64(len(rows)), row, nil
	if c.reads, err = w.stream(); err != nil {
		return nil, err
	}
	if c.rows, err = w.alloc(row * c.Rows); err != nil {
		return nil, err
	}
	c.Address = c.rows.Pointer()
	which, err := upload(w, c.reads, rows)
	if err != nil {
		return nil, err
	}
	if s.Scale != nil {
		for _, i := range rows {
			c.Scale = append(c.Scale, s.Scale[i])
		}
		if c.scales, err = upload(w, c.reads, c.Scale); err != nil {
			return nil, err
		}
	}
	a := gatherArgs{From: s.rows.Pointer(), To: c.rows.Pointer(), Rows: which.Pointer(), Stride: s.Stride, Count: c.Rows, Pieces: int32(row / 16)}
	err = errors.Join(w.launch(c.reads, kernel{"scan_gather", "scan_gather", 256, 0}, driver.Dim{X: uint32(min(c.Rows, int64(16*s.card.Info().Multiprocessors)))}, a), c.reads.Synchronise())
	return c, err
}
