package cuda

import (
	"fmt"

	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// The shared memory of scan_wgmma.cu.
const (
	wgmmaHead      = 1024 + 2*256*4 + 8*16*32*4
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
	x := wgmmaBlocks(queries, in.layout.Width, info.SharedPerBlock)
	if x == nil {
		return nil, nil
	}
	x.grid = info.Multiprocessors
	var err error
	x.maps, err = in.queries.EncodeTiled(0, in.tensor(roundUp(queries, panelQueries), in.qStride, x.queries))
	return x, err
}

// wgmmaBlocks chooses the queries of a block and the stages of its ring; nil when there is too little shared memory. The
// queries of blocks of 64 or 128 may stay in shared memory, so that rows alone come from the second-level cache: 32 bytes
// a cycle of a multiprocessor at the rate of its tensor cores. Where 128 do not fit, blocks of 256 have both come, which is
// 48 bytes for 128 x 256 products, and 64 for 128 x 128: more than that cache gives (about 39 for each multiprocessor of an
// H100).
func wgmmaBlocks(queries, width, shared int) *wgmma {
	left := shared - wgmmaHead
	for _, b := range []int{64, 128, 256} {
		stage, kept := wgmmaRowBytes, int(blocks(width, wgmmaColumns))*b*wgmmaColumns*2
		x := &wgmma{kernel: kernel{"scan_wgmma", fmt.Sprintf("scan_wgmma_%dx%d", wgmmaRows, b), 384, 0}, queries: b, resident: 1}
		if b == 256 || kept+wgmmaLeastFree*stage > left {
			stage, kept, x.resident = stage+b*wgmmaColumns*2, 0, 0
		}
		if b < queries && (b == 64 || b == 128 && x.resident == 0) {
			continue
		}
		x.stages = int32(min(wgmmaMost, (left-kept)/stage))
		x.shared = wgmmaHead + kept + int(x.stages)*stage
		if x.stages >= 2 {
			return x
		}
	}
	return nil
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
		if err := in.launchForm(n, a); err != nil {
			return err
		}
		a.Folds.When = 2
	}
	m, at, stride := in.where(t, lo)
	rows, err := m.EncodeTiled(uint64(at), in.tensor(n, stride, wgmmaRows))
	if err == nil {
		grid := turns(blocks(n, wgmmaRows), blocks(int(a.Folds.Queries), x.queries), uint32(x.grid))
		err = in.launch(in.compute, x.kernel, driver.Dim{X: grid}, *rows, *x.maps, a, x.stages, x.resident)
	}
	if err != nil && a.Folds.When != 0 { // the first launch may have counted the rows: they must not be tried again
		return fmt.Errorf("%s: %v", in.gpu, err)
	}
	return err
}
