// Package cpu is the device that runs everywhere: plain Go, tiled, on all cores.
//
// [New] gives a kernels.Device (and kernels.Multiplier); close it when done.
//
// # Method
//
// Rows are read in tiles that workers take in turn. Inside a tile, panels of rows meet blocks of queries; the product
// is computed in register blocks of 3 queries × 3 rows (1 × 6 for left-over queries) and folded at once into each
// worker's best rows and integer sums. Memory is workers × (tile + results), whatever the number of rows.
//
// Every product q·g is added up in one order, whatever block it falls into: within runs of 256 elements one after the
// other in float32, the runs one after the other. Products are rounded before they are added, also on machines that could
// fuse, so the bits are the same on every architecture. Cosine normalises queries and rows to unit length first (norms
// in float64); L2 adds up squared differences, which does not cancel for near duplicates. The rounding error is that
// of Higham, "Accuracy and Stability of Numerical Algorithms" (2002), section 4.2, for sums in blocks.
//
// # Failure modes
//
// Rows of another type than F32 are refused by name. A row that is not finite ends the scan with the lowest such row.
// A scan sees a cancelled context within one panel of rows.
package cpu
