package driver

import (
	"fmt"
	"runtime"
)

// Dim is an extent; zeros count as ones.
type Dim struct{ X, Y, Z uint32 }

func (d Dim) filled() [3]uintptr {
	return [3]uintptr{uintptr(max(d.X, 1)), uintptr(max(d.Y, 1)), uintptr(max(d.Z, 1))}
}

// Launch says how a kernel is run: blocks, threads per block, and bytes of dynamic shared memory.
type Launch struct {
	Grid, Block Dim
	Shared      uint32
}

// Launch puts a kernel into the stream. The parameters are copied before it returns; nil stands for none. Whether the
// kernel went well shows at the next synchronisation.
func (s *Stream) Launch(f *Function, l Launch, p *Params) error {
	h, err := s.use()
	if err != nil {
		return err
	}
	if f.module.context.device.handle != s.context.device.handle {
		return fmt.Errorf("%s: kernel %s is of %s", s.context.device, f.name, f.module.context.device)
	}
	if err := p.check(f); err != nil {
		return fmt.Errorf("%s: kernel %s: %w", s.context.device, f.name, err)
	}
	if _, err := s.context.use("module "+f.module.name, &f.module.handle); err != nil {
		return err
	}
	var pins runtime.Pinner // the driver finds the values through an array
	defer pins.Unpin()
	grid, block := l.Grid.filled(), l.Block.filled()
	return s.context.detailed(cuLaunchKernel, l.text(f), f.handle, grid[0], grid[1], grid[2], block[0], block[1], block[2],
		uintptr(l.Shared), h, uintptr(p.pin(&pins)), 0)
}

func (l Launch) text(f *Function) string {
	g, b := l.Grid.filled(), l.Block.filled()
	return fmt.Sprintf("kernel %s, grid %d×%d×%d, block %d×%d×%d, %d bytes shared", f.name, g[0], g[1], g[2], b[0], b[1], b[2], l.Shared)
}
