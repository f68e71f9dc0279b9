package cuda

import (
	"fmt"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// The shared memory of scan_wgmma.cu.
const (
	wgmmaHead      = 2048 + 8*16*32*4
	wgmmaRows      = 128
	wgmmaColumns   = 64
	wgmmaRowBytes  = wgmmaRows * wgmmaColumns * 2
	wgmmaMost      = 16 // stages
	wgmmaLeastFree = 4  // stages that must be left for queries to be resident
)

// wgmma is the scan of bfloat16 rows on sm_90a.
type wgmma struct {
	kernel
	queries  int // of a block
	stages   int32
	resident int32
	grid     int // blocks at once
	maps     *driver.TensorMap
}

// wgmmaFor is nil when the card or the rows are not for it.
func (in *flat) wgmmaFor(queries int) (*wgmma, error) {
	info := in.gpu.card.Info()
	if in.gpu.arch != 90 || in.form.kind != kernels.TypeBF16 || in.layout.Type != kernels.TypeBF16 || !info.TensorMaps {
		return nil, nil
	}
	x := &wgmma{kernel: kernel{"scan_wgmma", "scan_wgmma_128x64", 384, 0}, queries: 64, grid: info.Multiprocessors}
	if queries > 64 {
		x.name, x.queries = "scan_wgmma_128x128", 128
	}
	chunks := (in.layout.Width + wgmmaColumns - 1) / wgmmaColumns
	perChunk := x.queries * wgmmaColumns * 2
	stage, left := wgmmaRowBytes, info.SharedPerBlock-wgmmaHead
	if chunks*perChunk+wgmmaLeastFree*stage <= left {
		x.resident, left = 1, left-chunks*perChunk
	} else {
		stage += perChunk
	}
	stages := min(wgmmaMost, left/stage)
	if stages < 2 {
		return nil, nil
	}
	x.stages, x.shared = int32(stages), info.SharedPerBlock-left+stages*stage
	var err error
	x.maps, err = in.queries.EncodeTiled(0, in.tensor(roundUp(queries, panelQueries), in.qStride, x.queries))
	return x, err
}

func (in *flat) tensor(lines int, stride int64, box int) driver.TensorLayout {
	return driver.TensorLayout{Type: driver.BFloat16, Sizes: []uint64{uint64(in.layout.Width), uint64(lines)}, Strides: []uint64{uint64(stride)},
		Box: []uint32{wgmmaColumns, uint32(box)}, Swizzle: driver.Swizzle128}
}

// scoreWgmma launches it. Rows of an extreme norm, which only the card knows of, are for the form's other kernel: which
// kernel has a row depends on the row alone.
func (in *flat) scoreWgmma(x *wgmma, t *slot, lo, n int, a scanArgs) error {
	if a.Shifted != 0 {
		a.Folds.When, a.Folds.Shift = 1, a.Rows.Shift
		k, grid := in.form.launch(n, int(a.Folds.Queries))
		if err := in.launch(in.compute, k, grid, a); err != nil {
			return err
		}
		a.Folds.When = 2
	}
	m, at, stride := in.where(t, lo)
	rows, err := m.EncodeTiled(uint64(at), in.tensor(n, stride, wgmmaRows))
	if err == nil {
		per := blocks(int(a.Folds.Queries), x.queries)
		grid := per * max(1, min(blocks(n, wgmmaRows), uint32(x.grid)/per))
		err = in.launch(in.compute, x.kernel, driver.Dim{X: grid}, *rows, *x.maps, a, x.stages, x.resident)
	}
	if err != nil && a.Folds.When != 0 { // the first launch may have counted the rows: they must not be tried again
		return fmt.Errorf("%s: %v", in.gpu, err)
	}
	return err
}
