// Package kernels does the arithmetic of attribution: it knows rows of numbers, not what they mean.
//
// A [Device] compares a block of queries with every row of a [Source] and keeps, in one pass, the best rows of each
// query and sums per group of rows. The two functions most callers need are Device.Scan and Device.Gram; package
// kernels/cpu has the device to use, kernels/ref the float64 oracle that every device is held against, and
// kernels/kernelstest the suite that does so.
//
// # Method
//
// A scan computes S = Q·Gᵀ for queries Q (q×w) and rows G (n×w), or its cosine or negative squared distance, and
// reduces it while it is produced: the q×n matrix is never written. Sources are read in tiles, so memory is bounded by
// workers × tile whatever n is. This is the fused similarity search of Johnson, Douze and Jégou, "Billion-scale
// similarity search with GPUs" (2017), with exact arithmetic for the sums added.
//
// # Determinism
//
// The bits of a score depend on the class of device ([Info].Arithmetic), the query's row and the sample's row. They do
// not depend on where a row stands, on tiles, on shards or on the number of workers. Scores are rounded once to whole
// multiples of 2^Unit and added as integers ([Rounder]), so sums have one value whatever the order. Ties of the best
// rows go to the lower row number.
//
// # Assumptions and failure modes
//
// Rows and queries are finite: a NaN or an infinity is a [*RowError] or a validation error that names the row. A score
// that overflows float32, or that does not fit the unit of the sums, is an error too, never a saturated number. Use
// [UnitFor] with a bound of the scores to choose the unit.
package kernels
