// Package speed times the kernels on the machine at hand, each beside the ceiling of the machine measured in the same
// moments, and beside what a user would use instead.
//
// [Run] does the work and gives a [Report]; [Start] starts the peers, libraries of Python and gonum, which get the same numbers.
//
// # Method
//
// A shape is timed in rounds. In each, every contestant runs once, in an order that turns from round to round, after a pause, since
// other libraries' threads go on spinning for a while, and after the ceiling was measured (multiply-adds that never leave the
// registers, in float32 or float64, products of bytes, or memory that is only read: package kernels/simd). Seconds are medians over
// rounds; the fraction of the ceiling is the median of the rounds' own fractions, so that a machine that is busy for a while slows
// both sides of it. What contestants found is compared: a peer that finds something else is an error.
//
// # Assumptions and failure modes
//
// All contestants use the same number of threads. Settings of OpenBLAS from outside, which choose its kernels, are dropped for the
// peers. A library that is not there is left out and said to be. On a shared machine single figures mean little, ratios within a
// report more.
package speed
