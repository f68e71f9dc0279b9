// Package cpu is the device that runs everywhere, on all cores: generated assembly for AVX-512 and AVX2, plain Go
// elsewhere.
//
// [New] gives a kernels.Device (and kernels.Multiplier, kernels.FactoredScanner); close it when done.
//
// # Method
//
// Rows are read in tiles that workers take in turn. Inside a tile, chunks of rows meet packs of queries: 6 rows × 64
// queries at a time in registers (AVX-512; 6 × 16 with AVX2), as in Goto and van de Geijn, "Anatomy of high-performance
// matrix multiplication" (2008). Rows are read where they lie; queries are packed once. For one to four queries a lane is a
// row instead, transposed in registers: that is bound by memory. The scores of a chunk are folded while they are in
// cache: vectors compare them with the last score of each list, so that Go sees only rows that may enter one, and round
// them to integers that are added to the sums of the row's group. Memory is workers × (tile + results), whatever the
// number of rows; a result has the queries of a pack in whole vectors.
//
// Factored rows meet factored queries layer by layer and position by position: two products of the kinds above, and
// their product added to the chunk's scores. A layer whose positions make that dearer than In·Out is multiplied out, a
// chunk at a time.
//
// The assembly is made by kernels/internal/asmgen. [Options].Path and ATTRIB_CPU ask for a lower path.
//
// # Arithmetic
//
// With vectors ("float32-fma-runs-512") a product q·g is a chain of fused multiply-adds, column after column, over runs
// of 512 columns; the sums of the runs are added one after the other. Both vector paths give these bits, for any number
// of queries. L2 does the same with squared differences, which does not cancel for near duplicates. Cosine multiplies the
// product of the unit query and the row by 1/‖g‖; norms are added up in float64, and rows of an extreme norm are first
// multiplied by a power of two.
//
// Plain Go ("float32-runs-256") has runs of 256 and rounds products before they are added, also on machines that could
// fuse, so the bits are the same on every architecture; for Cosine it normalises queries and rows first.
//
// A score of factored rows is a float32 chain over layers, then positions of the row, then of the query, from zero: a
// fused multiply-add of the two products with vectors, a rounded product and a sum in plain Go; a layer that is
// multiplied out is one step. With m steps the error is at most about (m + In + Out)·2⁻²⁴ of Σ‖a‖‖a'‖‖d‖‖d'‖, the sum
// over those pairs; for one position that sum is at most ‖q‖‖g‖. Cosine multiplies by 1/‖g‖, added up in float64; rows
// with a norm outside 2⁻⁴⁰ … 2⁴⁰ are compared in float64.
//
// The rounding error is that of Higham, "Accuracy and Stability of Numerical Algorithms" (2002), section 4.2, for sums
// in blocks.
//
// # Sketches
//
// ScanSketch multiplies bytes and adds the products in 32 bits, exactly: with VPDPBUSD (AVX-512 VNNI or AVX-VNNI), or with
// VPMADDUBSW for queries of 31 levels, whose sums of four products fit 16 bits. The last score of a query's candidates is
// its threshold, as in a scan. Candidates are then scanned as rows of their own, 16 queries at a time, so their scores
// have the bits of Scan. Which rows are candidates may depend on the form of the products, not on workers or tiles; a
// query may also profit from the candidates of the queries beside it.
//
// # Failure modes
//
// A row that is not finite, or a score that does not fit, ends the scan with the lowest such row. Vectors look at rows
// only when a score is not finite: every score of a row with a NaN or an infinity is a NaN or an infinity. A scan sees a
// cancelled context within one chunk of rows. What is wrong with ATTRIB_CPU is an error of Scan
// and Multiply.
package cpu
