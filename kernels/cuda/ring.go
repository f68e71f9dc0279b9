package cuda

import (
	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// ring is a kernel of scan_mma.cu whose blocks take tiles of rows in turn: as many blocks as a card runs at once.
type ring struct {
	kernel
	queries int // of a block
	each    int // blocks of a multiprocessor
	stages  int32
}

const (
	ringManyQueries = 192     // from so many queries on, blocks of 256 do a third more than they need at most
	ringWidest      = 1 << 16 // columns of bytes whose sums fit 32 bits
)

// ringOf chooses the block and how many buffers of 128 bytes of every line it has, four at most. Blocks of 128 x 64, two on
// a multiprocessor, are for rows that memory limits: with four buffers 96 KiB are under way on each multiprocessor. They
// bring 24 KiB for 1 Mi products of bytes; 128 x 256 brings 48 KiB for 4 Mi, which the second-level cache can give at the
// rate of tensor cores.
func (f form) ringOf(queries, width int, info driver.Info, arch int) ring {
	const line, thresholds = 128, 2 * 4
	x := ring{kernel: f.wide, queries: 64, each: 2}
	room := min(info.SharedPerBlock, info.SharedPerSM/2-1024) // a block takes 1 KiB beside its own
	if queries >= ringManyQueries && arch >= 80 && (f.kind != kernels.TypeI8 || width <= ringWidest) {
		x.name, x.queries, x.each, room = f.wide.name+"_256", 256, 1, info.SharedPerBlock
	}
	stage := (f.rows + x.queries) * line
	stages := max(2, min(4, (room-thresholds*x.queries)/stage))
	x.stages, x.shared = int32(stages), stages*stage+thresholds*x.queries
	return x
}

// turns is the blocks of a launch that take tiles of rows in turn, as many for each block of queries, on a card that runs so many at
// once: all of them in one wave, or in up to four when that leaves notably fewer multiprocessors without a block, and every
// block still has several tiles.
func turns(tiles, queries, atOnce uint32) uint32 {
	const several = 8
	best, used := min(tiles, max(1, atOnce/queries)), 0.0
	for waves := uint32(1); waves <= 4; waves++ {
		each := waves * atOnce / queries
		if each == 0 || waves > 1 && tiles/each < several {
			continue
		}
		if use := float64(each*queries) / float64(waves*atOnce); use > used+0.05 {
			best, used = min(tiles, each), use
		}
	}
	return queries * best
}
